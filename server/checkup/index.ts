export { checkTables } from './check-tables.ts'
export {
  certificateExpiries,
  checkCertificates,
  CheckFinding,
  checkGateways,
  checkHealth,
  checkSettings,
} from './checks.ts'

export { checkTables, checkTargets } from './checks.ts'
export {
  certificateExpiries,
  checkCertificates,
  CheckFinding,
  checkGateways,
  checkHealth,
  checkSettings,
} from './checks.ts'

export { familyOf, type Family, isLoopback, isPrivateAddress, isWildcard } from './address.ts'
export {
  defaultPort,
  type Endpoint,
  formatEndpoint,
  isSecure,
  type Target,
  type Transport,
  transportNamed,
  transportNames,
} from './endpoint.ts'
export type { Flow, SentBy } from './flow.ts'

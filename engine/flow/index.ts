export { type Family, familyOf, isPrivateAddress, isWildcard, networkOf } from './address.ts'
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

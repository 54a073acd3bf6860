export { type Family, familyOf, isPrivateAddress, isWildcard, networkOf } from './flow.ts'
export {
  defaultPort,
  type Endpoint,
  isSecure,
  type Target,
  type Transport,
  transportNamed,
  transportNames,
} from './flow.ts'
export type { Flow, SentBy } from './flow.ts'
export type { FailedResponse, NextHopAddresses } from './next-hop-addresses.ts'
export { formatEndpoint } from '../../base/endpoint.ts'

export {
  defaultPort,
  type Endpoint,
  type FailedResponse,
  type Family,
  familyOf,
  type Flow,
  isPrivateAddress,
  isSecure,
  isWildcard,
  networkOf,
  type NextHopAddresses,
  type SentBy,
  type Target,
  type Transport,
  transportNamed,
  transportNames,
} from './flow.ts'
export { formatEndpoint } from '../../base/address.ts'

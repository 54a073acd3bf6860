export {
  type Answer,
  type Dns,
  type NaptrRecord,
  type Records,
  type RecordType,
  type SrvRecord,
  SystemDns,
} from './dns.ts'
export { defaultPort, type Endpoint, formatEndpoint, type Target, type Transport, transportNamed } from './endpoint.ts'
export type { Flow, SentBy } from './flow.ts'
export { type Reach, reachOf } from './locate.ts'
export { isPrivateAddress } from './private-address.ts'
export { ResponseCounts } from './response-counts.ts'
export { Resolver, type ResolverOptions } from './resolver.ts'
export type { Listener, ListenOptions } from './listener.ts'
export { defaultSettings, type TransportSettings } from './settings.ts'
export { sourceKey, speaksFor, type SourceLimits, type SourcePolicy } from './sources.ts'
export { TransportStats } from './stats.ts'
export type { CertificateFiles, TlsOptions } from './tls-credentials.ts'
export { type TransportLayer, Transports } from './transports.ts'
export { anyAddress, type FarSide, UnwiredTransports } from './unwired-transports.ts'
export type { Shed, Shedder, Tap, Traced, TransportUser } from './user.ts'

export { definitions, engineDefinitions, type Definition } from './definitions.ts'
export {
  createMetrics,
  type Active,
  type AnsweredHttp,
  type EndedAttempt,
  type EndedCall,
  type EndedTransfer,
  type HttpListener,
  type LookupResult,
  type Metrics,
  type Place,
  type SetupTimes,
  type SignIn,
} from './metrics.ts'
export type { EngineStats, SipStats } from './stats.ts'

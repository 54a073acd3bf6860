export { definitions, engineDefinitions, type Definition } from './definitions.ts'
export {
  createMetrics,
  type ActiveCounts,
  type AnsweredHttp,
  type EndedAttempt,
  type EndedCall,
  type EndedTransfer,
  type HttpListener,
  type LookupResult,
  type Metrics,
  type EnvironmentLabels,
  type SetupTimes,
  type SignInResult,
} from './metrics.ts'
export type { EngineStats, SipStats } from './stats.ts'

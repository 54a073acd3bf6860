export { definitions, engineDefinitions, type Definition } from './definitions.ts'
export {
  createMetrics,
  type Active,
  type EndedAttempt,
  type EndedCall,
  type EndedTransfer,
  type LookupResult,
  type Metrics,
  type Place,
} from './metrics.ts'
export type { EngineStats, SipStats } from './stats.ts'

export { definitions, engineDefinitions, type Definition } from './definitions.ts'
export { createMetrics, type EndedTransfer, type HttpListener, type Metrics, type SetupTimes } from './metrics.ts'
export type { TargetSamples } from './target-samples.ts'
export type { EngineStats, SipStats } from './stats.ts'

/** Routing tables: what the server may use of them. */
export { adhocName, adhocPlan, adhocProblem } from './adhoc.ts'
export type { CacheHealth, NumberOwner } from './cache.ts'
export { judgeCanary, successRate, type Tally, type Verdict } from './canary.ts'
export type { CanaryWish } from './changes.ts'
export { applyCommand, type HandoffChanges, type HandoffCommand } from './commands.ts'
export { diffTables, diffText, type Change } from './diff.ts'
export { explain, methodsOf, type ExplainedMessage, type ExplainOptions, type Explanation } from './explain.ts'
export { lintProject, type Finding, type Severity } from './lint.ts'
export { projectJsonSchema } from './project-schema.ts'
export { checkProject, checkTable, knownVariables } from './check.ts'
export { canonicalJson, digestOf } from './digest.ts'
export { readDocument, readProject, type DocumentType, type SourceText } from './document.ts'
export { formatNumber, normaliseNumber, numberKind, type NumberContext } from './e164.ts'
export { describeProblem, RoutesError, type Problem, type RoutesErrorSlug } from './errors.ts'
export type { CallFacts, TransferRequest } from './facts.ts'
export { FileStore } from './file-store.ts'
export { RedisStore, type RedisStoreOptions } from './redis-store.ts'
export { parseRedisUrl } from './redis-url.ts'
export { headerNameProblem, headerValueProblem, isHeaderName, ownedHeaders, safeHeaderValue } from './header.ts'
export { headerBytes } from './limits.ts'
export { PinnedTable, type PinnedSettings } from './pinned.ts'
export { plan, requestHeaders, type Plan, type PlanOptions, type Step, type TrunkTraits } from './plan.ts'
export type { Actor, HistoryEntry, Version, VersionSummary } from './record.ts'
export { profiles, type HeaderLimits, type ReceiverProfile } from './profiles.ts'
export { referTo } from './refer-to.ts'
export type { RenderedHeader, Warning } from './render.ts'
export { Routing, type RoutingOptions, type TableName } from './routing.ts'
export type { Promoted, RoutingEvents } from './routing-events.ts'
export type { ProjectView } from './views.ts'
export {
  ProjectSchema,
  TableSchema,
  type CallerIdPolicy,
  type EnvironmentName,
  type Fallback,
  type HeaderPlace,
  type Method,
  type NumberFormat,
  type ProjectFile,
  type Table,
} from './schema.ts'
export type { Log, Store } from './store.ts'
export type { Handoff } from './table.ts'
export { isE164 } from './uri.ts'

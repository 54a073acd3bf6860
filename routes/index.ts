/** Routing tables: what the server may use of them. */
export { adhocName, adhocPlan, adhocProblem, deniedProblem, isAdhocHost, reachableAddresses } from './plan/adhoc.ts'
export { hostsOf, nextHopOf } from './plan/private-hosts.ts'
export type { CacheHealth, NumberOwner } from './store/cache.ts'
export { judgeCanary, successRate, type Tally, type CanaryJudgement } from './versions/canary.ts'
export type { CanaryRequest } from './versions/promotions.ts'
export type { Release } from './versions/release.ts'
export type { PromotionRequest, ReleaseOrDraft } from './environments.ts'
export { applyCommand, type HandoffChanges, type HandoffCommand } from './versions/commands.ts'
export { diffTables, diffText, type FieldChange } from './versions/diff.ts'
export { explain, type ExplainedMessage, type ExplainOptions, type Explanation } from './plan/explain.ts'
export type { LintFinding, Severity } from './project/lint-trunks.ts'
export { lintProject } from './project/lint.ts'
export { projectJsonSchema } from './schema/project-file.ts'
export { checkProject, checkTable, knownVariables } from './project/check.ts'
export { textMistakes } from './project/check.ts'
export { readProject, sourceText, type DocumentType, type SourceText } from './project/document.ts'
export { formatNumber, normaliseNumber, numberKind, type NumberContext } from './schema/e164.ts'
export { describeProblem, RoutesError, type Problem, type RoutesErrorSlug } from './schema/errors.ts'
export type { CallFacts, TransferFacts } from './plan/facts.ts'
export { FileStore } from './store/file-store.ts'
export { openRedis, type RedisClient } from './store/redis-client.ts'
export { replaceFile } from './store/atomic-file.ts'
export { RedisStore, type RedisStoreOptions } from './store/redis-store.ts'
export { parseRedisUrl } from './store/redis-client.ts'
export { headerNameProblem, headerValueProblem, isHeaderName, ownedHeaders, safeHeaderValue } from './schema/header.ts'
export { headerBytes } from './table/render.ts'
export { PinnedTable, type PinnedSettings } from './table/pinned.ts'
export {
  plan,
  requestHeaders,
  withReferUri,
  type Plan,
  type PlanOptions,
  type Step,
  type TrunkTraits,
} from './plan/plan.ts'
export type { Actor, HistoryEntry, Version, VersionSummary } from './versions/record.ts'
export { profiles, type HeaderLimits, type ReceiverProfile } from './table/profiles.ts'
export { readDocumentAside } from './project/document-thread.ts'
export {
  callersProblems,
  handoffProblems,
  type CallersProblem,
  type HandoffContext,
  type HandoffProblem,
  type SipSetup,
} from './plan/handoff-problems.ts'
export { inviteUris, routeUri, type DestinationProblem, type NumberTrunk } from './plan/target-uri.ts'
export { referTo } from './plan/target-uri.ts'
export type { RenderedHeader, Warning } from './table/render.ts'
export { Routing, type RoutingOptions, type VersionOrDraft } from './routing.ts'
export type { RehearsalRecord } from './versions/changes.ts'
export type { PromotionEvent, RoutingEvents } from './views.ts'
export type { EnvironmentView, ProjectView, StoredProject } from './views.ts'
export {
  EnvironmentSchema,
  HandoffSchema,
  ProjectSchema,
  ReleaseSettingsSchema,
  ScheduleSchema,
  TableSchema,
  type CallerIdPolicy,
  type EnvironmentName,
  type Fallback,
  type HeaderPlace,
  type Method,
  type NumberFormat,
  type ProjectFile,
  type Table,
} from './schema/project-file.ts'
export type { StoreLog, Store } from './store/store.ts'
export type { Handoff } from './table/table.ts'
export { isE164 } from './schema/uri.ts'

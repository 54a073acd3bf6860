/** Routing tables: what the server may use of them. */
export { Routing } from './routing.ts'
export type { EnvironmentView, ProjectView, PromotionEvent, StoredProject, SwitchEvent } from './views.ts'

export {
  EnvironmentSchema,
  HandoffSchema,
  poolHoldSeconds,
  ProjectSchema,
  projectJsonSchema,
  ReleaseSettingsSchema,
  TableSchema,
  type CallerIdPolicy,
  type EnvironmentName,
  type Method,
  type NumberFormat,
  type ProjectFile,
  type Table,
} from './schema/project-file.ts'
export { mediaDefaults, mediaFields, type MediaFields, type Recording } from './schema/handoff-media.ts'
export { exampleHandoff, exampleSchedule } from './schema/examples.ts'
export { resolverSeconds, type ResolverRecord } from './schema/resolver-schema.ts'
export { ScheduleSchema } from './schema/schedule-schema.ts'
export { describeProblem, RoutesError, type Problem, type RoutesErrorSlug } from './schema/errors.ts'
export { formatNumber, normaliseNumber, numberKind, type NumberContext } from './schema/e164.ts'
export { headerNameProblem, headerValueProblem, safeHeaderValue } from './schema/header.ts'
export { isE164 } from './schema/uri.ts'

export { describeSwitch, switchActions, SwitchSchema, type SwitchRecord } from './schema/switch.ts'
export type { NewSwitch, SwitchView } from './switches.ts'
export { openingsAt, type Openings } from './plan/openings.ts'

export { isScreened, plainMedia, type HandoffMedia } from './table/handoff-media.ts'
export type { CompiledTable } from './table/table.ts'
export { PinnedTable } from './table/pinned.ts'
export { profiles, type HeaderLimits } from './table/profiles.ts'
export { headerBytes, headerLimitsOf, type PlanWarning } from './table/render.ts'
export { percentileOf } from './table/share.ts'
export { noSwitches, type Switches } from './table/switch-in-force.ts'
export type { Handoff } from './table/table.ts'

export { adhocName, adhocPlan, adhocProblem, bridgeStep, isAdhocHost, reachableAddresses } from './plan/adhoc.ts'
export {
  deniedProblem,
  isAtGateway,
  numberByTrunk,
  premiumProblem,
  type DestinationProblem,
  type NumberTrunk,
} from './plan/dialled-number.ts'
export { explain, type ExplainedMessage, type Explanation } from './plan/explain.ts'
export { variableValues, type CallFacts, type TransferFacts } from './plan/facts.ts'
export { handoffProblems, type SipSetup } from './plan/handoff-problems.ts'
export {
  plan,
  requestHeaders,
  withReferUri,
  withRoute,
  type PassedOverStep,
  type Plan,
  type Step,
  type TrunkTraits,
} from './plan/plan.ts'
export { resolvedStep, type AnswerProblem, type ResolverAnswer } from './plan/resolved-step.ts'
export { hostsOf, nextHopOf } from './plan/private-hosts.ts'
export { inviteUris, referTo, routeUri } from './plan/target-uri.ts'

export { requestMediaMistakes } from './project/check-media.ts'
export { checkProject, textMistakes } from './project/check.ts'
export { readProject, sourceText, type DocumentType, type SourceText } from './project/document.ts'
export { readDocumentAside } from './project/document-thread.ts'
export { lintProject } from './project/lint.ts'
export type { LintFinding } from './project/lint-trunks.ts'

export { usesOfAudio, type AudioCommand } from './versions/audio-commands.ts'
export { judgeCanary } from './versions/canary.ts'
export { applyCommand, type HandoffChanges, type HandoffCommand } from './versions/handoff-commands.ts'
export type { ScheduleChanges, ScheduleCommand } from './versions/schedule-commands.ts'
export { diffTables, diffText, type FieldChange } from './versions/diff.ts'
export type { Actor, HistoryEntry, Version, VersionSummary } from './versions/record.ts'
export type { Release } from './versions/release.ts'

export { replaceFile } from './store/atomic-file.ts'
export { DocumentFiles, DocumentRedis, KeptDocument } from './store/kept-document.ts'
export { FileStore } from './store/file-store.ts'
export { openRedis, parseRedisUrl, redisTarget, withoutPasswords, type RedisClient } from './store/redis-client.ts'
export { RedisStore } from './store/redis-store.ts'
export type { Store, StoreLog } from './store/store.ts'

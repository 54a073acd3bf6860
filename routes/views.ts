/** A project as the API and the events show it. */
import { defined } from '../base/defined.ts'
import { diffSettings, diffTables, type FieldChange } from './versions/diff.ts'
import { digestOf } from '../base/canonical-json.ts'
import { currentRelease } from './versions/promotions.ts'
import type { Actor, Canary, ProjectRecord, HistoryEntry } from './versions/record.ts'
import { draftSettings } from './versions/release.ts'
import { switchesOf } from './versions/switch-changes.ts'
import type { SwitchRecord } from './schema/switch.ts'
import { isInForce } from './table/switch-in-force.ts'
import {
  environmentNames,
  type EnvironmentName,
  type EnvironmentRecord,
  type ProjectFile,
  type ReleaseSettings,
  type Table,
} from './schema/project-file.ts'
import type { Rejection } from './store/cache.ts'

/** An environment: the settings of its release, and their draft. */
export type EnvironmentView = ReleaseSettings & {
  /** The release of its calls, and the version of that; absent before the first promotion. */
  release?: number
  version?: number
  promotedAt?: string
  canary?: Canary
  /** The switches in force, newest first; absent without any. */
  switches?: SwitchRecord[]
  /** Absent when the project file no longer has this environment. */
  draft?: EnvironmentRecord
}

/** A project as the API shows it. */
export interface ProjectView {
  project: string
  settings: ProjectRecord['settings']
  environments: Partial<Record<EnvironmentName, EnvironmentView>>
  draft: { digest: string }
  lastVersion: number
}

/** A stored project file: its digest, and what promoting the drafts would change in each environment. */
export type StoredProject = ProjectView & {
  digest: string
  environments: Partial<Record<EnvironmentName, EnvironmentView & { changes: FieldChange[] }>>
}

/** The project file of a record. */
export function fileOf({ project, settings, environments, draft }: ProjectRecord): ProjectFile {
  return { project, ...settings, environments, table: draft.table }
}

/** @param at the moment that switches are seen at, in milliseconds since the epoch */
export function viewOf(record: ProjectRecord, at: number): ProjectView {
  const { project, settings, environments, draft, lastVersion, promoted } = record
  const views: ProjectView['environments'] = {}
  for (const name of environmentNames) {
    const edited = environments[name]
    const promotion = promoted[name]
    if (!edited && !promotion) continue
    const { release, version, at: promotedAt, canary } = promotion ?? {}
    const switches = switchesOf(record, name).filter((one) => isInForce(one, at))
    views[name] = {
      ...currentRelease(record, name)?.settings,
      ...defined({ release, version, promotedAt, canary, draft: edited }),
      ...(switches.length > 0 && { switches: switches.reverse() }),
    }
  }

  return { project, settings, environments: views, draft: { digest: draft.digest }, lastVersion }
}

/** @param running the table that an environment runs; undefined without a release */
export function storedView(
  record: ProjectRecord,
  at: number,
  running: (environment: EnvironmentName) => Table | undefined,
): StoredProject {
  const view = viewOf(record, at)
  const environments: StoredProject['environments'] = {}
  for (const name of environmentNames) {
    const environment = view.environments[name]
    if (environment) environments[name] = { ...environment, changes: pendingChanges(record, name, running(name)) }
  }

  return { ...view, digest: digestOf(fileOf(record)), environments }
}

/** The changes that promoting the drafts of the table and the settings would make in an environment. */
function pendingChanges(
  record: ProjectRecord,
  environment: EnvironmentName,
  running: Table | undefined,
): FieldChange[] {
  const draft = record.environments[environment]
  const before = currentRelease(record, environment)?.settings ?? {}

  return [
    ...(draft ? diffSettings(environment, before, draftSettings(record.settings, draft)) : []),
    ...diffTables(running ?? { handoffs: [] }, record.draft.table),
  ]
}

/** An environment runs another release or canary, promoted by this process or by another. */
export interface PromotionEvent {
  project: string
  environment: EnvironmentName
  release: number
  version: number
  /** The previous version and release; undefined for the first. */
  previous: number | undefined
  previousRelease: number | undefined
  /** The release and version that a share of calls tries, and the share in per cent. */
  canary?: { release: number; version: number; percent: number }
  /** The promotion's entry in the history. */
  entry: HistoryEntry
}

/** A switch was set, removed, or has expired, in this process or in another. */
export interface SwitchEvent {
  type: 'set' | 'removed' | 'expired'
  project: string
  environment: EnvironmentName
  switch: SwitchRecord
  /** The newest history entry of the project. */
  entry: HistoryEntry
}

export interface RoutingEvents {
  /** Any part of a project has changed. */
  changed: [project: string]
  promoted: [promoted: PromotionEvent]
  /** A switch was set or removed, or has expired. */
  switched: [event: SwitchEvent]
  /** This process has stored a change, which the actor has asked for. */
  recorded: [recorded: { project: string; entry: HistoryEntry; actor: Actor }]
  /** A record or version of the store was refused, and the last good one is served. Refusals at start are in `health` only. */
  rejected: [rejected: { project: string; reason: Rejection; problem: string }]
}

/**
 * The event for the release that an environment runs; undefined without a release.
 * @param before the release that it ran before
 */
export function promotionEvent(
  { project, promoted, entry }: ProjectRecord,
  environment: EnvironmentName,
  before: { release: number; version: number } | undefined,
): PromotionEvent | undefined {
  const now = promoted[environment]
  if (!now) return undefined
  const { release, version, percent } = now.canary ?? {}

  return {
    ...{ project, environment, release: now.release, version: now.version },
    ...{ previous: before?.version, previousRelease: before?.release },
    ...(release && version && percent && { canary: { release, version, percent } }),
    entry,
  }
}

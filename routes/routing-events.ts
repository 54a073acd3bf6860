/** What routing tables tell the rest of Baton. */
import type { Rejection } from './store/cache.ts'
import type { HistoryEntry, ProjectRecord } from './versions/record.ts'
import type { EnvironmentName } from './project/schema.ts'

/** An environment runs another version, or another canary, in this process or because of another one. */
export interface Promoted {
  project: string
  environment: EnvironmentName
  release: number
  version: number
  /** The version and the release of before; undefined for the first. */
  previous: number | undefined
  previousRelease: number | undefined
  /** The release that a share of calls tries, its version, and that share in per cent. */
  canary?: { release: number; version: number; percent: number }
  /** What history says of it. */
  entry: HistoryEntry
}

export interface RoutingEvents {
  /** Anything of a project has changed. */
  changed: [project: string]
  promoted: [promoted: Promoted]
  /** Something in the store was refused, and the last good one kept. Those of the start are in `health` alone. */
  rejected: [rejected: { project: string; reason: Rejection; problem: string }]
}

/**
 * What an environment runs, as an event tells it; undefined when nothing has been promoted.
 * @param before what it ran before
 */
export function promotedOf(
  { project, promoted, entry }: ProjectRecord,
  environment: EnvironmentName,
  before: { release: number; version: number } | undefined,
): Promoted | undefined {
  const now = promoted[environment]
  if (!now) return undefined
  const { release, version, percent } = now.canary ?? {}

  return {
    ...{ project, environment, release: now.release, version: now.version },
    ...{ previous: before?.version, previousRelease: before?.release },
    ...(release && version && percent ? { canary: { release, version, percent } } : {}),
    entry,
  }
}

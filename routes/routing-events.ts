/** What routing tables tell the rest of Baton. */
import type { Rejection } from './store/cache.ts'
import type { HistoryEntry, ProjectRecord } from './versions/record.ts'
import type { EnvironmentName } from './project/schema.ts'

/** An environment runs another version, or another canary, in this process or because of another one. */
export interface Promoted {
  project: string
  environment: EnvironmentName
  version: number
  previous: number | undefined
  /** The version that a share of calls tries, and that share in per cent. */
  canary?: { version: number; percent: number }
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

/** What an environment runs, as an event tells it; undefined when nothing has been promoted. */
export function promotedOf(
  { project, promoted, entry }: ProjectRecord,
  environment: EnvironmentName,
  previous: number | undefined,
): Promoted | undefined {
  const now = promoted[environment]
  if (!now) return undefined
  const canary = now.canary && { version: now.canary.version, percent: now.canary.percent }

  return { project, environment, version: now.version, previous, ...(canary ? { canary } : {}), entry }
}

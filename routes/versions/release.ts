/** What an environment runs: one version of the table and one state of its settings, numbered and never changed. */
import { Type, type Static } from 'typebox'
import { RoutesError } from '../errors.ts'
import {
  ReleaseSettingsSchema,
  type EnvironmentName,
  type EnvironmentRecord,
  type ProjectSettings,
  type ReleaseSettings,
} from '../project/schema.ts'
import { digestOf } from './digest.ts'

/** Releases of an environment that a record keeps; older ones can no longer be gone back to. */
const releasesKept = 100

const number = Type.Integer({ minimum: 1 })

const StoredReleaseSchema = Type.Object({
  release: number,
  version: number,
  /** The digest of its settings. */
  settings: Type.String(),
  by: Type.String(),
  from: Type.String(),
  at: Type.String(),
  message: Type.Optional(Type.String()),
})

/** The releases of one environment, oldest first; settings that several share are kept once, by their digest. */
export const ReleasesSchema = Type.Object({
  releases: Type.Array(StoredReleaseSchema),
  settings: Type.Record(Type.String(), ReleaseSettingsSchema),
})

export type StoredReleases = Static<typeof ReleasesSchema>

/** One release. Times are ISO 8601. */
export interface Release {
  release: number
  version: number
  settings: ReleaseSettings
  by: string
  /** Where the promotion came from, such as `api 127.0.0.1`. */
  from: string
  at: string
  message?: string
}

/** The part of a record that releases are read from. */
interface OfProject {
  project: string
  releases: Partial<Record<EnvironmentName, StoredReleases>>
}

/** Every release of an environment that is kept, newest first. */
export function releasesOf({ releases }: OfProject, environment: EnvironmentName): Release[] {
  const stored = releases[environment]
  if (!stored) return []

  return stored.releases.toReversed().map((one) => ({ ...one, settings: stored.settings[one.settings] ?? {} }))
}

export function releaseOf(record: OfProject, environment: EnvironmentName, release: number): Release | undefined {
  const stored = record.releases[environment]
  const found = stored?.releases.find((one) => one.release === release)

  return found && { ...found, settings: stored?.settings[found.settings] ?? {} }
}

/** Throws 404 when there is no such release, or none any more. */
export function existingRelease(record: OfProject, environment: EnvironmentName, release: number): Release {
  const found = releaseOf(record, environment, release)
  if (!found) {
    throw new RoutesError('unknown_release', `${environment} of ${record.project} has no release ${release}`)
  }

  return found
}

/** Takes a new release in; the number is the next one. The settings of releases that are no longer kept go with them. */
export function withRelease(
  stored: StoredReleases | undefined,
  { settings, ...made }: Omit<Release, 'release'>,
): { stored: StoredReleases; release: number } {
  const release = (stored?.releases.at(-1)?.release ?? 0) + 1
  const digest = digestOf(settings)
  const releases = [...(stored?.releases ?? []), { ...made, release, settings: digest }].slice(-releasesKept)
  const used = new Set(releases.map((one) => one.settings))
  const all = { ...stored?.settings, [digest]: settings }

  return {
    release,
    stored: { releases, settings: Object.fromEntries(Object.entries(all).filter(([key]) => used.has(key))) },
  }
}

/** The settings that a promotion of the drafts would make: those of the environment over those for the whole project. */
export function draftSettings(project: ProjectSettings, environment: EnvironmentRecord): ReleaseSettings {
  const { agent_down, adhoc, adhoc_deny, adhoc_allow, adhoc_hosts, consult } = project
  const policies = { agent_down, adhoc, adhoc_deny, adhoc_allow, adhoc_hosts, consult }
  const given = Object.entries({ ...policies, ...environment }).filter(([, value]) => value !== undefined)

  return Object.fromEntries(given)
}

/** The releases of an environment: each is one version of the table with one state of the settings, numbered, never changed. */
import { Type, type Static } from 'typebox'

import { RoutesError } from '../schema/errors.ts'
import {
  ReleaseSettingsSchema,
  type EnvironmentName,
  type EnvironmentRecord,
  type ProjectSettings,
  type ReleaseSettings,
  environmentNames,
} from '../schema/project-file.ts'
import { digestOf } from '../../base/canonical-json.ts'

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
interface ProjectReleases {
  project: string
  releases: Partial<Record<EnvironmentName, StoredReleases>>
}

/** Every release of an environment that is kept, newest first. */
export function releasesOf({ releases }: ProjectReleases, environment: EnvironmentName): Release[] {
  const stored = releases[environment]
  if (!stored) return []

  return stored.releases.toReversed().map((one) => ({ ...one, settings: stored.settings[one.settings] ?? {} }))
}

export function releaseOf(record: ProjectReleases, environment: EnvironmentName, release: number): Release | undefined {
  const stored = record.releases[environment]
  const found = stored?.releases.find((one) => one.release === release)

  return found && { ...found, settings: stored?.settings[found.settings] ?? {} }
}

/** Throws 404 when there is no such release, or none any more. */
export function existingRelease(record: ProjectReleases, environment: EnvironmentName, release: number): Release {
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

/** A record of schema 1: its environments' settings were in force as they stood, and promotions named versions alone. */
interface RecordSchema1 {
  schema: 1
  settings: ProjectSettings
  environments: Partial<Record<string, EnvironmentRecord>>
  promoted: Partial<Record<string, { version: number; at: string; canary?: { version: number } }>>
}

/** The record in the present schema: what an environment ran becomes its release 1. Anything else is left as it is. */
export function upgraded(value: unknown): unknown {
  if (!isSchema1(value)) return value
  const releases: Record<string, unknown> = {}
  const promoted: Record<string, unknown> = {}
  for (const environment of environmentNames) {
    const promotion = value.promoted[environment]
    if (!promotion) continue
    const { version, at, canary } = promotion
    const settings = draftSettings(value.settings, value.environments[environment] ?? {})
    const made = { settings, by: 'baton', from: 'upgrade', at, message: 'what ran before releases were kept' }
    const first = withRelease(undefined, { ...made, version })
    const trial = canary && withRelease(first.stored, { ...made, version: canary.version })
    releases[environment] = (trial ?? first).stored
    promoted[environment] = {
      ...{ release: first.release, version, at, earlier: [] },
      ...(canary && { canary: { ...canary, release: trial?.release } }),
    }
  }

  return { ...value, schema: 2, promoted, releases }
}

function isSchema1(value: unknown): value is RecordSchema1 {
  const record = value as Partial<RecordSchema1> | null

  return (
    typeof record === 'object' &&
    record?.schema === 1 &&
    [record.settings, record.environments, record.promoted].every((part) => typeof part === 'object')
  )
}

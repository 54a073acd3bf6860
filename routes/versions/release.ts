/** The releases of an environment: each is one version of the table with one state of the settings, numbered, never changed. */
import { Type, type Static } from 'typebox'

import { defined } from '../../base/defined.ts'
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

/** Releases of an environment that a record keeps; older ones cannot be restored. */
const maxReleases = 100

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

/** The releases of one environment, oldest first; settings that several releases share are stored once, by digest. */
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
  /** The origin of the promotion, such as `api 127.0.0.1`. */
  from: string
  at: string
  message?: string
}

/** The part of a record that releases are read from. */
interface ProjectReleases {
  project: string
  releases: Partial<Record<EnvironmentName, StoredReleases>>
}

/** The stored releases of an environment, newest first. */
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

/** Throws 404 when the record has no such release, or keeps it no more. */
export function existingRelease(record: ProjectReleases, environment: EnvironmentName, release: number): Release {
  const found = releaseOf(record, environment, release)
  if (!found) {
    throw new RoutesError('unknown_release', `${environment} of ${record.project} has no release ${release}`)
  }

  return found
}

/** Adds a release with the next number, and drops the oldest with its settings when there are too many. */
export function withRelease(
  stored: StoredReleases | undefined,
  { settings, ...made }: Omit<Release, 'release'>,
): { stored: StoredReleases; release: number } {
  const release = (stored?.releases.at(-1)?.release ?? 0) + 1
  const digest = digestOf(settings)
  const releases = [...(stored?.releases ?? []), { ...made, release, settings: digest }].slice(-maxReleases)
  const used = new Set(releases.map((one) => one.settings))
  const all = { ...stored?.settings, [digest]: settings }

  return {
    release,
    stored: { releases, settings: Object.fromEntries(Object.entries(all).filter(([key]) => used.has(key))) },
  }
}

/** What a project says for its environments under the same name. */
const policyNames = [
  ...(['agent_down', 'adhoc', 'adhoc_deny', 'adhoc_allow', 'adhoc_hosts', 'consult'] as const),
  ...(['recording', 'recording_notice'] as const),
]

/** The settings of a promotion of the drafts: those of the environment over the policies of the project. */
export function draftSettings(project: ProjectSettings, environment: EnvironmentRecord): ReleaseSettings {
  const policies = policyNames.map((name) => [name, project[name]] as const)
  const all = { ...Object.fromEntries(policies), project_limit: project.limit, ...environment }
  const given = Object.entries(all).filter(([, value]) => value !== undefined)

  return Object.fromEntries(given)
}

/** A record of schema 1: settings took effect when they were edited, and promotions named versions only. */
interface RecordSchema1 {
  schema: 1
  settings: ProjectSettings
  environments: Partial<Record<string, EnvironmentRecord>>
  promoted: Partial<Record<string, { version: number; at: string; canary?: { version: number } }>>
}

/** A record of schema 1 in the present schema: what an environment ran becomes its release 1. Other values stay as they are. */
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
      ...defined({ canary: canary && { ...canary, release: trial?.release } }),
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

/** Records that an earlier Baton stored, as this one keeps them. */
import { environmentNames, type EnvironmentRecord, type ProjectSettings } from '../project/schema.ts'
import { draftSettings, withRelease } from './release.ts'

/** A record of schema 1: its environments' settings were in force as they stood, and promotions named versions alone. */
interface Schema1 {
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

function isSchema1(value: unknown): value is Schema1 {
  const record = value as Partial<Schema1> | null

  return (
    typeof record === 'object' &&
    record?.schema === 1 &&
    [record.settings, record.environments, record.promoted].every((part) => typeof part === 'object')
  )
}

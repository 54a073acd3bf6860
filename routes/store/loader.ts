/** The versions that a record promotes, made ready: from memory, from the store, or from the last good copy. */
import type { GoodCopy } from './last-good.ts'
import { Damaged, type ProjectRecord } from '../versions/record.ts'
import { environmentNames, type EnvironmentName } from '../project/schema.ts'
import { releaseOf, type Release } from '../versions/release.ts'
import { ready, wanted, type ReadyVersion, type Served } from './served.ts'
import type { Store } from './store.ts'

export type VersionMap = ReadonlyMap<number, ReadyVersion>

/** Something in the store that cannot be used. */
export interface Refusal {
  reason: Damaged['reason'] | 'missing'
  problem: string
}

export interface Loaded {
  versions: VersionMap
  /** Environments whose version could not be had, with the release that they run instead. */
  instead: ReadonlyMap<EnvironmentName, Release>
  /** Versions that could not be had at all. */
  missing: readonly number[]
  /** What was refused, also when a good copy took its place. */
  refusals: readonly Refusal[]
}

/**
 * Loads the versions of a record. `known` are those that memory has of the same project; `serving` is what it serves now. A
 * version that is damaged in the store and whole in the copy is written to the store again.
 */
export async function loadVersions(
  store: Store,
  record: ProjectRecord,
  known: VersionMap,
  copy: GoodCopy | undefined,
  serving: Served | undefined,
): Promise<Loaded> {
  const refusals: Refusal[] = []
  const have = async (number: number): Promise<ReadyVersion | undefined> =>
    known.get(number) ?? (await fetchVersion(store, record, number, copy, refusals))

  const versions = new Map<number, ReadyVersion>()
  const missing: number[] = []
  for (const number of wanted(record)) {
    const version = await have(number)
    if (version) versions.set(number, version)
    else missing.push(number)
  }

  const instead = new Map<EnvironmentName, Release>()
  for (const environment of environmentNames) {
    const promotion = record.promoted[environment]
    if (!promotion || !missing.includes(promotion.version)) continue
    const current = serving?.environments.get(environment)?.main.release
    const candidates = current === undefined ? promotion.earlier.toReversed() : [current]
    for (const number of candidates) {
      const release =
        releaseOf(record, environment, number) ?? (serving && releaseOf(serving.record, environment, number))
      const version = release && (serving?.versions.get(release.version) ?? (await have(release.version)))
      if (!release || !version) continue
      versions.set(release.version, version)
      instead.set(environment, release)
      break
    }
  }

  return { versions, instead, missing, refusals }
}

async function fetchVersion(
  store: Store,
  { project, lineage }: ProjectRecord,
  number: number,
  copy: GoodCopy | undefined,
  refusals: Refusal[],
): Promise<ReadyVersion | undefined> {
  try {
    const version = await store.version(project, number)
    if (version) return ready(version)
    refusals.push({ reason: 'missing', problem: `version ${number} of project ${project} is not in the store` })
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
    refusals.push({ reason: error.reason, problem: error.message })
  }
  const saved = copy?.record.lineage === lineage ? copy.versions.find(({ version }) => version === number) : undefined
  if (!saved) return undefined
  await store.repair(saved)

  return ready(saved)
}

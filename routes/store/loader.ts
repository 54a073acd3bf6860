/** The versions that a record promotes, compiled: from memory, from the store, or from the last good copy on disk. */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { inSlices } from '../../base/slices.ts'
import { DamagedRecord, type ProjectRecord, readRecord, readVersion, type Version } from '../versions/record.ts'
import { environmentNames, type EnvironmentName } from '../schema/project-file.ts'
import { releaseOf, type Release } from '../versions/release.ts'
import { compileVersion, versionsInUse, type CompiledVersion, type ServedProject } from './served.ts'
import type { Store, StoreLog } from './store.ts'
import { replaceFile } from './atomic-file.ts'

export type CompiledVersions = ReadonlyMap<number, CompiledVersion>

/** A version in the store that cannot be used. */
interface LoadRefusal {
  reason: DamagedRecord['reason'] | 'missing'
  problem: string
}

export interface LoadedVersions {
  versions: CompiledVersions
  /** Environments whose version could not be loaded, with the release that they run instead. */
  instead: ReadonlyMap<EnvironmentName, Release>
  /** Versions that could not be loaded. */
  missing: readonly number[]
  /** Versions that were refused, including those that a good copy replaced. */
  refusals: readonly LoadRefusal[]
}

/**
 * Loads the versions of a record. `known` are those in memory of the same project; `serving` is the project as it is served
 * now. A version that is damaged in the store and intact in the copy is written to the store again.
 */
export async function loadVersions(
  store: Store,
  record: ProjectRecord,
  known: CompiledVersions,
  copy: LastGoodCopy | undefined,
  serving: ServedProject | undefined,
): Promise<LoadedVersions> {
  const refusals: LoadRefusal[] = []
  const load = async (number: number): Promise<CompiledVersion | undefined> =>
    known.get(number) ?? (await fetchVersion(store, record, number, copy, refusals))

  const versions = new Map<number, CompiledVersion>()
  const missing: number[] = []
  for (const number of versionsInUse(record)) {
    const version = await load(number)
    if (version) versions.set(number, version)
    else missing.push(number)
  }

  const instead = new Map<EnvironmentName, Release>()
  for (const environment of environmentNames) {
    const promotion = record.promoted[environment]
    if (!promotion || !missing.includes(promotion.version)) continue
    for (const release of releasesInstead(environment, record, serving)) {
      const version = serving?.versions.get(release.version) ?? (await load(release.version))
      if (!version) continue
      versions.set(release.version, version)
      instead.set(environment, release)
      break
    }
  }

  return { versions, instead, missing, refusals }
}

/** The releases that may replace one that cannot be loaded: the one that is served now, or the earlier ones, newest first. */
function releasesInstead(environment: EnvironmentName, record: ProjectRecord, serving?: ServedProject): Release[] {
  const current = serving?.environments.get(environment)?.main.release
  const numbers = current === undefined ? record.promoted[environment]?.earlier.toReversed() : [current]

  return (numbers ?? []).flatMap(
    (number) =>
      releaseOf(record, environment, number) ?? (serving && releaseOf(serving.record, environment, number)) ?? [],
  )
}

async function fetchVersion(
  store: Store,
  { project, lineage }: ProjectRecord,
  number: number,
  copy: LastGoodCopy | undefined,
  refusals: LoadRefusal[],
): Promise<CompiledVersion | undefined> {
  try {
    const version = await store.version(project, number)
    if (version) return await compileVersion(version)
    refusals.push({ reason: 'missing', problem: `version ${number} of project ${project} is not in the store` })
  } catch (error) {
    if (!(error instanceof DamagedRecord)) throw error
    refusals.push({ reason: error.reason, problem: error.message })
  }
  const saved = copy?.record.lineage === lineage ? copy.versions.find(({ version }) => version === number) : undefined
  if (!saved) return undefined
  await store.repair(saved)

  return compileVersion(saved)
}

export interface LastGoodCopy {
  record: ProjectRecord
  versions: readonly Version[]
}

/** The last good copy of every project, on disk, for a start without the store. */
export class LastGoodCopies {
  readonly #dir: string
  readonly #log: StoreLog
  #writing: Promise<void> = Promise.resolve()

  constructor(dir: string, log: StoreLog) {
    this.#dir = dir
    this.#log = log
  }

  /** Every intact copy; a damaged one is logged and left out. */
  async read(): Promise<Map<string, LastGoodCopy>> {
    const copies = new Map<string, LastGoodCopy>()
    const files = await readdir(this.#dir).catch(() => [])
    for (const file of files) {
      const project = /^(.+)\.json$/.exec(file)?.[1]
      if (project === undefined) continue
      const path = join(this.#dir, file)
      try {
        const copy = JSON.parse(await readFile(path, 'utf8')) as { record: unknown; versions: { version: number }[] }
        const record = await readRecord(JSON.stringify(copy.record), project)
        const versions: Version[] = []
        for (const version of copy.versions) {
          versions.push(await readVersion(JSON.stringify(version), project, version.version))
        }
        copies.set(project, { record, versions })
      } catch (error) {
        this.#log.error(`the last good copy ${path} is damaged: ${(error as Error).message}`, { project })
      }
    }

    return copies
  }

  /** Writes a copy, one after the other. A disk that fails is logged, and calls go on. */
  keep({ record, versions }: ServedProject): void {
    const path = join(this.#dir, `${record.project}.json`)
    this.#writing = this.#writing.then(async () => {
      try {
        await mkdir(this.#dir, { recursive: true })
        await replaceFile(path, await copyText(record, versions))
      } catch (error) {
        this.#log.error(`the last good copy ${path} cannot be written: ${(error as Error).message}`)
      }
    })
  }

  /** Resolves when every copy is written. */
  async settled(): Promise<void> {
    await this.#writing
  }
}

/** The JSON of a LastGoodCopy, made in turns of the event loop. */
async function copyText(record: ProjectRecord, versions: ServedProject['versions']): Promise<string> {
  const texts: string[] = []
  await inSlices(versions.values(), ({ version }) => texts.push(JSON.stringify(version)))

  return `{"record":${JSON.stringify(record)},"versions":[${texts.join(',')}]}\n`
}

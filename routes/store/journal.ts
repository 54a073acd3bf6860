/** Changes of projects: each is decided on the stored record, and decided again when another writer was faster. */
import type { Cache } from './cache.ts'
import { restore, type StoreChange, type ChangeContext } from '../versions/changes.ts'
import { RoutesError } from '../schema/errors.ts'
import { DamagedRecord, type Actor, type HistoryEntry, type ProjectRecord, type Version } from '../versions/record.ts'
import { isName } from '../schema/field-shapes.ts'
import type { ServedProject } from './served.ts'
import type { Store } from './store.ts'

/** May take turns of the event loop: the stored revision is compared again when the change is stored. */
export type DecideChange = (
  stored: ProjectRecord | undefined,
  context: ChangeContext,
) => StoreChange | Promise<StoreChange>

/** Decisions on one change before the journal gives up. */
const maxAttempts = 10

type RecordedListener = (change: { project: string; entry: HistoryEntry; actor: Actor }) => void

export class Journal {
  readonly #store: Store
  readonly #cache: Cache
  readonly #now: () => number
  readonly #recorded: RecordedListener

  /** @param recorded called with each change that is stored */
  constructor(store: Store, cache: Cache, now: () => number, recorded: RecordedListener) {
    this.#store = store
    this.#cache = cache
    this.#now = now
    this.#recorded = recorded
  }

  /** Throws 404. */
  async record(project: string): Promise<ProjectRecord> {
    return existing((await this.#base(project)).base, project)
  }

  /** Throws 404, or 503 for a damaged version. */
  async version(project: string, number: number): Promise<Version> {
    const version = await this.#store.version(project, number).catch((error: unknown) => {
      throw error instanceof DamagedRecord ? new RoutesError('store_unavailable', error.message) : error
    })
    if (!version) throw new RoutesError('unknown_version', `project ${project} has no version ${number}`)

    return version
  }

  /** Throws 404, of the project or of the version, or 503 as `version` does. */
  async versionOf(project: string, number: number): Promise<Version> {
    await this.record(project)

    return this.version(project, number)
  }

  /** Newest first; damaged versions are left out. */
  async versions(project: string, limit: number): Promise<Version[]> {
    const { lastVersion } = await this.record(project)
    const numbers = Array.from({ length: Math.min(lastVersion, limit) }, (_, i) => lastVersion - i)
    const versions = await Promise.all(
      numbers.map((number) =>
        this.#store.version(project, number).catch((error: unknown) => {
          if (!(error instanceof DamagedRecord)) throw error
        }),
      ),
    )

    return versions.filter((version) => version !== undefined)
  }

  /** Newest first. */
  async history(project: string, limit: number): Promise<HistoryEntry[]> {
    await this.record(project)

    return this.#store.history(project, limit)
  }

  /** Stores a change, and serves it in this process. `known` are versions that the change promotes. */
  async change(
    project: string,
    actor: Actor,
    decide: DecideChange,
    known: readonly Version[] = [],
  ): Promise<ProjectRecord> {
    const record = await this.changeIf(project, actor, decide, known)
    if (!record) throw new TypeError('there is no change')

    return record
  }

  /** As `change`; without a decision nothing is stored. */
  async changeIf(
    project: string,
    actor: Actor,
    decide: (...given: Parameters<DecideChange>) => StoreChange | undefined | Promise<StoreChange>,
    known: readonly Version[] = [],
  ): Promise<ProjectRecord | undefined> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const { base, expected } = await this.#base(project)
      const change = await decide(base, { actor, now: this.#now() })
      if (!change) return undefined
      const record = after(expected, change.record)
      // Versions that the store has lost go back to it with the change.
      const kept = base && this.#cache.get(project)?.record === base ? this.#cache.keptVersions(project) : []
      await this.#mend(kept)
      const versions = change.version ? [...kept, change.version] : kept
      if ((await this.#store.commit({ record, expected, versions })) === 'done') {
        await this.#cache.adopt(record, [...known, ...versions])
        this.#recorded({ project, entry: record.entry, actor })
        return record
      }
    }
    throw new RoutesError('too_busy', `project ${project} is being changed by others all the time: try again`)
  }

  /** Restores a record that the store has lost; undefined when another writer was faster. */
  async restore({ record: lost, versions }: ServedProject, expected: number): Promise<ProjectRecord | undefined> {
    const actor = { who: 'baton', from: 'memory', why: 'the store had lost it' }
    const { record } = restore(lost, expected, { actor, now: this.#now() })
    const kept = [...versions.values()].map(({ version }) => version)
    await this.#mend(kept)

    return (await this.#store.commit({ record, expected, versions: kept })) === 'done' ? record : undefined
  }

  /** Repairs versions that are damaged in the store, since a commit does not overwrite a version. */
  async #mend(versions: readonly Version[]): Promise<void> {
    for (const version of versions) {
      await this.#store.version(version.project, version.version).catch(async (error: unknown) => {
        if (!(error instanceof DamagedRecord)) throw error
        await this.#store.repair(version)
      })
    }
  }

  /** The record that a change begins with: the stored one, or that in memory when the store has lost or damaged it. */
  async #base(project: string): Promise<{ base: ProjectRecord | undefined; expected: number }> {
    // The name comes from a URL, and must not lead to another place in the store.
    if (!isName(project)) throw new RoutesError('unknown_project', `there is no project "${project}"`)
    const inMemory = this.#cache.get(project)?.record
    try {
      const stored = await this.#store.record(project)
      const lost = stored && inMemory?.lineage === stored.lineage && inMemory.revision > stored.revision
      return { base: lost ? inMemory : stored, expected: stored?.revision ?? 0 }
    } catch (error) {
      if (!(error instanceof DamagedRecord)) throw error
      return { base: inMemory, expected: (await this.#store.revisions()).get(project) ?? 0 }
    }
  }
}

/** The record with a revision after the stored one, which may not have been readable. */
function after(expected: number, record: ProjectRecord): ProjectRecord {
  if (record.revision > expected) return record
  const revision = expected + 1

  return { ...record, revision, entry: { ...record.entry, id: revision } }
}

/** Throws 404. */
export function existing(record: ProjectRecord | undefined, project: string): ProjectRecord {
  if (!record) throw new RoutesError('unknown_project', `there is no project "${project}"`)

  return record
}

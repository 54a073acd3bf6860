/**
 * Projects as files: `<dir>/<project>/record-<revision>.json`, `version-<n>.json` and `history.jsonl`. A revision is a file that
 * only one writer can create, so two processes on one folder cannot overwrite each other.
 */
import { appendFile, access, constants, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createFile } from './atomic-file.ts'
import { RoutesError } from '../schema/errors.ts'
import {
  DamagedRecord,
  readRecord,
  readVersion,
  type HistoryEntry,
  type ProjectRecord,
  type Version,
} from '../versions/record.ts'
import type { StoreCommit, Store } from './store.ts'

/** Revisions of a record that are kept, in case the newest is damaged. */
const maxRevisions = 5

export class FileStore implements Store {
  readonly kind = 'files'
  readonly #dir: string

  private constructor(dir: string) {
    this.#dir = dir
  }

  /** Makes the folder when it does not exist. Throws a RoutesError (503) when the folder cannot be written. */
  static async open({ dir }: { dir: string }): Promise<FileStore> {
    try {
      await mkdir(dir, { recursive: true })
      await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (error) {
      throw unavailable(`the folder ${dir} (DATA_DIR) cannot be written`, error)
    }

    return new FileStore(dir)
  }

  async revisions(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>()
    for (const entry of await this.#list(this.#dir)) {
      const [newest] = await this.#stored(entry)
      if (newest !== undefined) found.set(entry, newest)
    }

    return found
  }

  async record(project: string): Promise<ProjectRecord | undefined> {
    const [newest] = await this.#stored(project)

    return newest === undefined ? undefined : this.#numbered(await this.#read(project, newest))
  }

  async earlier(project: string): Promise<ProjectRecord | undefined> {
    const [, ...older] = await this.#stored(project)
    for (const revision of older) {
      const record = await this.#read(project, revision).catch(() => undefined)
      if (record) return this.#numbered(record)
    }

    return undefined
  }

  async version(project: string, number: number): Promise<Version | undefined> {
    const path = this.#path(project, `version-${number}.json`)
    const text = await this.#text(path)

    return text === undefined ? undefined : inFile(path, () => readVersion(text, project, number))
  }

  async history(project: string, limit: number): Promise<HistoryEntry[]> {
    const text = (await this.#text(this.#path(project, 'history.jsonl'))) ?? ''
    const entries = new Map<number, HistoryEntry>()
    for (const line of text.split('\n')) {
      try {
        const entry = JSON.parse(line) as HistoryEntry
        entries.set(entry.id, entry)
      } catch {
        // The last line may be half written; its record has the entry, too.
      }
    }
    for (const revision of await this.#stored(project)) {
      const record = await this.#read(project, revision).catch(() => undefined)
      if (record) entries.set(revision, record.entry)
    }

    return [...entries.values()].sort((a, b) => b.id - a.id).slice(0, limit)
  }

  async commit({ record, expected, versions }: StoreCommit): Promise<'done' | 'lost'> {
    const { project, revision } = record
    try {
      await mkdir(this.#path(project), { recursive: true })
      const stored = await this.#stored(project)
      if ((stored[0] ?? 0) !== expected) return 'lost'
      for (const version of versions) {
        const path = this.#path(project, `version-${version.version}.json`)
        const created = await createFile(path, `${JSON.stringify(version)}\n`)
        // A version without a record is left from a writer that did not finish: its number is taken.
        if (!created && !(await this.#isSame(version))) return 'lost'
      }
      // This file is the commit: until it exists, readers see the old state.
      if (!(await createFile(this.#path(project, `record-${revision}.json`), `${JSON.stringify(record)}\n`))) {
        return 'lost'
      }
      await appendFile(this.#path(project, 'history.jsonl'), `${JSON.stringify(record.entry)}\n`)
      for (const old of stored.slice(maxRevisions - 1)) {
        await rm(this.#path(project, `record-${old}.json`), { force: true })
      }

      return 'done'
    } catch (error) {
      throw unavailable(`${this.#path(project)} (DATA_DIR) cannot be written`, error)
    }
  }

  async repair(version: Version): Promise<void> {
    const path = this.#path(version.project, `version-${version.version}.json`)
    try {
      await rename(path, `${path}.damaged`).catch((error: unknown) => {
        // A missing file needs no renaming.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      })
      await createFile(path, `${JSON.stringify(version)}\n`)
    } catch (error) {
      throw unavailable(`${path} (DATA_DIR) cannot be written`, error)
    }
  }

  /** A change that fails reports it. */
  async refusesChanges(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  watch(): void {
    // The poll of revisions notices other processes on the same folder.
  }

  async close(): Promise<void> {
    // No file stays open.
  }

  #path(project: string, file = ''): string {
    return join(this.#dir, project, file)
  }

  /** The stored revisions, newest first. */
  async #stored(project: string): Promise<number[]> {
    return (await this.#list(this.#path(project)))
      .flatMap((file) => /^record-(\d+)\.json$/.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a)
  }

  async #read(project: string, revision: number): Promise<ProjectRecord> {
    const path = this.#path(project, `record-${revision}.json`)
    const text = await this.#text(path)
    if (text === undefined) throw new DamagedRecord(`${path} is gone`)

    return inFile(path, () => readRecord(text, project))
  }

  /** Skips version numbers that a writer has taken and not finished. */
  async #numbered(record: ProjectRecord): Promise<ProjectRecord> {
    const numbers = (await this.#list(this.#path(record.project)))
      .flatMap((file) => /^version-(\d+)\.json/.exec(file)?.[1] ?? [])
      .map(Number)

    return { ...record, lastVersion: Math.max(record.lastVersion, ...numbers) }
  }

  async #isSame(version: Version): Promise<boolean> {
    const stored = await this.version(version.project, version.version).catch(() => undefined)

    return stored?.digest === version.digest && stored.publishedAt === version.publishedAt
  }

  async #list(path: string): Promise<string[]> {
    try {
      return await readdir(path)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return []
      throw unavailable(`${path} (DATA_DIR) cannot be read`, error)
    }
  }

  async #text(path: string): Promise<string | undefined> {
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw unavailable(`${path} (DATA_DIR) cannot be read`, error)
    }
  }
}

async function inFile<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw error instanceof DamagedRecord
      ? new DamagedRecord(`${path} is damaged: ${error.message}`, error.reason)
      : error
  }
}

function unavailable(what: string, error: unknown): RoutesError {
  const reason = error instanceof Error ? error.message : String(error)

  return new RoutesError('store_unavailable', `${what}: ${reason}`, undefined, { cause: error })
}

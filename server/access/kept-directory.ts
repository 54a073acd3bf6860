import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile, type StoreLog } from '../../routes/index.ts'
import { emptyDirectory, readDirectory, type Directory } from './directory.ts'
import type { DirectoryStore, StoredDirectory } from './directory-store.ts'

/** Milliseconds between two looks at the store: a sign-out or a new role is in force on every Baton after that time. */
const pollIntervalMs = 1000
/** Decisions on one change before it is given up. */
const maxAttempts = 10

/** The store did not take a change. */
class DirectoryUnavailable extends Error {
  readonly status = 503
  readonly slug = 'store_unavailable'
  readonly title = 'The store does not answer'
  readonly detail =
    'People, tokens and sessions cannot be changed now, since the store does not answer; those that are known go on.'
}

/** The directory in memory: reads never wait, changes go through the store, and those of other Batons are followed. */
export class KeptDirectory {
  readonly #store: DirectoryStore
  readonly #log: StoreLog
  readonly #lastGoodFile: string | undefined
  /** Undefined as long as neither the store nor the last good copy has been read. */
  #directory: Directory | undefined
  #revision = 0
  #poll: NodeJS.Timeout | undefined
  #problem = ''

  private constructor(store: DirectoryStore, log: StoreLog, lastGoodFile: string | undefined) {
    this.#store = store
    this.#log = log
    this.#lastGoodFile = lastGoodFile
  }

  /** @param lastGoodFile read when the store does not answer at the start; not needed where the store is this machine's disk */
  static async open(store: DirectoryStore, log: StoreLog, lastGoodFile?: string): Promise<KeptDirectory> {
    const kept = new KeptDirectory(store, log, lastGoodFile)
    await kept.#follow()
    if (kept.#directory === undefined) await kept.#readLastGood()
    kept.#schedule()

    return kept
  }

  /** Undefined when it is not known who may use the API. */
  get now(): Directory | undefined {
    return this.#directory
  }

  /** Decides on the stored directory, again when another writer was faster. Throws DirectoryUnavailable. */
  async change(decide: (directory: Directory) => Directory): Promise<Directory> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      await this.#guarded(() => this.#read())
      const before = this.#directory ?? emptyDirectory
      const after = decide(before)
      if (after === before) return before
      const text = JSON.stringify(after)
      const expected = this.#revision
      if (await this.#guarded(() => this.#store.write(text, expected))) {
        await this.#adopt({ revision: expected + 1, text })

        return after
      }
    }
    throw new DirectoryUnavailable()
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#poll)
    this.#poll = undefined
  }

  #schedule(): void {
    this.#poll = setTimeout(() => {
      void this.#follow().finally(() => {
        if (this.#poll) this.#schedule()
      })
    }, pollIntervalMs)
    this.#poll.unref()
  }

  async #guarded<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      throw new DirectoryUnavailable(undefined, { cause: error })
    }
  }

  /** Reads what others have changed; the directory in memory stays while the store does not answer. */
  async #follow(): Promise<void> {
    try {
      await this.#read()
      this.#problem = ''
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      if (problem !== this.#problem) this.#log.warn(`people and tokens are not read: ${problem}`)
      this.#problem = problem
    }
  }

  async #read(): Promise<void> {
    const stored = await this.#store.read(this.#directory ? this.#revision : -1)
    if (!stored) return
    const isLost = this.#directory !== undefined && stored.revision < this.#revision
    if (!isLost) {
      await this.#adopt(stored)

      return
    }
    // A store that is emptied must not open the API to all: what is in memory goes back to it.
    this.#log.warn('the store has lost people and tokens: they are restored from memory')
    const text = JSON.stringify(this.#directory)
    if (await this.#store.write(text, stored.revision)) await this.#adopt({ revision: stored.revision + 1, text })
  }

  async #adopt({ revision, text }: StoredDirectory): Promise<void> {
    const directory = revision === 0 ? emptyDirectory : readDirectory(text)
    if (!directory) throw new Error('they are damaged in the store')
    this.#directory = directory
    this.#revision = revision
    if (this.#lastGoodFile === undefined) return
    await mkdir(dirname(this.#lastGoodFile), { recursive: true })
    await replaceFile(this.#lastGoodFile, JSON.stringify(directory)).catch((error: unknown) => {
      this.#log.warn('the last good copy of people and tokens is not written', { error })
    })
  }

  async #readLastGood(): Promise<void> {
    if (this.#lastGoodFile === undefined) return
    const text = await readFile(this.#lastGoodFile, 'utf8').catch(() => '')
    this.#directory = readDirectory(text)
  }
}

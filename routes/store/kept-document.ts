import { mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RoutesError } from '../schema/errors.ts'
import { replaceFile, createFile } from './atomic-file.ts'
import type { StoreLog } from './store.ts'
import type { RedisClient } from './redis-client.ts'

/** A stored document: its text, and a revision that each change counts up. Revision 0: nothing is stored. */
export interface StoredDocument {
  revision: number
  text: string
}

/** Keeps one document, which every change replaces whole. Both reject when the store does not answer. */
export interface DocumentStore {
  /** Cheap when nothing has changed since `known`: undefined then. */
  read(known: number): Promise<StoredDocument | undefined>
  /** Stores it as `revision`; false when another writer was faster, so that the stored revision is not `expected`. */
  write(text: string, expected: number, revision: number): Promise<boolean>
}

/** Files `<name>-<revision>.json`, readable by their owner only. A revision is a file that only one writer can create. */
export class DocumentFiles implements DocumentStore {
  readonly #dir: string
  readonly #name: string

  constructor(dir: string, name: string) {
    this.#dir = dir
    this.#name = name
  }

  async read(known: number): Promise<StoredDocument | undefined> {
    const [newest = 0] = await this.#revisions()
    if (newest === known) return undefined
    if (newest === 0) return { revision: 0, text: '' }

    return { revision: newest, text: await readFile(this.#path(newest), 'utf8') }
  }

  async write(text: string, expected: number, revision: number): Promise<boolean> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    const stored = await this.#revisions()
    if ((stored[0] ?? 0) !== expected || !(await createFile(this.#path(revision), text))) return false
    for (const old of stored) await rm(this.#path(old), { force: true })

    return true
  }

  #path(revision: number): string {
    return join(this.#dir, `${this.#name}-${revision}.json`)
  }

  /** Newest first. */
  async #revisions(): Promise<number[]> {
    try {
      return (await readdir(this.#dir))
        .filter((file) => file.startsWith(`${this.#name}-`))
        .flatMap((file) => /^-(\d+)\.json$/.exec(file.slice(this.#name.length))?.[1] ?? [])
        .map(Number)
        .sort((a, b) => b - a)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
}

/** Compare and set. KEYS: the hash. ARGV: the expected revision, the new one, the text. */
const writeScript = `
local revision = redis.call('HGET', KEYS[1], 'revision') or '0'
if revision ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'text', ARGV[3])
return 1`

/** A hash in Redis, shared by all Batons that use it. */
export class DocumentRedis implements DocumentStore {
  readonly #client: RedisClient
  readonly #key: string

  constructor(client: RedisClient, key: string) {
    this.#client = client
    this.#key = key
  }

  async read(known: number): Promise<StoredDocument | undefined> {
    const revision = Number((await this.#client.hget(this.#key, 'revision')) ?? 0)
    if (revision === known) return undefined
    const [now, text] = await this.#client.hmget(this.#key, 'revision', 'text')

    return { revision: Number(now ?? 0), text: text ?? '' }
  }

  async write(text: string, expected: number, revision: number): Promise<boolean> {
    return (await this.#client.eval(writeScript, 1, this.#key, String(expected), String(revision), text)) === 1
  }
}

/** Milliseconds between two looks at the store: a change is in force on every Baton after that time. */
const pollIntervalMs = 500
/** Decisions on one change before it is given up. */
const maxAttempts = 10

interface KeptDocumentOptions<T> {
  store: DocumentStore
  log: StoreLog
  /** For people, in the plural, such as `people and tokens`. */
  what: string
  /** The document of a store that has none. */
  empty: T
  /** Undefined for a text that is no such document. */
  read: (text: string) => T | undefined
  /** Read when the store does not answer at the start; not needed where the store is this machine's disk. */
  lastGoodFile?: string | undefined
}

/** A document in memory: reads never wait, changes go through the store, and those of other Batons are followed. */
export class KeptDocument<T> {
  readonly #options: KeptDocumentOptions<T>
  /** Undefined as long as neither the store nor the last good copy has been read. */
  #document: T | undefined
  #revision = 0
  #poll: NodeJS.Timeout | undefined
  #problem = ''
  #listener: ((document: T) => void) | undefined

  private constructor(options: KeptDocumentOptions<T>) {
    this.#options = options
  }

  static async open<T>(options: KeptDocumentOptions<T>): Promise<KeptDocument<T>> {
    const kept = new KeptDocument(options)
    await kept.#follow()
    if (kept.#document === undefined) await kept.#readLastGood()
    kept.#schedule()

    return kept
  }

  /** Undefined when the document is not known: the store has never answered, and there is no last good copy. */
  get now(): T | undefined {
    return this.#document
  }

  /** @param listener called with each document that takes the place of another one, from this process or another */
  onChange(listener: (document: T) => void): void {
    this.#listener = listener
  }

  /** Decides on the stored document, again when another writer was faster. Throws RoutesError (503). */
  async change(decide: (document: T) => T): Promise<T> {
    const { store, empty } = this.#options
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      await this.#guarded(() => this.#read())
      const before = this.#document ?? empty
      const after = decide(before)
      if (after === before) return before
      const text = JSON.stringify(after)
      const expected = this.#revision
      if (await this.#guarded(() => store.write(text, expected, expected + 1))) {
        await this.#adopt({ revision: expected + 1, text })

        return after
      }
    }
    throw this.#unavailable()
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

  async #guarded<R>(act: () => Promise<R>): Promise<R> {
    try {
      return await act()
    } catch (error) {
      throw this.#unavailable(error)
    }
  }

  #unavailable(cause?: unknown): RoutesError {
    const { what } = this.#options
    const detail = `${what} cannot be changed now, since the store does not answer; those that are known go on`

    return new RoutesError('store_unavailable', detail, undefined, { cause })
  }

  /** Reads what others have changed; the document in memory stays while the store does not answer. */
  async #follow(): Promise<void> {
    const { log, what } = this.#options
    try {
      await this.#read()
      this.#problem = ''
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      if (problem !== this.#problem) log.warn(`${what} are not read: ${problem}`)
      this.#problem = problem
    }
  }

  async #read(): Promise<void> {
    const { store, log, what } = this.#options
    const stored = await store.read(this.#document === undefined ? -1 : this.#revision)
    if (!stored) return
    const isLost = this.#document !== undefined && stored.revision < this.#revision
    if (!isLost) {
      await this.#adopt(stored)

      return
    }
    // A store that is emptied must not undo what was decided: what is in memory goes back to it.
    log.warn(`the store has lost ${what}: they are restored from memory`)
    const text = JSON.stringify(this.#document)
    // A revision that no Baton has: the others take it over, and do not restore what they have.
    const revision = this.#revision + 1
    if (await store.write(text, stored.revision, revision)) await this.#adopt({ revision, text })
  }

  async #adopt({ revision, text }: StoredDocument): Promise<void> {
    const { empty, read, lastGoodFile, log, what } = this.#options
    const document = revision === 0 ? empty : read(text)
    if (document === undefined) throw new Error('they are damaged in the store')
    this.#document = document
    this.#revision = revision
    this.#listener?.(document)
    if (lastGoodFile === undefined) return
    await mkdir(dirname(lastGoodFile), { recursive: true })
    await replaceFile(lastGoodFile, JSON.stringify(document)).catch((error: unknown) => {
      log.warn(`the last good copy of ${what} is not written`, { error })
    })
  }

  async #readLastGood(): Promise<void> {
    const { lastGoodFile, read } = this.#options
    if (lastGoodFile === undefined) return
    this.#document = read(await readFile(lastGoodFile, 'utf8').catch(() => ''))
  }
}

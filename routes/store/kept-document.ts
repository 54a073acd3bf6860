import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { RoutesError } from '../schema/errors.ts'
import { replaceFile } from './atomic-file.ts'
import type { DocumentStore, StoredDocument } from './document-store.ts'
import type { StoreLog } from './store.ts'

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

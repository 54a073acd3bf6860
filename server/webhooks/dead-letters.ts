import { join } from 'node:path'
import type { Settings } from '../../config/index.ts'
import { wallTime, type Clock, type Timer } from '../../engine/index.ts'
import type { Guard } from '../guard.ts'
import { DeadLetterFile, DeadLetterRedis, type DeadLetter, type DeadLetterStore } from './dead-letter-store.ts'

const maxLetters = 1000
const maxLetterBytes = 8 * 1024 * 1024
/** A change waits so long for others to be written with it. */
const flushDelayMs = 50
/** Interval at which a store that could not be reached is tried again, and a shared one is read again. */
const refreshMs = 15_000
/** The last changes may take so long when Baton stops. */
const closeTimeoutMs = 2000

export interface DeadLettersOptions {
  store: DeadLetterStore
  clock: Clock
  /** Is told of exceptions in work that nothing awaits. */
  guard: Guard
  log: { warn(message: string, fields?: object): unknown; error(message: string, fields?: object): unknown }
  limits?: { letters: number; bytes: number }
}

/**
 * Events that the webhook's receiver has not taken, oldest first, bounded in number and bytes. They are kept in memory and
 * written behind: calls and deliveries do not wait for the store.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions
  readonly #clock: Clock
  readonly #letters = new Map<string, DeadLetter>()
  readonly #bytes = new Map<string, number>()
  #totalBytes = 0
  /** Changes that are not in the store yet. */
  readonly #unwritten = new Map<string, DeadLetter | undefined>()
  #writing: Promise<void> | undefined
  #loaded = false
  #flush: Timer | undefined
  #refresh: Timer | undefined
  #closed = false
  /** Letters dropped to make room for later ones. */
  dropped = 0

  /** Resolves also when the store cannot be read: it is tried again later. */
  static async open(options: DeadLettersOptions): Promise<DeadLetters> {
    const letters = new DeadLetters(options)
    await letters.refresh()

    return letters
  }

  private constructor(options: DeadLettersOptions) {
    this.#options = options
    this.#clock = options.guard.clock(options.clock)
  }

  get size(): number {
    return this.#letters.size
  }

  /** Oldest first. */
  get all(): Iterable<DeadLetter> {
    return this.#letters.values()
  }

  get(id: string): DeadLetter | undefined {
    return this.#letters.get(id)
  }

  /** Age of the oldest event; 0 without letters. */
  get oldestSeconds(): number {
    const [oldest] = this.#letters.values()

    return oldest ? Math.max(0, (wallTime(this.#clock.now()) - Date.parse(oldest.event.at)) / 1000) : 0
  }

  put(letter: DeadLetter): void {
    this.#keep(letter)
    this.#change(letter.id, letter)
    this.#bound()
  }

  /** False when there is no such letter. */
  delete(id: string): boolean {
    if (!this.#letters.has(id)) return false
    this.#forget(id)
    this.#change(id, undefined)

    return true
  }

  /** Reads what other Batons have put or deleted. A store that cannot be read is logged, and tried again later. */
  async refresh(): Promise<void> {
    const { store, log, guard } = this.#options
    this.#refresh?.cancel()
    if (!this.#loaded || store.shared) {
      try {
        const { ids, letters } = await store.load(new Set(this.#letters.keys()))
        for (const id of this.#letters.keys()) if (!ids.has(id) && !this.#unwritten.has(id)) this.#forget(id)
        for (const letter of letters) if (!this.#unwritten.has(letter.id)) this.#keep(letter)
        this.#sort()
        this.#bound()
        this.#loaded = true
      } catch (error) {
        log.warn('the dead letters of the webhook cannot be read; it is tried again', { error: String(error) })
      }
    }
    if (!this.#closed && (!this.#loaded || store.shared)) {
      this.#refresh = this.#clock.after(refreshMs, () => {
        guard.run(() => this.refresh())
      })
    }
  }

  /** Idempotent. Writes the last changes, for two seconds at most. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#refresh?.cancel()
    this.#flush?.cancel()
    const late = new Promise<void>((resolve) => setTimeout(resolve, closeTimeoutMs).unref())
    await Promise.race([this.#write(), late])
    if (this.#unwritten.size > 0) {
      this.#options.log.error('dead letters of the webhook could not be written', { letters: this.#unwritten.size })
    }
    this.#flush?.cancel()
    this.#refresh?.cancel()
    this.#options.store.close()
  }

  #keep(letter: DeadLetter): void {
    this.#forget(letter.id)
    const bytes = Buffer.byteLength(JSON.stringify(letter))
    this.#letters.set(letter.id, letter)
    this.#bytes.set(letter.id, bytes)
    this.#totalBytes += bytes
  }

  #forget(id: string): void {
    this.#totalBytes -= this.#bytes.get(id) ?? 0
    this.#bytes.delete(id)
    this.#letters.delete(id)
  }

  #sort(): void {
    const sorted = [...this.#letters.values()].sort((a, b) => Date.parse(a.event.at) - Date.parse(b.event.at))
    this.#letters.clear()
    for (const letter of sorted) this.#letters.set(letter.id, letter)
  }

  #bound(): void {
    const { letters, bytes } = this.#options.limits ?? { letters: maxLetters, bytes: maxLetterBytes }
    for (const { id, event } of this.#letters.values()) {
      if (this.#letters.size <= letters && this.#totalBytes <= bytes) break
      this.delete(id)
      this.dropped += 1
      this.#options.log.error('too many dead letters of the webhook; the oldest is dropped', { id, type: event.type })
    }
  }

  #change(id: string, letter: DeadLetter | undefined): void {
    this.#unwritten.set(id, letter)
    this.#writeIn(flushDelayMs)
  }

  #writeIn(ms: number): void {
    if (this.#closed) return
    this.#flush ??= this.#clock.after(ms, () => {
      this.#flush = undefined
      this.#options.guard.run(() => this.#write())
    })
  }

  async #write(): Promise<void> {
    await this.#writing
    if (this.#unwritten.size === 0) return
    // A file that could not be read must not be overwritten.
    if (!this.#loaded && !this.#options.store.shared) {
      this.#writeIn(refreshMs)
      return
    }
    this.#writing = this.#writeAll(new Map(this.#unwritten)).finally(() => {
      this.#writing = undefined
    })
    await this.#writing
  }

  async #writeAll(changes: Map<string, DeadLetter | undefined>): Promise<void> {
    try {
      await this.#options.store.write(changes, this.#letters)
      for (const [id, letter] of changes) {
        if (this.#unwritten.get(id) === letter) this.#unwritten.delete(id)
      }
    } catch (error) {
      this.#writeIn(refreshMs)
      this.#options.log.warn('the dead letters of the webhook cannot be written; it is tried again', {
        error: String(error),
      })
    }
  }
}

/** Opens the dead letters: in Redis with `REDIS_URL`, else in a file under `DATA_DIR`. */
export async function openDeadLetters(
  { redisUrl, dataDir }: Settings,
  options: Omit<DeadLettersOptions, 'store'>,
): Promise<DeadLetters> {
  const store: DeadLetterStore =
    redisUrl === undefined
      ? new DeadLetterFile(join(dataDir, 'webhooks', 'dead-letters.jsonl'))
      : await DeadLetterRedis.open(redisUrl)

  return DeadLetters.open({ ...options, store })
}

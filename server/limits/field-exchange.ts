import type { Clock, Timer } from '../../engine/index.ts'
import { openRedis, type RedisClient } from '../../routes/index.ts'

/** A hash that all Batons of one Redis have in common: one field for each Baton. */
export interface SharedHash {
  /** Sets this Baton's field, and resolves with all fields, and with whether the field is new. */
  exchange(field: string, value: string): Promise<{ fields: Readonly<Record<string, string>>; isNew: boolean }>
  remove(fields: readonly string[]): Promise<unknown>
  close(): void
}

/** The hash is gone so long after the last Baton has. */
const keptSeconds = 60

/** The fields of all Batons in a hash of Redis. */
export class RedisHash implements SharedHash {
  readonly #client: RedisClient
  readonly #key: string
  readonly #disconnect: () => void

  private constructor(client: RedisClient, key: string, disconnect: () => void) {
    this.#client = client
    this.#key = key
    this.#disconnect = disconnect
  }

  /** @param key of the one hash, which a Cluster keeps on one node */
  static async open(url: string, key: string): Promise<RedisHash> {
    const { client, close } = await openRedis(url)

    return new RedisHash(client, key, close)
  }

  /** The three commands go out together. */
  async exchange(field: string, value: string): Promise<{ fields: Record<string, string>; isNew: boolean }> {
    const client = this.#client
    const key = this.#key
    const [added, , fields] = await Promise.all([
      client.hset(key, field, value),
      client.expire(key, keptSeconds),
      client.hgetall(key),
    ])

    return { fields, isNew: added === 1 }
  }

  remove(fields: readonly string[]): Promise<unknown> {
    return this.#client.hdel(this.#key, ...fields)
  }

  close(): void {
    this.#disconnect()
  }
}

/** What a Baton writes into its field of a hash, and what it makes of all fields. */
export interface FieldExchangeUser {
  /** The field of this Baton now; undefined when Redis need not be asked. */
  text(): string | undefined
  /** @param isNew whether this Baton's field was not there before */
  take(fields: Readonly<Record<string, string>>, isNew: boolean): void
  /** Redis has not answered. */
  noteUnreachable(): void
  /** Milliseconds until the next exchange. */
  pauseMs(): number
}

/** Exchanges this Baton's field for those of all, again and again until it is closed. Calls and transfers never wait for it. */
export class FieldExchange {
  readonly #hash: SharedHash
  readonly #field: string
  readonly #clock: Clock
  readonly #user: FieldExchangeUser
  #timer: Timer | undefined
  #isRunning = false
  #isClosed = false

  constructor({ hash, field, clock }: { hash: SharedHash; field: string; clock: Clock }, user: FieldExchangeUser) {
    this.#hash = hash
    this.#field = field
    this.#clock = clock
    this.#user = user
  }

  /** Resolves after one exchange, whether or not Redis has answered; the next one follows by itself. */
  async run(): Promise<void> {
    this.#isRunning = true
    const text = this.#user.text()
    if (text !== undefined) await this.#exchange(text)
    this.#isRunning = false
    if (this.#isClosed) return
    this.#timer = this.#clock.after(this.#user.pauseMs(), () => {
      void this.run()
    })
  }

  /** Makes the next exchange now, unless one is under way. */
  hurry(): void {
    if (this.#isClosed || this.#isRunning) return
    this.#timer?.cancel()
    void this.run()
  }

  /** Fields of Batons that are gone. */
  remove(fields: readonly string[]): void {
    if (fields.length > 0) this.#hash.remove(fields).catch(() => undefined)
  }

  /** Idempotent. @param lastText this Baton's field from now on; undefined: it is removed */
  async close(lastText?: string): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.cancel()
    const left = lastText === undefined ? this.#hash.remove([this.#field]) : this.#hash.exchange(this.#field, lastText)
    await left.catch(() => undefined)
    this.#hash.close()
  }

  async #exchange(text: string): Promise<void> {
    try {
      const { fields, isNew } = await this.#hash.exchange(this.#field, text)
      if (!this.#isClosed) this.#user.take(fields, isNew)
    } catch {
      this.#user.noteUnreachable()
    }
  }
}

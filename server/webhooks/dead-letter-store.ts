import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { BatonEvent } from '../calls/events.ts'
import { replaceFile, openRedis, type RedisClient } from '../../routes/index.ts'

/** An event that the webhook's receiver has not taken. */
export interface DeadLetter {
  /** `webhook-id`. */
  id: string
  event: BatonEvent
  attempts: number
  /** Why the last attempt failed, or why there was none. */
  problem: string
  /** When it was given up; ISO 8601. */
  failedAt: string
  /** Baton stopped before the event was delivered or given up: the next start tries it again. */
  interrupted?: true
}

/** Letters that are put, and ids of letters that are deleted (`undefined`). */
export type DeadLetterChanges = ReadonlyMap<string, DeadLetter | undefined>

/** Keeps dead letters beyond the life of the process. */
export interface DeadLetterStore {
  /** Other Batons write there as well. */
  readonly shared: boolean
  /** Every id in the store, and the letters that are not `known` yet. */
  load(known: ReadonlySet<string>): Promise<{ ids: ReadonlySet<string>; letters: DeadLetter[] }>
  /** @param kept all letters after these changes */
  write(changes: DeadLetterChanges, kept: ReadonlyMap<string, DeadLetter>): Promise<void>
  close(): void
}

/** undefined when the text is no dead letter. */
function readLetter(text: string): DeadLetter | undefined {
  try {
    const letter = JSON.parse(text) as Partial<DeadLetter> | null
    const whole = typeof letter?.id === 'string' && typeof letter.event?.at === 'string'

    return whole ? (letter as DeadLetter) : undefined
  } catch {
    return undefined
  }
}

/** The file is rewritten when changes have added so many bytes to it. */
const maxAppendedBytes = 8 * 1024 * 1024

/** Dead letters in a file: a line for each letter that is put, or deleted (`{"gone": id}`). It is rewritten when it has grown. */
export class DeadLetterFile implements DeadLetterStore {
  readonly shared = false
  readonly #path: string
  #appendedBytes = Infinity

  constructor(path: string) {
    this.#path = path
  }

  async load(): Promise<{ ids: ReadonlySet<string>; letters: DeadLetter[] }> {
    const letters = new Map<string, DeadLetter>()
    for (const line of (await this.#text()).split('\n')) {
      const letter = readLetter(line)
      if (letter) letters.set(letter.id, letter)
      else letters.delete(goneIn(line))
    }

    return { ids: new Set(letters.keys()), letters: [...letters.values()] }
  }

  async write(changes: DeadLetterChanges, kept: ReadonlyMap<string, DeadLetter>): Promise<void> {
    const lines = Array.from(changes, ([id, letter]) => `${JSON.stringify(letter ?? { gone: id })}\n`).join('')
    // The first write of a process also repairs a line that a crash has cut off.
    if (this.#appendedBytes + lines.length > maxAppendedBytes) {
      await mkdir(dirname(this.#path), { recursive: true })
      await replaceFile(this.#path, Array.from(kept.values(), (letter) => `${JSON.stringify(letter)}\n`).join(''))
      this.#appendedBytes = 0
      return
    }
    await appendFile(this.#path, lines)
    this.#appendedBytes += lines.length
  }

  close(): void {
    // The file is opened for each write only.
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
      throw error
    }
  }
}

function goneIn(line: string): string {
  try {
    return String((JSON.parse(line) as { gone?: string } | null)?.gone)
  } catch {
    return ''
  }
}

const key = 'baton:webhooks:dead-letters'
/** Letters in one HMGET. */
const maxBatchSize = 100

/** Dead letters in a hash of Redis, shared by all Batons that use it. */
export class DeadLetterRedis implements DeadLetterStore {
  readonly shared = true
  readonly #client: RedisClient
  readonly #disconnect: () => void

  private constructor(client: RedisClient, disconnect: () => void) {
    this.#client = client
    this.#disconnect = disconnect
  }

  static async open(url: string): Promise<DeadLetterRedis> {
    const { client, close } = await openRedis(url)

    return new DeadLetterRedis(client, close)
  }

  async load(known: ReadonlySet<string>): Promise<{ ids: ReadonlySet<string>; letters: DeadLetter[] }> {
    const ids = await this.#client.hkeys(key)
    const missing = ids.filter((id) => !known.has(id))
    const letters: DeadLetter[] = []
    for (let at = 0; at < missing.length; at += maxBatchSize) {
      const texts = await this.#client.hmget(key, ...missing.slice(at, at + maxBatchSize))
      letters.push(...texts.flatMap((text) => (text === null ? [] : (readLetter(text) ?? []))))
    }

    return { ids: new Set(ids), letters }
  }

  async write(changes: DeadLetterChanges): Promise<void> {
    const put = [...changes].flatMap(([id, letter]) => (letter ? [id, JSON.stringify(letter)] : []))
    const gone = [...changes].flatMap(([id, letter]) => (letter ? [] : [id]))
    if (put.length > 0) await this.#client.hset(key, ...put)
    if (gone.length > 0) await this.#client.hdel(key, ...gone)
  }

  close(): void {
    this.#disconnect()
  }
}

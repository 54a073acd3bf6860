import { openRedis, type RedisClient } from '../../routes/index.ts'
import { readLetter, type DeadLetter, type DeadLetterStore, type LetterChanges } from './dead-letter.ts'

const key = 'baton:webhooks:dead-letters'
/** How many letters are asked for at once. */
const batchSize = 100

/** Dead letters in a hash of Redis, of all Batons that share it. */
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
    for (let at = 0; at < missing.length; at += batchSize) {
      const texts = await this.#client.hmget(key, ...missing.slice(at, at + batchSize))
      letters.push(...texts.flatMap((text) => (text === null ? [] : (readLetter(text) ?? []))))
    }

    return { ids: new Set(ids), letters }
  }

  async write(changes: LetterChanges): Promise<void> {
    const put = [...changes].flatMap(([id, letter]) => (letter ? [id, JSON.stringify(letter)] : []))
    const gone = [...changes].flatMap(([id, letter]) => (letter ? [] : [id]))
    if (put.length > 0) await this.#client.hset(key, ...put)
    if (gone.length > 0) await this.#client.hdel(key, ...gone)
  }

  close(): void {
    this.#disconnect()
  }
}

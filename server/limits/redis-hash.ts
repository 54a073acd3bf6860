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

import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import {
  openRedis,
  type RedisClient,
  DocumentFiles,
  DocumentRedis,
  KeptDocument,
  type StoreLog,
} from '../../routes/index.ts'
import type { Settings } from '../../config/index.ts'

/** Targets that operators may have taken out at a time. */
const maxTakenOut = 1000

const TakenOutTarget = Type.Object({
  state: Type.Enum(['disabled', 'draining']),
  /** For people: by whom, and why. */
  reason: Type.String(),
  /** ISO 8601 */
  at: Type.String(),
})

/** What operators have taken out, by target id: one document, which every change replaces whole. */
const TakenOut = Type.Object({ schema: Type.Literal(1), targets: Type.Record(Type.String(), TakenOutTarget) })

export type TakenOutTarget = Static<typeof TakenOutTarget>
export type TakenOut = Static<typeof TakenOut>

export const noneTakenOut: TakenOut = { schema: 1, targets: {} }

const compiled = Compile(TakenOut)

/** Undefined for a text that is no such document. */
export function readTakenOut(text: string): TakenOut | undefined {
  try {
    const value: unknown = JSON.parse(text)

    return compiled.Check(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Takes a target out, or puts it in when `taken` is undefined. Of too many, those go that no configuration names any more.
 * @param isNamed whether the configuration names a target
 */
export function withTakenOut(
  stored: TakenOut,
  id: string,
  taken: TakenOutTarget | undefined,
  isNamed: (id: string) => boolean,
): TakenOut {
  const { [id]: before, ...others } = stored.targets
  if (taken === undefined) return before === undefined ? stored : { ...stored, targets: others }
  const entries = Object.entries({ ...others, [id]: taken })

  return {
    ...stored,
    targets: Object.fromEntries(entries.length > maxTakenOut ? entries.filter(([each]) => isNamed(each)) : entries),
  }
}

/** How the Batons of one Redis probe in turn, and tell each other their reports. */
export interface TargetPeers {
  /** Whether this Baton may probe a target now; the others may not for this time. Rejects without Redis. */
  lease(id: string, ms: number): Promise<boolean>
  /** Tells the others, and keeps the text for a Baton that starts within this time. */
  tell(id: string, text: string, keptMs: number): void
  /** The last report of each target that Redis still has. Rejects without Redis. */
  kept(ids: readonly string[]): Promise<(string | null)[]>
  /** @param connected called each time that news may have been missed until now */
  follow(heard: (text: string) => void, connected: () => void): void
  close(): void
}

/** One hash tag, so that a Cluster keeps all of it on one node. */
const prefix = 'baton:{targets}'

/** News of targets on a channel of Redis, and the last of each in a key that expires. */
class RedisPeers implements TargetPeers {
  readonly #client: RedisClient
  readonly #subscriber: RedisClient
  readonly #disconnect: () => void

  private constructor(client: RedisClient, subscriber: RedisClient, disconnect: () => void) {
    this.#client = client
    this.#subscriber = subscriber
    this.#disconnect = disconnect
  }

  static async open(url: string): Promise<RedisPeers> {
    const [main, listening] = await Promise.all([openRedis(url), openRedis(url)])

    return new RedisPeers(main.client, listening.client, () => {
      main.close()
      listening.close()
    })
  }

  async lease(id: string, ms: number): Promise<boolean> {
    return (await this.#client.set(`${prefix}:lease:${id}`, '1', 'PX', Math.max(1, Math.round(ms)), 'NX')) === 'OK'
  }

  tell(id: string, text: string, keptMs: number): void {
    const client = this.#client
    client.set(`${prefix}:last:${id}`, text, 'PX', Math.max(1, Math.round(keptMs))).catch(() => undefined)
    client.publish(`${prefix}:news`, text).catch(() => undefined)
  }

  kept(ids: readonly string[]): Promise<(string | null)[]> {
    return this.#client.mget(...ids.map((id) => `${prefix}:last:${id}`))
  }

  follow(heard: (text: string) => void, connected: () => void): void {
    const subscriber = this.#subscriber
    const subscribe = (): void => {
      subscriber.subscribe(`${prefix}:news`).then(connected, () => undefined)
    }
    subscriber.on('message', (_channel: string, text: string) => {
      heard(text)
    })
    subscriber.on('ready', subscribe)
    if (subscriber.status === 'ready') subscribe()
  }

  close(): void {
    this.#disconnect()
  }
}

/** What is kept of targets outside this process. */
export interface TargetStores {
  takenOut: KeptDocument<TakenOut>
  /** Undefined without Redis. */
  peers: TargetPeers | undefined
  /** Idempotent. */
  close(): void
}

/** Opens them where Baton keeps its tables: in Redis with REDIS_URL, else in files under DATA_DIR. */
export async function openTargetStores({ redisUrl, dataDir }: Settings, log: StoreLog): Promise<TargetStores> {
  const [redis, peers] =
    redisUrl === undefined ? [] : await Promise.all([openRedis(redisUrl), RedisPeers.open(redisUrl)])
  const takenOut = await KeptDocument.open({
    store: redis
      ? new DocumentRedis(redis.client, 'baton:targets')
      : new DocumentFiles(join(dataDir, 'targets'), 'taken-out'),
    ...{ log, what: 'disabled and draining targets', empty: noneTakenOut, read: readTakenOut },
    lastGoodFile: redis && join(dataDir, 'last-good', 'targets.json'),
  })

  return {
    ...{ takenOut, peers },
    close: () => {
      takenOut.close()
      redis?.close()
      peers?.close()
    },
  }
}

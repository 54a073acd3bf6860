import { networkInterfaces } from 'node:os'
import { randomUUID } from 'node:crypto'
import type { Settings } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import { FieldExchange, RedisHash } from '../limits/index.ts'

/** How often each Baton says where its API is. */
const exchangeMs = 5000
/** A Baton that has said nothing for so long is gone. */
const lostAfterMs = 3 * exchangeMs

type PeerSettings = Pick<Settings, 'redisUrl' | 'http'>

/** Where the other Batons of one Redis have their API. */
export class PeerBatons {
  readonly #field = randomUUID()
  readonly #clock: Clock
  readonly #exchange: FieldExchange
  /** The texts of the others, and when each came. */
  readonly #peers = new Map<string, { text: string; at: number }>()
  #turn = 0

  /**
   * Undefined without Redis. Resolves after the first exchange, whether or not Redis has answered.
   * @param port at which this Baton's API listens
   */
  static async open({ redisUrl, http }: PeerSettings, clock: Clock, port: number): Promise<PeerBatons | undefined> {
    if (redisUrl === undefined) return undefined
    const url = http.peerUrl?.replace(/\/$/, '') ?? reachableUrl(http.address, port)
    const peers = new PeerBatons(await RedisHash.open(redisUrl, 'baton:apis'), url, clock)
    await peers.#exchange.run()

    return peers
  }

  private constructor(hash: RedisHash, url: string, clock: Clock) {
    this.#clock = clock
    this.#exchange = new FieldExchange(
      { hash, field: this.#field, clock },
      {
        // The turn shows that this Baton is there.
        text: () => `${this.#turn++} ${url}`,
        take: (fields) => {
          this.#take(fields)
        },
        noteUnreachable: () => undefined,
        pauseMs: () => exchangeMs,
      },
    )
  }

  get urls(): readonly string[] {
    const now = this.#clock.now()
    const live = [...this.#peers.values()].filter(({ at }) => now - at < lostAfterMs)

    return live.map(({ text }) => text.slice(text.indexOf(' ') + 1))
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#exchange.close()
  }

  #take(fields: Readonly<Record<string, string>>): void {
    const now = this.#clock.now()
    for (const [field, text] of Object.entries(fields)) {
      if (field !== this.#field && this.#peers.get(field)?.text !== text) this.#peers.set(field, { text, at: now })
    }
    const gone = [...this.#peers].filter(([field, { at }]) => !(field in fields) || now - at > 2 * lostAfterMs)
    for (const [field] of gone) this.#peers.delete(field)
    this.#exchange.remove(gone.map(([field]) => field).filter((field) => field in fields))
  }
}

/** The URL of a listener as other machines reach it: of one on every address, the first address of the machine. */
function reachableUrl(address: string, port: number): string {
  const isAnywhere = address === '0.0.0.0' || address === '::'
  const own = Object.values(networkInterfaces()).flatMap((found) => found ?? [])
  const outside = own.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
  const host = isAnywhere ? outside : address

  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

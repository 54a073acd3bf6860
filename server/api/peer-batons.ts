import { networkInterfaces } from 'node:os'
import { randomUUID } from 'node:crypto'
import type { Settings } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import { FieldExchange, RedisHash } from '../limits/index.ts'
import { CallOwners, leasedAddress } from '../recovery/index.ts'

/** How often each Baton says where its API is. */
const exchangeMs = 5000
/** A Baton that has said nothing for so long is gone. */
const lostAfterMs = 3 * exchangeMs

type PeerSettings = Pick<Settings, 'redisUrl' | 'http' | 'sip' | 'drachtio' | 'drachtioListen' | 'nodeName'>

/** Another Baton, as it tells of itself. */
interface Peer {
  /** Where its API is. */
  readonly url: string
  readonly node: string
  /** The address whose lease it has or wants; undefined where its dialogs are a drachtio server's. */
  readonly address?: string | undefined
}

/** Where the other Batons of one Redis have their API. */
export class PeerBatons {
  readonly #field = randomUUID()
  readonly #clock: Clock
  readonly #exchange: FieldExchange
  readonly #owners: CallOwners
  /** The texts of the others, and when each came. */
  readonly #peers = new Map<string, { text: string; at: number }>()
  #turn = 0

  /**
   * Undefined without Redis. Resolves after the first exchange, whether or not Redis has answered.
   * @param port at which this Baton's API listens
   */
  static async open(settings: PeerSettings, clock: Clock, port: number): Promise<PeerBatons | undefined> {
    const { redisUrl, http, nodeName: node } = settings
    if (redisUrl === undefined) return undefined
    const url = http.peerUrl?.replace(/\/$/, '') ?? reachableUrl(http.address, port)
    const [hash, owners] = await Promise.all([RedisHash.open(redisUrl, 'baton:apis'), CallOwners.open(redisUrl)])
    const peers = new PeerBatons(hash, owners, { url, node, address: leasedAddress(settings) }, clock)
    await peers.#exchange.run()

    return peers
  }

  private constructor(hash: RedisHash, owners: CallOwners, self: Peer, clock: Clock) {
    this.#clock = clock
    this.#owners = owners
    const own = JSON.stringify(self)
    this.#exchange = new FieldExchange(
      { hash, field: this.#field, clock },
      {
        // The turn shows that this Baton is there.
        text: () => `${this.#turn++} ${own}`,
        take: (fields) => {
          this.#take(fields)
        },
        noteUnreachable: () => undefined,
        pauseMs: () => exchangeMs,
      },
    )
  }

  get urls(): readonly string[] {
    return this.#live.map(({ url }) => url)
  }

  /**
   * The URL of the Baton whose record of the call Redis has: where two say that they have it, the one that may speak for it.
   * Undefined where there is no record, as of a call that has just begun or has ended, and while Redis is away.
   */
  async ownerOf(call: string): Promise<string | undefined> {
    const live = this.#live
    const addresses = [...new Set(live.flatMap(({ address }) => address ?? []))]
    try {
      const found = await this.#owners.addressOf(call, addresses)
      if (found === undefined) return undefined
      const node = await this.#owners.nodeAt(found)

      return live.find((peer) => peer.address === found && peer.node === node)?.url
    } catch {
      return undefined
    }
  }

  get #live(): readonly Peer[] {
    const now = this.#clock.now()

    return [...this.#peers.values()].flatMap(({ text, at }) => (now - at < lostAfterMs ? (peerOf(text) ?? []) : []))
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#exchange.close()
    this.#owners.close()
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

/** Undefined in what is no text of a Baton. */
function peerOf(text: string): Peer | undefined {
  try {
    const { url, node, address } = JSON.parse(text.slice(text.indexOf(' ') + 1)) as Partial<Record<keyof Peer, unknown>>
    if (typeof url !== 'string' || typeof node !== 'string') return undefined

    return { url, node, address: typeof address === 'string' ? address : undefined }
  } catch {
    return undefined
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

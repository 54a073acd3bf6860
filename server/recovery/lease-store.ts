import type { Settings } from '../../config/index.ts'
import { openRedis, type RedisClient } from '../../routes/index.ts'
import { journalSchemas } from './journal-schemas.ts'

/** A lease that is not renewed for so long is gone: its Baton is, or is cut off from Redis. */
export const leaseMs = 1500
/** The records of a Baton that has gone are deleted after so long. */
const keptSeconds = 86_400

/** The Baton that has an address, and which of those that have had it that is: the epoch rises with each. */
export interface AddressLease {
  readonly node: string
  readonly epoch: number
}

/** What Redis knows of an address. */
export interface AddressLeaseView extends AddressLease {
  /** Whether the Baton still renews it. */
  readonly isHeld: boolean
  /** An operator has ordered the takeover: whether a machine has the address is not asked. */
  readonly isGivenUp: boolean
}

const prefixOf = (address: string): string => `baton:lease:{${address}}`
const callsKeyOf = (address: string): string => `${prefixOf(address)}:calls`

/** Whose call one is, by the records in Redis: only the Baton that has the lease of an address writes those of it. */
export class CallOwners {
  readonly #client: RedisClient
  readonly #disconnect: () => void

  private constructor(client: RedisClient, disconnect: () => void) {
    this.#client = client
    this.#disconnect = disconnect
  }

  static async open(url: string): Promise<CallOwners> {
    const { client, close } = await openRedis(url)

    return new CallOwners(client, close)
  }

  /** The one of these addresses under which Redis has the call; undefined where none has it. Rejects while Redis is away. */
  async addressOf(call: string, addresses: readonly string[]): Promise<string | undefined> {
    const found = await Promise.all(addresses.map((address) => this.#client.hexists(callsKeyOf(address), call)))

    return addresses.find((_, nth) => found[nth] === 1)
  }

  /** The node that has the lease of an address, or had it last; undefined where none has had it. */
  async nodeAt(address: string): Promise<string | undefined> {
    return (await this.#client.hget(prefixOf(address), 'node')) ?? undefined
  }

  /** Idempotent. */
  close(): void {
    this.#disconnect()
  }
}

/** Calls by their ids, each in the text that Redis has. */
export type KeptTexts = ReadonlyMap<string, string>

/**
 * The address and port that parties send to: one Baton at a time has it. Undefined where a drachtio server has the dialogs,
 * and for a port that is another one after each start.
 */
export function leasedAddress({
  sip: { listen, externalIp },
  drachtio,
  drachtioListen,
  nodeName,
}: Pick<Settings, 'sip' | 'drachtio' | 'drachtioListen' | 'nodeName'>): string | undefined {
  const [first] = listen
  if ((drachtio ?? drachtioListen) || !first || first.port === 0) return undefined
  const address = first.address === '0.0.0.0' || first.address === '::' ? nodeName : first.address

  return `${externalIp ?? address}:${first.port}`
}

const take = `
local now = redis.call('HMGET', KEYS[1], 'epoch', 'node')
if redis.call('EXISTS', KEYS[2]) == 1 and now[2] ~= ARGV[1] then return {0, now[2]} end
local epoch = math.max(tonumber(now[1]) or 0, tonumber(ARGV[2])) + 1
redis.call('HSET', KEYS[1], 'epoch', epoch, 'node', ARGV[1])
redis.call('HDEL', KEYS[1], 'given_up')
redis.call('SET', KEYS[2], epoch, 'PX', ARGV[3])
return {epoch, now[2] or ''}`

/** A Redis that has been emptied has no epoch: the holder's is written again. */
const write = `
local now = redis.call('HMGET', KEYS[1], 'epoch', 'node')
local epoch = tonumber(now[1]) or 0
local mine = tonumber(ARGV[2])
if epoch > mine then return 'lost ' .. (now[2] or '') end
if epoch < mine then redis.call('HSET', KEYS[1], 'epoch', mine, 'node', ARGV[1]) end
redis.call('SET', KEYS[2], mine, 'PX', ARGV[3])
local puts = tonumber(ARGV[5])
for at = 6, 4 + 2 * puts, 2 do
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
  redis.call('HINCRBY', KEYS[4], ARGV[at], 1)
end
for at = 6 + 2 * puts, #ARGV do
  redis.call('HDEL', KEYS[3], ARGV[at])
  redis.call('HDEL', KEYS[4], ARGV[at])
end
for _, key in ipairs({1, 3, 4}) do redis.call('EXPIRE', KEYS[key], ARGV[4]) end
return epoch < mine and 'emptied' or 'kept'`

const release = `
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1`

const giveUp = `
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HSET', KEYS[1], 'given_up', 1)
redis.call('DEL', KEYS[2])
return 1`

/** The lease of an address in Redis, and the calls of the Baton that has it. Its methods reject when Redis does not answer. */
export class LeaseStore {
  readonly address: string
  readonly #client: RedisClient
  readonly #disconnect: () => void
  readonly #lease: string
  readonly #held: string
  readonly #calls: string
  readonly #revisions: string

  private constructor(client: RedisClient, address: string, disconnect: () => void) {
    this.address = address
    this.#client = client
    this.#disconnect = disconnect
    // In braces: a Cluster keeps all keys of an address on one node.
    const prefix = prefixOf(address)
    this.#lease = prefix
    this.#held = `${prefix}:held`
    this.#calls = callsKeyOf(address)
    this.#revisions = `${prefix}:revisions`
  }

  static async open(url: string, address: string): Promise<LeaseStore> {
    const { client, close } = await openRedis(url)

    return new LeaseStore(client, address, close)
  }

  /**
   * Takes the lease, unless another Baton holds it.
   * @param from its epoch at least, as far as is known; Redis may have been emptied
   * @returns the new epoch, or 0 where another holds it; and the node that had it before
   */
  async take(node: string, from = 0): Promise<{ epoch: number; before: string }> {
    const [epoch, before] = (await this.#eval(take, [node, from, leaseMs])) as [number, string]

    return { epoch, before }
  }

  /**
   * Renews the lease, puts calls and deletes others, all or nothing.
   * @param puts ids and texts
   * @returns whether Redis had lost everything, or the node that has the lease now
   */
  async write(
    { node, epoch }: AddressLease,
    puts: readonly (readonly [id: string, kept: string])[],
    gone: readonly string[],
  ): Promise<{ wasEmptied: boolean } | { lostTo: string }> {
    const texts = puts.flatMap(([id, kept]) => [id, `${journalSchemas.present} ${kept}`])
    const said = String(await this.#eval(write, [node, epoch, leaseMs, keptSeconds, puts.length, ...texts, ...gone]))

    return said.startsWith('lost ') ? { lostTo: said.slice(5) } : { wasEmptied: said === 'emptied' }
  }

  /** Another Baton may take the lease at once. */
  async release({ epoch }: Pick<AddressLease, 'epoch'>): Promise<void> {
    await this.#eval(release, [epoch])
  }

  /** An operator has the address taken over: its Baton loses the lease. */
  async giveUp(): Promise<void> {
    await this.#eval(giveUp, [])
  }

  async look(): Promise<AddressLeaseView> {
    const [held, [epoch, node, givenUp]] = await Promise.all([
      this.#client.exists(this.#held),
      this.#client.hmget(this.#lease, 'epoch', 'node', 'given_up'),
    ])

    return { epoch: Number(epoch ?? 0), node: node ?? '', isHeld: held === 1, isGivenUp: givenUp === '1' }
  }

  async calls(): Promise<KeptTexts> {
    return new Map(Object.entries(await this.#client.hgetall(this.#calls)))
  }

  async ids(): Promise<string[]> {
    return this.#client.hkeys(this.#calls)
  }

  /** How often each call has been written. */
  async revisions(): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(await this.#client.hgetall(this.#revisions)))
  }

  /** Those of the calls that Redis still has. */
  async some(ids: readonly string[]): Promise<KeptTexts> {
    if (ids.length === 0) return new Map()
    const texts = await this.#client.hmget(this.#calls, ...ids)

    return new Map(
      ids.flatMap((id, nth) => {
        const text = texts[nth]

        return typeof text === 'string' ? [[id, text] as const] : []
      }),
    )
  }

  /** Idempotent. */
  close(): void {
    this.#disconnect()
  }

  #eval(script: string, args: readonly (string | number)[]): Promise<unknown> {
    const keys = [this.#lease, this.#held, this.#calls, this.#revisions]

    return this.#client.eval(script, keys.length, ...keys, ...args)
  }
}

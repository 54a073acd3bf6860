import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Settings } from '../../config/index.ts'
import { openLease, type StandbyCalls } from './leased-calls.ts'
import { tellHealth } from './standby-health.ts'
import { leaseMs, type AddressLeaseView, type LeaseStore } from './lease-store.ts'

/** How often the lease and the calls are looked at. */
const lookMs = 250
/** Calls that are read at once: some 6 KB each. */
const maxBatchSize = 200

interface StandbyLog {
  error(message: string, fields?: object): unknown
  info(message: string, fields?: object): unknown
}

type StandbySettings = Pick<
  Settings,
  'http' | 'redisUrl' | 'sip' | 'drachtio' | 'drachtioListen' | 'nodeName' | 'recovery'
>

/**
 * Stands by for the Baton that has the address of these settings, with its calls in memory. Resolves with them once the lease
 * is gone and this machine has the address; rejects with what is wrong with the settings.
 */
export async function standBy(settings: StandbySettings, log: StandbyLog): Promise<StandbyCalls> {
  refuseUnfit(settings)
  const store = await openLease(settings)
  if (!store) throw new Error('baton standby needs a port in SIP_LISTEN, the same one after each start')
  const standby = new Standby(store, settings, log)
  const health = await tellHealth(settings.http, () => standby.state, log)
  try {
    return await standby.due()
  } finally {
    await health.close()
    store.close()
  }
}

function refuseUnfit({ redisUrl, sip, drachtio, drachtioListen, recovery }: StandbySettings): void {
  if (redisUrl === undefined) throw new Error('baton standby needs REDIS_URL: that of the Baton it stands by for')
  if (!recovery) throw new Error('baton standby needs RECOVERY=on')
  if (drachtio ?? drachtioListen) {
    throw new Error('baton standby cannot take over the dialogs of a drachtio server: unset DRACHTIO_HOST')
  }
  const isAnywhere = sip.listen.some(({ address }) => address === '0.0.0.0' || address === '::')
  if (isAnywhere && sip.externalIp === undefined) {
    throw new Error('baton standby needs SIP_EXTERNAL_IP, the address that moves, while SIP_LISTEN has every address')
  }
}

class Standby {
  readonly #store: LeaseStore
  readonly #sip: Settings['sip']
  readonly #log: StandbyLog
  readonly #texts = new Map<string, string>()
  #revisions: ReadonlyMap<string, string> = new Map()
  #view: AddressLeaseView | undefined
  #seenAt = performance.now()
  #told: string | undefined

  constructor(store: LeaseStore, { sip }: Pick<Settings, 'sip'>, log: StandbyLog) {
    this.#store = store
    this.#sip = sip
    this.#log = log
  }

  /** What it waits for, in words. */
  get state(): string {
    return `standing by ${this.#told ?? 'for the first look at Redis'}, ${this.#texts.size} calls in memory`
  }

  async due(): Promise<StandbyCalls> {
    for (;;) {
      if ((await this.#isGone()) && (await this.#hasAddress())) break
      await sleep(lookMs)
    }
    // The last calls, where Redis still tells.
    await this.#follow().catch(() => undefined)
    const { node = '', epoch = 0 } = this.#view ?? {}
    this.#log.info('taking over', { address: this.#store.address, from: node, calls: this.#texts.size })

    return { texts: this.#texts, lease: { node, epoch } }
  }

  /** Whether no Baton has the lease. A Redis that does not answer says nothing: the address decides then. */
  async #isGone(): Promise<boolean> {
    try {
      const view = await this.#store.look()
      await this.#follow()
      this.#view = view
      this.#seenAt = performance.now()
      if (view.isHeld) this.#tell(this.#texts.size > 0 ? `with calls of ${view.node}` : `for ${view.node}`)
      else this.#tell('for an address that no Baton serves')

      return !view.isHeld
    } catch {
      this.#tell('without Redis')

      return performance.now() - this.#seenAt > leaseMs
    }
  }

  /** Reads the calls that were written since. */
  async #follow(): Promise<void> {
    const revisions = await this.#store.revisions()
    const changed = [...revisions].filter(([id, revision]) => this.#revisions.get(id) !== revision).map(([id]) => id)
    for (let at = 0; at < changed.length; at += maxBatchSize) {
      for (const [id, text] of await this.#store.some(changed.slice(at, at + maxBatchSize))) this.#texts.set(id, text)
    }
    for (const id of this.#texts.keys()) if (!revisions.has(id)) this.#texts.delete(id)
    this.#revisions = revisions
  }

  /** Whether a socket can be bound to what parties send to: the address is this machine's, and no other process has it. */
  async #hasAddress(): Promise<boolean> {
    const { listen, externalIp } = this.#sip
    const own = listen.filter(({ transport }) => transport === 'udp')
    const wanted = own.map(({ address, port }) => ({ address, port }))
    // An operator who has the calls taken over knows that the address leads here, through a NAT for example.
    if (externalIp !== undefined && this.#view?.isGivenUp !== true) wanted.push({ address: externalIp, port: 0 })
    for (const one of wanted) if (!(await canBind(one))) return false

    return true
  }

  #tell(what: string): void {
    if (what === this.#told) return
    this.#told = what
    this.#log.info(`standing by ${what}`, { address: this.#store.address, calls: this.#texts.size })
  }
}

async function canBind({ address, port }: { address: string; port: number }): Promise<boolean> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.bind(port, address)
    await once(socket, 'listening')

    return true
  } catch {
    return false
  } finally {
    await new Promise<void>((resolve) => socket.close(resolve))
  }
}

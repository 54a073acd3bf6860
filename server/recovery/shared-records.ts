import type { CallKeeper } from '../calls/call-keeper.ts'
import type { ObservedCall } from '../calls/observed-call.ts'
import { leaseMs, type LeaseStore } from './lease-store.ts'

/** How often the lease is renewed. */
const renewalMs = leaseMs / 3
/** Calls in one write: some 6 KB each. */
const maxBatchSize = 100

interface RecordsLog {
  error(message: string, fields?: object): unknown
  info(message: string, fields?: object): unknown
}

/** The lease, as far as is known when the records begin: without an epoch, Redis has not answered yet. */
export interface FoundLease {
  readonly node: string
  readonly epoch: number | undefined
}

/**
 * Keeps the calls that are up in Redis, for a Baton on another machine: one write at a time, and calls wait for none. While
 * Redis is away nothing waits for it in memory; all calls are written anew when it is back, or has been emptied.
 */
export class SharedRecords implements CallKeeper {
  readonly #store: LeaseStore
  readonly #node: string
  readonly #log: RecordsLog
  readonly #calls = new Map<string, ObservedCall>()
  readonly #changed = new Set<string>()
  readonly #gone = new Set<string>()
  #epoch: number | undefined
  #isScheduled = false
  #writing: Promise<void> | undefined
  #renewal: NodeJS.Timeout | undefined
  #hasBegun = false
  /** Redis may have others than these calls. */
  #isBehind = true
  /** Calls of Redis that are not up are still to be looked for. */
  #isSweepDue = false
  #problem: string | undefined
  #lostTo: string | undefined
  #errors = 0
  #isClosed = false
  /** Called once, when another Baton has the lease. */
  onLost: (node: string) => void = () => undefined

  constructor(store: LeaseStore, { node, epoch }: FoundLease, log: RecordsLog) {
    this.#store = store
    this.#node = node
    this.#epoch = epoch
    this.#log = log
  }

  /** Why another machine could not take the calls up; undefined while it could. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** How many writes have failed. */
  get errors(): number {
    return this.#errors
  }

  /** The Baton that has taken the lease from this one. */
  get lostTo(): string | undefined {
    return this.#lostTo
  }

  /** Whether Redis has every call as it is now. */
  get isUpToDate(): boolean {
    return !this.#isBehind && !this.#isSweepDue && this.#changed.size + this.#gone.size === 0 && !this.#writing
  }

  /** From now on the lease is renewed. */
  hold(): void {
    this.#renewal ??= setInterval(() => {
      this.#write()
    }, renewalMs).unref()
  }

  /** The calls of the process before are taken up: from now on Redis gets those of this one, and has no others. */
  begin(): void {
    this.#hasBegun = true
    this.hold()
    this.#write()
  }

  changed(call: ObservedCall): void {
    this.#calls.set(call.id, call)
    if (this.#isBehind) return
    this.#changed.add(call.id)
    this.#schedule()
  }

  ended({ id }: ObservedCall): void {
    this.#changed.delete(id)
    if (!this.#calls.delete(id) || this.#isBehind) return
    this.#gone.add(id)
    this.#schedule()
  }

  /** Idempotent. Resolves once Redis has what it can have, and the lease is another's to take. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    clearInterval(this.#renewal)
    await this.#writing
    for (let last = Infinity; !this.#isBehind && this.#waiting > 0 && this.#waiting < last;) {
      last = this.#waiting
      this.#write()
      await this.#writing
    }
    this.#isClosed = true
    if (this.#epoch !== undefined && this.#lostTo === undefined) {
      await this.#store.release({ epoch: this.#epoch }).catch(() => undefined)
    }
    this.#store.close()
  }

  get #waiting(): number {
    return this.#changed.size + this.#gone.size
  }

  #schedule(): void {
    if (this.#isScheduled || this.#writing || this.#renewal === undefined) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#write()
    })
  }

  #write(): void {
    if (this.#writing || this.#isClosed || this.#lostTo !== undefined) return
    this.#writing = this.#writeNext()
      .catch((error: unknown) => {
        this.#failed(error)
      })
      .finally(() => {
        this.#writing = undefined
        if (!this.#isBehind && (this.#waiting > 0 || this.#isSweepDue)) this.#schedule()
      })
  }

  async #writeNext(): Promise<void> {
    const epoch = await this.#heldEpoch()
    if (epoch === undefined) return
    if (this.#isSweepDue && this.#waiting === 0) await this.#sweep()
    const written = await this.#store.write({ node: this.#node, epoch }, this.#takeChanged(), this.#takeGone())
    if ('lostTo' in written) {
      this.#lose(written.lostTo)
      return
    }
    if (this.#problem !== undefined) this.#log.info('calls that are up are kept in Redis again')
    this.#problem = undefined
    if (this.#hasBegun && (this.#isBehind || written.wasEmptied)) this.#writeAnew()
  }

  /** Takes the lease where Redis was away at the start. */
  async #heldEpoch(): Promise<number | undefined> {
    if (this.#epoch !== undefined) return this.#epoch
    const { epoch, before } = await this.#store.take(this.#node)
    if (epoch > 0) this.#epoch = epoch
    else this.#problem = heldText(this.#store.address, before)

    return this.#epoch
  }

  #takeChanged(): [string, string][] {
    const puts: [string, string][] = []
    for (const id of this.#changed) {
      if (puts.length === maxBatchSize) break
      this.#changed.delete(id)
      const kept = this.#calls.get(id)?.keep()
      if (kept) puts.push([id, JSON.stringify(kept)])
    }

    return puts
  }

  #takeGone(): string[] {
    const gone = [...this.#gone].slice(0, maxBatchSize)
    for (const id of gone) this.#gone.delete(id)

    return gone
  }

  /** All calls, some with each write; after them, Redis is looked through for calls that have ended. */
  #writeAnew(): void {
    for (const id of this.#calls.keys()) this.#changed.add(id)
    this.#isBehind = false
    this.#isSweepDue = true
  }

  async #sweep(): Promise<void> {
    const ids = await this.#store.ids()
    this.#isSweepDue = false
    for (const id of ids) if (!this.#calls.has(id)) this.#gone.add(id)
  }

  #failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#errors += 1
    this.#isBehind = true
    this.#changed.clear()
    this.#gone.clear()
    if (this.#problem === undefined) {
      this.#log.error('calls that are up are not kept in Redis; the journal has them', { error: message })
    }
    this.#problem = `Redis: ${message}`
  }

  #lose(node: string): void {
    clearInterval(this.#renewal)
    this.#lostTo = node
    this.#calls.clear()
    this.#changed.clear()
    this.#gone.clear()
    this.onLost(node)
  }
}

/** Another Baton has the lease, and renews it. */
export function heldText(address: string, node: string): string {
  return `${node} has the lease of ${address}; stop it, or have its calls taken over by npx baton takeover ${node}`
}

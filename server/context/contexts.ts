import { randomBytes } from 'node:crypto'
import type { Settings } from '../../config/index.ts'
import { isoTime, wallTime, type Clock, type Timer } from '../../engine/index.ts'
import { defined } from '../../base/defined.ts'
import { isRefused } from '../calls/admission.ts'
import type { ContextKeeper } from '../calls/call-parts.ts'
import type { ObservedCall } from '../calls/observed-call.ts'
import type { ProcessLog } from '../log.ts'
import { type Transfer } from '../transfer/transfer.ts'
import { hasContext } from '../transfer/transfer-request.ts'
import { type TransferRequest } from '../transfer/transfer-request.ts'
import { callerSeconds, openContextStore, type ContextStore, isContextId, type ContextView } from './context-store.ts'

/** Contexts beyond this many bytes are left to the store alone, oldest first. */
const maxBytesInMemory = 64 * 1024 * 1024
const sweepMs = 600_000
/** Writes that may wait for a slow store. */
const maxWaiting = 10_000

/** How often contexts were asked for, and how often the store failed. */
export interface ContextCounts {
  readonly found: number
  readonly unknown: number
  readonly storeErrors: number
}

interface HeldContext {
  readonly view: ContextView
  readonly bytes: number
  readonly expiresAt: number
}

/** The part of a context that does not come of the call. */
type GivenContext = Pick<ContextView, 'transferId' | 'handoff' | 'variables' | 'reason' | 'context' | 'dialled'>

/**
 * What agents gave along with transfers, by id, for a time. The newest are in memory and all are written behind: no transfer
 * waits for the store, and one that fails loses no context of this process.
 */
export class Contexts implements ContextKeeper {
  readonly #store: ContextStore
  readonly #clock: Clock
  readonly #log: ProcessLog
  readonly #ttlSeconds: number
  /** Contexts that were kept or changed last come last; the first leave memory first. */
  readonly #held = new Map<string, HeldContext>()
  readonly #counts = { found: 0, unknown: 0, storeErrors: 0 }
  #bytes = 0
  #timer: Timer | undefined
  #waiting = 0
  /** Writes, one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  static async open(
    settings: Pick<Settings, 'redisUrl' | 'dataDir' | 'contextTtl'>,
    clock: Clock,
    log: ProcessLog,
  ): Promise<Contexts> {
    return new Contexts(await openContextStore(settings), settings.contextTtl, clock, log)
  }

  constructor(store: ContextStore, ttlSeconds: number, clock: Clock, log: ProcessLog) {
    this.#store = store
    this.#ttlSeconds = ttlSeconds
    this.#clock = clock
    this.#log = log
    this.#sweepLater()
  }

  get counts(): ContextCounts {
    return this.#counts
  }

  idFor(request: TransferRequest, { states }: Pick<ObservedCall, 'states'>): string | undefined {
    return hasContext(request) || states.length > 0 ? newContextId() : undefined
  }

  keep(call: ObservedCall, { id: transferId, plan, request }: Transfer, content: unknown, dialled?: string): void {
    const { contextId, variables = {}, reason } = request
    if (contextId === undefined) return
    const given = { transferId, handoff: plan.handoff, variables, ...defined({ reason, context: content, dialled }) }
    this.#add(call, contextId, given)
  }

  agentDownDialled(call: ObservedCall, handoff: string, number: string): void {
    this.#add(call, newContextId(), { handoff, variables: {}, reason: 'agent_down', dialled: number })
  }

  dialled(call: ObservedCall, transfer: Transfer, number: string): void {
    const held = this.#held.get(transfer.request.contextId ?? '')
    if (held) {
      const view = { ...held.view, dialled: number }
      this.#hold(view)
      this.#write(() => this.#store.dialled(view, number))
    } else {
      transfer.request.contextId ??= newContextId()
      this.keep(call, transfer, undefined, number)
    }
  }

  #add(call: ObservedCall, id: string, given: GivenContext): void {
    const { admission } = call
    if (isRefused(admission)) return
    const { caller } = admission
    const now = this.#clock.now()
    const { transferId, handoff, dialled, ...content } = given
    const view: ContextView = {
      ...{ id, callId: call.id, ...defined({ transferId }) },
      ...{ project: call.project, environment: call.environment, handoff },
      caller: { uri: caller.uri, number: caller.number, ...defined({ name: caller.name || undefined }) },
      called: caller.called,
      states: [...call.states],
      createdAt: isoTime(now),
      expiresAt: isoTime(now + this.#ttlSeconds * 1000),
      ...content,
      ...defined({ dialled }),
    }
    this.#hold(view)
    this.#write(async () => {
      await this.#store.add(view)
      if (dialled !== undefined) await this.#store.dialled(view, dialled)
    })
  }

  stateSet(call: ObservedCall): void {
    for (const { request } of call.transfers) {
      const held = this.#held.get(request.contextId ?? '')
      if (!held) continue
      const view = { ...held.view, states: [...call.states] }
      this.#hold(view)
      this.#write(() => this.#store.update(view))
    }
  }

  /** The context of this id, undefined when there is none or it has expired. Rejects when the store cannot be read. */
  get(id: string): Promise<ContextView | undefined> {
    return this.#find(() => {
      const held = this.#held.get(id)
      if (held) return Promise.resolve(held.view)

      return isContextId(id) ? this.#read(() => this.#store.get(id)) : undefined
    })
  }

  /** The newest context of the last minute for a caller's number. Rejects when the store cannot be read, and none is in memory. */
  byCaller(number: string): Promise<ContextView | undefined> {
    const since = isoTime(this.#clock.now() - callerSeconds * 1000)

    return this.#find(() =>
      this.#newest(
        ({ caller, createdAt }) => caller.number === number && createdAt >= since,
        () => this.#store.byCaller(number),
      ),
    )
  }

  /** The context of the transfer that this number of a pool was reserved for last. Rejects as `byCaller` does. */
  byDialled(number: string): Promise<ContextView | undefined> {
    return this.#find(() =>
      this.#newest(
        ({ dialled }) => dialled === number,
        () => this.#store.byDialled(number),
      ),
    )
  }

  /** Idempotent. Resolves when all is written that can be. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    await this.#last
    this.#store.close()
  }

  async #find(read: () => Promise<ContextView | undefined> | undefined): Promise<ContextView | undefined> {
    const view = await read()
    const found = view && Date.parse(view.expiresAt) > wallTime(this.#clock.now()) ? view : undefined
    this.#counts[found ? 'found' : 'unknown'] += 1

    return found
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      this.#counts.storeErrors += 1
      throw error
    }
  }

  /** Of the contexts of this Baton and that of the store, which another Baton may have added, the newer one. */
  async #newest(
    matches: (view: ContextView) => boolean,
    read: () => Promise<ContextView | undefined>,
  ): Promise<ContextView | undefined> {
    const own = Array.from(this.#held.values(), ({ view }) => view)
      .filter(matches)
      .reduce<ContextView | undefined>(
        (newest, one) => (newest && newest.createdAt > one.createdAt ? newest : one),
        undefined,
      )
    const kept = await this.#read(read).catch((error: unknown) => {
      if (!own) throw error
      return undefined
    })

    return own && (!kept || kept.createdAt <= own.createdAt) ? own : kept
  }

  #hold(view: ContextView): void {
    const expiresAt = Date.parse(view.expiresAt)
    const bytes = 2 * JSON.stringify(view).length
    this.#forget(view.id)
    this.#held.set(view.id, { view, bytes, expiresAt })
    this.#bytes += bytes
    const now = wallTime(this.#clock.now())
    for (const [id, held] of this.#held) {
      if (this.#bytes <= maxBytesInMemory && held.expiresAt > now) break
      this.#forget(id)
    }
  }

  #forget(id: string): void {
    this.#bytes -= this.#held.get(id)?.bytes ?? 0
    this.#held.delete(id)
  }

  #write(write: () => Promise<void>): void {
    if (this.#waiting >= maxWaiting) {
      this.#counts.storeErrors += 1
      return
    }
    this.#waiting += 1
    this.#last = this.#last
      .then(write)
      .catch((error: unknown) => {
        this.#counts.storeErrors += 1
        this.#log.warn('a context is not written; it is in memory only', { error })
      })
      .finally(() => (this.#waiting -= 1))
  }

  #sweepLater(): void {
    this.#timer = this.#clock.after(sweepMs, () => {
      this.#write(() => this.#store.sweep(Date.now()))
      this.#sweepLater()
    })
  }
}

function newContextId(): string {
  return randomBytes(16).toString('base64url')
}

import type { Settings } from '../../config/index.ts'
import type { Clock, Timer } from '../../engine/index.ts'
import { Guard } from '../guard.ts'
import type { MediaAnchors } from '../media/index.ts'
import type {
  IncomingInvite,
  IncomingRequest,
  MessageRecord,
  SipRequest,
  SipStack,
  SipUser,
  MessageTags,
} from '../sip/stack.ts'
import { FilteringStack } from '../sip/filtered/index.ts'
import type { TargetHealth } from '../targets/index.ts'
import { Traffic } from './traffic.ts'
import { isReferEvent, refuseEvent } from '../transfer/refer-event.ts'
import { newTrunkMemories } from '../transfer/trunk-memory.ts'
import { admit, isForUnknownNumber, type Admission, type CallRouting } from './admission.ts'
import { attendedPair, dialogNamed } from './attended.ts'
import { Authentication } from './authentication.ts'
import { Call } from './call.ts'
import { consult } from './consultation.ts'
import { CallRestorer, type KeptCalls } from './call-restorer.ts'
import { mediaClosed } from './call-view.ts'
import { CallWatch } from './call-watch.ts'
import type { CallBeginning, CallOverride, CallParts, ContextKeeper } from './call-parts.ts'
import type { CallObserver } from './observed-call.ts'
import { Ladders, type Ladder } from './ladders.ts'
import { UnknownSources } from './unknown-sources.ts'
import { UntrustedRequest } from './untrusted-request.ts'
import { unanswered } from '../legs/termination.ts'
import { Limits, type DailyCaps, type NumberReserver, type RoomBook } from '../limits/index.ts'
import { TrunkBook } from './trunk-book.ts'
import { Trunks } from '../legs/trunks.ts'

export interface CallsOptions {
  stack: SipStack
  clock: Clock
  settings: Settings
  routing: CallRouting
  observer: CallObserver
  targets?: TargetHealth
  /** Refusals of trunks, as remembered; empty when left out. */
  memory?: CallParts['memory']
  /** The agents and destinations of a rehearsal's call; undefined for every other call. */
  override?: (invite: SipRequest) => CallOverride | undefined
  /** Whether an INVITE is a rehearsal's, which may come from an address that no trunk has. */
  isExpected?: (invite: SipRequest) => boolean
  /** Counts calls against the limits of targets, trunks, handoffs and projects; those of this object alone when left out. */
  limits?: RoomBook | undefined
  /** Without it, what agents give along with transfers is in headers only. */
  contexts?: ContextKeeper | undefined
  /** The numbers of pools. */
  numbers?: NumberReserver | undefined
  /** Asks the resolvers of handoffs; without it, the routes of the table are used. */
  resolvers?: CallParts['resolvers']
  /** The caps of trunks, for the API. */
  caps?: DailyCaps | undefined
  /** Chooses among gateways and agents by their weights; `Math.random` when left out. */
  random?: (() => number) | undefined
  /** Gets a copy of every message, with the correlation id of its call. */
  mirror?: ((record: MessageRecord, correlation: string) => void) | undefined
  /** The calls of the process before, which are taken up. */
  kept?: KeptCalls | undefined
  /** The media servers; without them, all media goes between the parties. */
  media?: MediaAnchors | undefined
  /** Called with each ladder before its messages go. */
  ladderCleared?: ((ladder: Ladder) => void) | undefined
}

/** How long the BYEs of a shutdown may be retransmitted, in milliseconds: five times on UDP (RFC 3261 17.1.2.2). */
const releaseLimitMs = 4000

/** All calls: handles the events of the SIP stack, and keeps the live calls and the last that have ended. */
export class Calls implements SipUser {
  readonly traffic = new Traffic()
  readonly #stack: SipStack
  readonly #parts: CallParts
  readonly #routing: CallRouting
  readonly authentication: Authentication
  readonly unknownSources: UnknownSources
  readonly #trunks: Trunks
  readonly #override: (invite: SipRequest) => CallOverride | undefined
  readonly #caps: DailyCaps | undefined
  readonly #isExpected: (invite: SipRequest) => boolean
  readonly #mirror: CallsOptions['mirror']
  readonly #kept: KeptCalls | undefined
  readonly #ladders: Ladders
  readonly #watch: CallWatch
  readonly #live = new Map<string, Call>()
  readonly #recent = new Map<string, Call>()
  /** For events that belong to no call, or not yet. */
  readonly #guard: Guard
  #draining = false
  /** Another Baton has taken the calls over. */
  #areOthers = false
  #restorer: CallRestorer | undefined
  #onIdle: (() => void) | undefined
  /** BYEs of calls that ended after the drain began. */
  readonly #releases = new Set<Promise<unknown>>()

  constructor(options: CallsOptions) {
    const { stack, clock, settings, routing, observer, override, isExpected, mirror } = options
    this.#stack = stack
    this.#routing = routing
    const { unknownSources } = settings
    this.unknownSources = new UnknownSources(stack.canIgnore ? unknownSources : { ...unknownSources, limit: 0 }, clock)
    this.#ladders = new Ladders(settings.ladders)
    if (options.ladderCleared) this.#ladders.memory.onClear = options.ladderCleared
    this.#guard = new Guard((error) => {
      observer.defect(error)
    })
    this.#trunks = new Trunks(settings.trunks)
    this.#watch = new CallWatch({
      clock: this.#guard.clock(clock),
      live: () => this.live,
      ringsLong: (call) => {
        observer.callerWaits(call)
      },
      maxCallDuration: settings.maxCallDuration,
    })
    this.authentication = new Authentication(this.#trunks, (trunk, request) => {
      observer.credentialsRefused(trunk, request)
    })
    this.#caps = options.caps
    this.#isExpected = isExpected ?? (() => false)
    this.#mirror = mirror
    this.#kept = options.kept
    this.#override = override ?? (() => undefined)
    this.#parts = {
      stack: options.media ? new FilteringStack(stack) : stack,
      media: options.media,
      clock,
      settings,
      ladders: this.#ladders,
      trunks: this.#trunks,
      memory: options.memory ?? newTrunkMemories(clock),
      targets: options.targets,
      observer: this.#guard.listener(observer, () => !this.#areOthers),
      random: options.random ?? Math.random,
      switches: ({ project, environment }) => routing.switches.of(project, environment),
      contexts: options.contexts,
      numbers: options.numbers,
      resolvers: options.resolvers,
      limits: options.limits ?? new Limits(this.#guard.clock(clock)),
      join: (callId, request, replaces) => {
        const referred = this.#live.get(callId)
        const named = dialogNamed(replaces, this.#live.values())
        if (!referred || !named) return undefined
        const { call, other } = attendedPair(referred, named)

        return call.join(request, other)
      },
      ended: (record) => {
        if (this.#areOthers) return
        const call = this.#live.get(record.id)
        if (call) this.#keep(call)
        if (this.#live.size === 0) {
          this.#guard.run(() => this.#watch.stop())
          this.#onIdle?.()
        }
        const closed = mediaClosed([record.agent, record.destination])
        if (!closed) {
          observer.ended(record)

          return
        }
        // The record has the last statistics; a media server that does not answer delays it by the time-out of a command.
        const observed = closed.then(() => {
          this.#parts.observer.ended(record)
          this.#releases.delete(observed)
        })
        this.#releases.add(observed)
      },
      released: (bye) => {
        if (this.#draining) this.#releases.add(bye)

        return bye
      },
    }
  }

  get live(): IterableIterator<Call> {
    return this.#live.values()
  }

  /** The trunks for the API. */
  get trunkBook(): TrunkBook {
    return new TrunkBook({
      ...{ trunks: this.#trunks.all, memory: this.#parts.memory, caps: this.#caps },
      addresses: () => this.#parts.stack.addresses,
    })
  }

  get size(): number {
    return this.#live.size
  }

  /** The calls whose parties have all been silent for an hour. */
  get silent(): readonly Call[] {
    return this.#watch.silent()
  }

  /** Bytes that the ladders of all calls hold. */
  get ladderBytes(): number {
    return this.#ladders.memory.used
  }

  /** Refusals of trunks, as remembered. */
  get memory(): CallParts['memory'] {
    return this.#parts.memory
  }

  get draining(): boolean {
    return this.#draining
  }

  get(id: string): Call | undefined {
    return this.#live.get(id) ?? this.#recent.get(id)
  }

  /** Newest first, the live ones before those that have ended. */
  list(): Call[] {
    return [...[...this.#recent.values()], ...this.#live.values()].reverse()
  }

  /** Takes up the calls of the process before. */
  opened(): void {
    const { restorer } = this.#stack
    if (!this.#kept || !restorer) return
    this.#restorer = new CallRestorer(this.#parts, restorer, this.#guard, {
      live: this.#live,
      begin: (invite, admission, lost) => {
        this.#begin(invite, admission, { lost })
      },
    })
    this.#restorer.restore(this.#kept)
    if (this.#live.size > 0) this.#watch.begin()
    this.#watch.look([...this.#live.values()])
  }

  invite(invite: IncomingInvite): void {
    this.#guard.run(
      () => this.#serve(invite),
      () => {
        this.#parts.observer.failedBeforeCall()
        invite.reject(unanswered.internal_error.sipStatus)
      },
    )
  }

  #serve(invite: IncomingInvite): void {
    if (this.#restorer?.refuses(invite)) return
    const ofSource = this.#trunks.of(invite.request.source.address)
    const override = this.#override(invite.request)
    // A rehearsal's INVITE comes from Baton's own address, which may be no trunk's peer.
    let trunk = ofSource ?? (override && this.#trunks.first)
    if (!trunk) {
      this.#inviteFromUnknownSource(invite)
      return
    }
    if (trunk.authenticate && !override) {
      const outcome = this.authentication.of(invite.request, trunk)
      if ('status' in outcome) {
        invite.reject(outcome.status, outcome)
        return
      }
      trunk = outcome.trunk
    }
    if (!trunk.trust) invite.request = new UntrustedRequest(invite.request)
    const { request } = invite
    const admitted = admit(request, trunk, this.#routing, this.#draining, override?.pinned)
    // An agent consults by an INVITE to a number that no project has: the live calls are searched for its agent then only.
    const admission = isForUnknownNumber(admitted)
      ? consult(request, this.#live.values(), this.#parts.switches)
      : undefined
    this.#begin(invite, admission ?? admitted, { override })
  }

  /** Scanners and blocked sources get no answer, unless they are a trunk's peers. */
  ignores(request: SipRequest): boolean {
    if (this.#trunks.of(request.source.address) || this.#isExpected(request)) return false

    return this.unknownSources.ignores(request)
  }

  request(incoming: IncomingRequest): void {
    this.#guard.run(
      () => this.#respond(incoming),
      () => incoming.respond(500),
    )
  }

  #respond(incoming: IncomingRequest): void {
    const { method, source } = incoming.request
    const trunk = this.#trunks.of(source.address)
    const outcome = trunk?.authenticate && this.authentication.of(incoming.request, trunk)
    if (outcome && 'status' in outcome) {
      incoming.respond(outcome.status, outcome)
      return
    }
    // REFER, NOTIFY and SUBSCRIBE are served in the dialogs of calls only.
    if (method === 'SUBSCRIBE' && !isReferEvent(incoming)) refuseEvent(incoming)
    else incoming.respond(['REFER', 'NOTIFY', 'SUBSCRIBE'].includes(method) ? 481 : 405)
  }

  message(record: MessageRecord, tags?: MessageTags): void {
    this.traffic.count(record)
    this.#ladders.record(record, tags)
    this.#mirror?.(record, this.#ladders.correlationOf(record.callId))
  }

  connected(up: boolean): void {
    if (!up) for (const call of this.#live.values()) call.hangUp('connection_lost')
  }

  /**
   * Refuses new calls. Resolves when the last call has ended; calls that are up after `seconds` are ended. Their BYEs are
   * retransmitted until they are answered, for `releaseLimitMs` at most.
   */
  async drain(seconds: number): Promise<void> {
    this.#draining = true
    this.#stack.drain()
    const { clock } = this.#parts
    await within(clock, seconds * 1000, this.#untilIdle())
    this.#hangUp([...this.#live.values()])
    await within(clock, releaseLimitMs, this.#untilReleased())
  }

  /** The process ends, and the next one takes the calls up: the caller of a call that is not answered gets its final response from it. */
  handOver(): void {
    for (const call of this.#live.values()) if (call.state === 'setup') this.#parts.observer.callerWaits(call)
  }

  /** Another Baton has the calls from now on: this one sends and writes nothing for them. */
  forget(): void {
    this.#areOthers = true
    this.#live.clear()
    this.#guard.run(() => this.#watch.stop())
    this.#onIdle?.()
  }

  async #untilIdle(): Promise<void> {
    if (this.#live.size > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
  }

  async #untilReleased(): Promise<void> {
    await this.#untilIdle()
    await Promise.allSettled(this.#releases)
  }

  /** In batches, within a second: BYEs that are all sent at once overflow the receive buffers of next hops. */
  #hangUp(calls: Call[], batchSize = Math.max(20, Math.ceil(calls.length / 100))): void {
    for (const call of calls.splice(0, batchSize)) call.hangUp('shutdown')
    if (calls.length > 0) this.#parts.clock.after(10, () => this.#hangUp(calls, batchSize))
  }

  /** An agent that has a caller may consult; any other INVITE is refused, and becomes no call. */
  #inviteFromUnknownSource(invite: IncomingInvite): void {
    const { request } = invite
    const admission = consult(request, this.#live.values(), this.#parts.switches)
    if (admission) {
      this.#begin(invite, admission)
      return
    }
    const { sipStatus, result, reason } = unanswered.unknown_trunk
    invite.reject(sipStatus)
    this.#parts.observer.refusedSource(
      request,
      { result, reason, sipStatus },
      this.unknownSources.refused(request.source.address),
    )
  }

  #begin(invite: IncomingInvite, admission: Admission, beginning: CallBeginning = {}): void {
    const call = new Call(this.#parts, invite, admission, beginning)
    this.#live.set(call.id, call)
    call.begin()
    this.#guard.run(() => this.#watch.begin())
  }

  #keep(call: Call): void {
    this.#live.delete(call.id)
    this.#recent.set(call.id, call)
    this.#ladders.ended(call.legs.ladder)
    if (this.#recent.size <= this.#parts.settings.recentCalls) return
    const oldest = this.#recent.values().next().value
    if (!oldest) return
    this.#recent.delete(oldest.id)
    this.#ladders.forget(oldest.legs.ladder, oldest.legs.callIds)
  }
}

/** Resolves when the work is done, or after `ms`. */
async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  let timer: Timer | undefined
  await Promise.race([work, new Promise<void>((resolve) => (timer = clock.after(ms, resolve)))])
  timer?.cancel()
}

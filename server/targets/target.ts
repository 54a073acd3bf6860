import type { Clock, Target } from '../../engine/index.ts'
import {
  AddressHealth,
  maxResults,
  type AddressOwner,
  type TargetReport,
  type TargetResult,
  type TargetThresholds,
} from './address-health.ts'
import { type AddressState, stateOf, type TakenOutState, type TargetState } from './address-machine.ts'
import { targetKinds, type TargetKind, type TargetUse } from './target-use.ts'

/** How many addresses of a name are told apart. */
export const maxAddresses = 16

/** `out`, `in`: an operator has taken it out, or put it in again. */
export type TargetChange = 'down' | 'up' | 'out' | 'in'

/** Gets the changes of a target. */
export interface TargetListener {
  changed(target: WatchedTarget, change: TargetChange): void
  /** A call of this Baton has changed the state of an address. */
  learned(target: WatchedTarget, address: AddressHealth, lesson: TargetReport): void
  /** The target is new: its `uses` are known. */
  added(target: WatchedTarget): void
  /** The target is new, or used in other places than before. */
  used(target: WatchedTarget): void
  /** The configuration does not name the target any more. */
  gone(target: WatchedTarget): void
}

/** What an operator has decided of a target. */
interface OperatorDecision {
  readonly state: TakenOutState
  readonly reason: string
  readonly since: number
}

/** An agent's address, a gateway or a handoff's host: its addresses, and the calls on it. */
export class WatchedTarget implements AddressOwner {
  readonly id: string
  /** Calls whose leg to this target is up or being set up. */
  calls = 0
  thresholds: TargetThresholds = { downAfter: 3, upAfter: 2, backOffMs: 10_000 }
  /** Whether OPTIONS is sent to it at an interval. */
  isProbed = false
  /** The calls that were not sent to it, by reason. */
  readonly refusals = new Map<string, number>()
  #uses: readonly TargetUse[]
  /** The list has one address at least. */
  #addresses: readonly AddressHealth[]
  readonly #isNamed: boolean
  #takenOut: OperatorDecision | undefined
  #state: AddressState = 'unknown'
  #since: number
  /** Whether the listener was told `down`, and not yet `up`. */
  #isReportedDown = false
  readonly #clock: Clock
  readonly #listener: TargetListener

  /** @param at the address of a target whose host is one; undefined for a name */
  constructor(id: string, uses: readonly TargetUse[], clock: Clock, listener: TargetListener, at?: Target) {
    this.id = id
    this.#uses = uses
    this.#clock = clock
    this.#listener = listener
    this.#since = clock.now()
    this.#isNamed = at === undefined
    this.#addresses = [new AddressHealth(at, clock, this)]
  }

  get state(): TargetState {
    return this.#takenOut?.state ?? this.#state
  }

  /** Why it is in this state, for people. */
  get reason(): string {
    if (this.#takenOut) return this.#takenOut.reason
    const { reason } = this.decisive
    const others = this.#state === 'up' ? this.#addresses.filter((each) => !each.isOpen) : []

    return [reason, ...others.map((each) => `not ${each.text} (${each.reason})`)].join('; ')
  }

  /** Since when it is in this state, in milliseconds since the epoch by the clock. */
  get since(): number {
    return this.#takenOut?.since ?? this.#since
  }

  /** The addresses that its name has; a name that has not been looked up has one without an IP address. */
  get addresses(): readonly AddressHealth[] {
    return this.#addresses
  }

  /** Whether its host is a name, whose addresses are told apart. */
  get isNamed(): boolean {
    return this.#isNamed
  }

  /** The address that its state is of: the one that is so since last. */
  get decisive(): AddressHealth {
    const [first, ...others] = this.#addresses.filter(({ state }) => state === this.#state)

    return others.reduce((last, each) => (each.since > last.since ? each : last), first ?? this.#only)
  }

  /** Seconds between OPTIONS and its response, the last time. */
  get rtt(): number | undefined {
    return this.decisive.rtt
  }

  /** Seconds by which the Date of a last response to OPTIONS was ahead of this clock. */
  get clockAhead(): number | undefined {
    return this.#addresses.find(({ clockAhead }) => clockAhead !== undefined)?.clockAhead
  }

  /** When the first certificate of its addresses expires, in seconds since 1970; undefined where none has been seen. */
  get certificateExpiry(): number | undefined {
    const first = Math.min(...this.#addresses.map(({ certificateExpiry = Infinity }) => certificateExpiry))

    return first === Infinity ? undefined : first
  }

  /** The results of all addresses, newest first. */
  get results(): readonly TargetResult[] {
    if (this.#addresses.length === 1) return this.#only.results
    const all = this.#addresses.flatMap(({ results }) => results)

    return all.sort((a, b) => b.at - a.at).slice(0, maxResults)
  }

  get kind(): TargetKind {
    return targetKinds.find((kind) => this.#uses.some((use) => use.kind === kind)) ?? 'handoff'
  }

  /** The URI as the configuration writes it first. */
  get uri(): string {
    return this.#uses[0]?.uri ?? ''
  }

  get usedBy(): string[] {
    return [...new Set(this.#uses.map(({ usedBy }) => usedBy))]
  }

  get uses(): readonly TargetUse[] {
    return this.#uses
  }

  set uses(uses: readonly TargetUse[]) {
    this.#uses = uses
  }

  /** Why no call may be sent to it now, for people; undefined when one may. */
  get closedBecause(): string | undefined {
    if (!this.#takenOut && this.#addresses.some(isOpen)) return undefined

    return this.reason
  }

  /** Whether an operator has taken it out: it gets no call, even where no other target is left. */
  get isTakenOut(): boolean {
    return this.#takenOut !== undefined
  }

  /** The addresses that its name has now. What is known of those that stay is kept. */
  resolved(found: readonly Target[]): void {
    if (found.length === 0 || this.#isAsBefore(found)) return
    const before = this.#addresses
    const next: AddressHealth[] = []
    for (const at of found) {
      if (next.length === maxAddresses) break
      if (!next.some((each) => each.is(at))) next.push(this.addressAt(at) ?? new AddressHealth(at, this.#clock, this))
    }
    // Addresses that the name no longer has are forgotten, and so are results from before its first look-up.
    for (const each of before) if (!next.includes(each)) each.close()
    this.#addresses = next.sort((a, b) => (a.text < b.text ? -1 : 1))
    this.review()
  }

  addressAt(at: Target): AddressHealth | undefined {
    return this.#addresses.find((each) => each.is(at))
  }

  /** A call was not sent to it. @param reason a slug of a bounded set */
  noteRefusal(reason: string): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1)
  }

  /** An operator has decided that it gets no call. @param at when, in milliseconds since the epoch; now when left out */
  takeOut(state: TakenOutState, reason: string, at = this.#clock.now()): void {
    // The newer reason is shown.
    this.#takenOut = { state, reason, since: this.#takenOut?.state === state ? this.#takenOut.since : at }
    for (const address of this.#addresses) address.clear(reason)
    this.#listener.changed(this, 'out')
  }

  enable(reason: string): void {
    if (!this.#takenOut) return
    this.#takenOut = undefined
    this.#isReportedDown = false
    this.#since = this.#clock.now()
    for (const address of this.#addresses) address.clear(reason)
    this.#listener.changed(this, 'in')
  }

  review(): void {
    const state = stateOf(this.#addresses)
    if (state !== this.#state) this.#since = this.#clock.now()
    this.#state = state
    if (this.#takenOut) return
    if (state === 'down' && !this.#isReportedDown) this.#report('down')
    else if (state === 'up' && this.#isReportedDown) this.#report('up')
  }

  learned(address: AddressHealth, lesson: TargetReport): void {
    this.#listener.learned(this, address, lesson)
  }

  /** Idempotent. Cancels the timers; what is heard later changes nothing. */
  close(): void {
    for (const address of this.#addresses) address.close()
  }

  get #only(): AddressHealth {
    const [only] = this.#addresses
    if (!only) throw new Error('a target has one address at least')

    return only
  }

  #report(change: 'down' | 'up'): void {
    this.#isReportedDown = change === 'down'
    this.#listener.changed(this, change)
  }

  /** Most look-ups find what the one before has found. */
  #isAsBefore(found: readonly Target[]): boolean {
    return found.length === this.#addresses.length && this.#addresses.every((each) => found.some((at) => each.is(at)))
  }
}

const isOpen = (address: AddressHealth): boolean => address.isOpen

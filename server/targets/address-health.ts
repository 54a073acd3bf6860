import { copyText, formatEndpoint, ignore, type Clock, type Target, type Timer } from '../../engine/index.ts'
import { addressMachine, type AddressAction, type AddressInput, type AddressState } from './address-machine.ts'

/** How many results of an address are kept. */
export const maxResults = 10
/** The longest back-off; each is twice the one before. */
const maxBackOffMs = 300_000
/** The longest Retry-After that is honoured. */
const maxRetryAfterMs = 3_600_000
/** A call that was let through to a half-open address has decided by then, or another one is tried. */
const maxTrialMs = 180_000

/** One answer, or failure, of an address. */
export interface TargetResult {
  /** Milliseconds since the epoch, by the clock. */
  readonly at: number
  readonly from: 'probe' | 'call'
  readonly ok: boolean
  /** For people, such as `no answer to OPTIONS`. */
  readonly what: string
}

/** What a probe or a call has met, here or on another Baton. */
export interface TargetReport {
  readonly from: TargetResult['from']
  readonly ok: boolean
  /** For people, such as `no answer to OPTIONS`. */
  readonly what: string
  /** How long the address asks to be left alone (RFC 3261 20.33). */
  readonly retryAfterMs?: number
}

/** How many results in a row change the state, and how long the first back-off is. */
export interface TargetThresholds {
  readonly downAfter: number
  readonly upAfter: number
  readonly backOffMs: number
}

/** The target that an address belongs to. */
export interface AddressOwner {
  readonly thresholds: TargetThresholds
  /** Whether OPTIONS is sent to it at an interval. */
  readonly isProbed: boolean
  /** Whether an operator has taken it out: what is heard meanwhile changes nothing. */
  readonly isTakenOut: boolean
  /** The state of one of its addresses may have changed. */
  review(): void
  /** A call of this Baton has changed the state of the address. */
  learned(address: AddressHealth, lesson: TargetReport): void
}

/** One address of a target: what is known of it. */
export class AddressHealth {
  /** Undefined for a name that has not been looked up. */
  readonly at: Target | undefined
  /** Seconds between OPTIONS and its response, the last time. */
  rtt: number | undefined
  /** Seconds by which the Date of its last response to OPTIONS was ahead of this clock. */
  clockAhead: number | undefined
  /** When its certificate expires, in seconds since 1970; undefined where it has shown none to OPTIONS. */
  certificateExpiry: number | undefined
  #state: AddressState = 'unknown'
  #reason = 'not asked yet'
  #since: number
  readonly #results: TargetResult[] = []
  /** Results in a row, all good (positive) or all bad (negative). */
  #row = 0
  #cause: TargetResult['from'] = 'probe'
  #backOffMs = 0
  #retryAfterMs = 0
  #timer: Timer | undefined
  /** The call that a half-open address is tried with. */
  #trial: Timer | undefined
  #isClosed = false
  readonly #clock: Clock
  readonly #owner: AddressOwner

  constructor(at: Target | undefined, clock: Clock, owner: AddressOwner) {
    this.at = at
    this.#clock = clock
    this.#owner = owner
    this.#since = clock.now()
  }

  get state(): AddressState {
    return this.#state
  }

  /** Why it is in this state, for people. */
  get reason(): string {
    return this.#reason
  }

  /** Since when it is in this state, in milliseconds since the epoch by the clock. */
  get since(): number {
    return this.#since
  }

  /** Newest first. */
  get results(): readonly TargetResult[] {
    return this.#results
  }

  /** `address:port`; '' for a name that has not been looked up. */
  get text(): string {
    return this.at ? formatEndpoint(this.at) : ''
  }

  /** Whether a call may be sent to it now. A half-open address takes one call at a time. */
  get isOpen(): boolean {
    return this.#state === 'half_open' ? !this.#trial : this.#state !== 'down'
  }

  /** Whether it is up, and its last result was good: one more changes nothing. */
  get isKnownWell(): boolean {
    return this.#state === 'up' && this.#row > 0
  }

  is({ transport, address, port }: Target): boolean {
    const { at } = this

    return at?.address === address && at.port === port && at.transport === transport
  }

  /** A call is sent to it. Returns whether it is the trial of a half-open address. */
  begin(): boolean {
    if (this.#state !== 'half_open' || this.#trial || this.#isClosed) return false
    this.#trial = this.#clock.after(maxTrialMs, () => {
      this.#trial = undefined
    })

    return true
  }

  /** The call that was the trial has ended without a result, such as one that the caller cancelled. */
  endTrial(): void {
    this.#trial?.cancel()
    this.#trial = undefined
  }

  /** The address has responded to a call, whatever the response. */
  noteAnswer(what: string): void {
    this.#learn({ from: 'call', ok: true, what })
  }

  /** A call has met a failure of the address. @param retryAfterMs how long it asks to be left alone (RFC 3261 20.33) */
  noteFailure(what: string, retryAfterMs = 0): void {
    this.#learn({ from: 'call', ok: false, what, retryAfterMs })
  }

  /** The address has answered OPTIONS, or not. */
  noteProbe(ok: boolean, what: string): void {
    this.#note({ at: this.#clock.now(), from: 'probe', ok, what })
    const { thresholds, isProbed } = this.#owner
    // An address that is not asked at an interval is asked by an operator, once.
    const upAfter = isProbed ? thresholds.upAfter : 1
    if (!ok) {
      if (this.#row <= -thresholds.downAfter) this.#sink('probe', what)
      // A first failure does not make an address down, but says more than that nothing is known.
      else if (this.#state === 'unknown') this.#reason = copyText(what)
    } else if (this.#state === 'unknown' || (this.#row >= upAfter && this.#mayBeLifted)) this.#input('well', what)
  }

  /** Takes over what another Baton has met. @param view what that Baton has made of it, which decides where the two differ */
  learn(lesson: TargetReport, view: { state: AddressState; reason: string }): void {
    const { from, ok, what } = lesson
    if (from === 'call') this.#noteCall(lesson)
    else {
      // Calls have found it down there, though it answers OPTIONS.
      if (ok && view.state === 'down' && this.#state === 'unknown') this.#sink('call', view.reason)
      this.noteProbe(ok, what)
    }
    if (ok && view.state === 'up' && this.#mayBeLifted) this.#input('well', what)
    else if (!ok && view.state === 'down') this.#sink(from, what)
  }

  /** An operator has taken the target out, or put it in again. */
  clear(reason: string): void {
    this.#input('clear', reason)
  }

  /** Idempotent. Cancels the timers; what is heard later changes nothing. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#timer = undefined
    this.endTrial()
  }

  /** An address that calls have found to fail is left alone for its back-off, though it answers OPTIONS. */
  get #mayBeLifted(): boolean {
    return this.#cause === 'probe' || this.#timer === undefined
  }

  #learn(lesson: TargetReport): void {
    if (this.#noteCall(lesson)) this.#owner.learned(this, lesson)
  }

  /** Returns whether the state has changed. */
  #noteCall({ ok, what, retryAfterMs = 0 }: TargetReport): boolean {
    const before = this.#state
    this.#note({ at: this.#clock.now(), from: 'call', ok, what })
    if (ok) this.#input('well', what)
    else {
      this.#retryAfterMs = Math.min(retryAfterMs, maxRetryAfterMs)
      this.#cause = 'call'
      this.#input('ill', what)
    }

    return this.#state !== before
  }

  /** Failures of an address that is down already do not change why. */
  #sink(cause: TargetResult['from'], what: string): void {
    if (this.#state === 'down') return
    this.#cause = cause
    this.#retryAfterMs = 0
    this.#input('ill', what)
  }

  #note(result: TargetResult): void {
    const step = result.ok ? 1 : -1
    this.#row = Math.sign(this.#row) === step ? this.#row + step : step
    this.#results.unshift({ ...result, what: copyText(result.what) })
    if (this.#results.length > maxResults) this.#results.pop()
  }

  #input(input: AddressInput, reason: string): void {
    const transition = addressMachine[this.#state][input]
    if (transition === ignore || this.#isClosed || (this.#owner.isTakenOut && input !== 'clear')) return
    const upMs = this.#state === 'up' ? this.#clock.now() - this.#since : 0
    // An address that was well for long starts again with the shortest back-off.
    if (upMs > 2 * this.#backOffMs) this.#backOffMs = 0
    if (transition.state !== this.#state) this.#since = this.#clock.now()
    this.#state = transition.state
    this.#reason = copyText(reason)
    if (this.#state === 'up') this.#row = Math.max(this.#row, 1)
    for (const action of transition.actions) this.#act(action)
    this.#owner.review()
  }

  #act(action: AddressAction): void {
    switch (action) {
      case 'startBackOff':
        this.#startBackOff()
        break
      case 'stopBackOff':
        this.#timer?.cancel()
        this.#timer = undefined
        break
      case 'endTrial':
        this.endTrial()
        break
      case 'forget':
        this.#row = 0
        this.#backOffMs = 0
    }
  }

  /** OPTIONS alone decides of an address that it has found silent: a call would wait in vain. */
  #startBackOff(): void {
    this.#timer?.cancel()
    const { backOffMs } = this.#owner.thresholds
    this.#backOffMs = Math.min(Math.max(2 * this.#backOffMs, backOffMs), Math.max(maxBackOffMs, backOffMs))
    this.#timer = this.#clock.after(Math.max(this.#backOffMs, this.#retryAfterMs), () => {
      this.#timer = undefined
      if (this.#owner.isProbed && this.#results[0]?.from === 'probe' && !this.#results[0].ok) this.#startBackOff()
      else this.#input('retry', `${this.#reason}; the next call tries it`)
    })
  }
}

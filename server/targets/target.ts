import { copyText, ignore, type Clock, type Timer } from '../../engine/index.ts'
import { targetMachine, type TargetAction, type TargetInput, type TargetState } from './target-machine.ts'
import { targetKinds, type TargetKind, type TargetUse } from './target-use.ts'

/** How many results of a target are kept. */
const maxResults = 10
/** The first back-off, and the longest. Each is twice the one before. */
const firstBackOffMs = 10_000
const maxBackOffMs = 300_000
/** The longest Retry-After that is honoured. */
const maxRetryAfterMs = 3_600_000
/** A call that was let through to a half-open target has decided by then, or another one is tried. */
const maxTrialMs = 180_000

/** One answer, or failure, of a target. */
export interface TargetResult {
  /** Milliseconds since the epoch, by the clock. */
  readonly at: number
  readonly from: 'probe' | 'call'
  readonly ok: boolean
  /** For people, such as `no answer to OPTIONS`. */
  readonly what: string
}

/** `out`, `in`: an operator has taken it out, or put it in again. */
export type TargetChange = 'down' | 'up' | 'out' | 'in'

/** What a probe or a call has met, here or on another Baton. */
export interface TargetReport {
  readonly from: TargetResult['from']
  readonly ok: boolean
  /** For people, such as `no answer to OPTIONS`. */
  readonly what: string
  /** How long the target asks to be left alone (RFC 3261 20.33). */
  readonly retryAfterMs?: number
}

/** Gets the changes of a target. */
export interface TargetListener {
  changed(target: WatchedTarget, change: TargetChange): void
  /** A call of this Baton has changed the state. */
  learned(target: WatchedTarget, lesson: TargetReport): void
  /** The target is new: its `uses` are known. */
  added(target: WatchedTarget): void
  /** The target is new, or used in other places than before. */
  used(target: WatchedTarget): void
  /** The configuration does not name the target any more. */
  gone(target: WatchedTarget): void
}

/** How many results in a row change the state. */
export interface TargetThresholds {
  readonly downAfter: number
  readonly upAfter: number
}

/** An agent's address, a gateway or a handoff's host: what is known of it, and the calls on it. */
export class WatchedTarget {
  readonly id: string
  /** Calls whose leg to this target is up or being set up. */
  calls = 0
  /** Seconds between OPTIONS and its response, the last time. */
  rtt: number | undefined
  /** Seconds by which the Date of its last response to OPTIONS was ahead of this clock. */
  clockAhead: number | undefined
  thresholds: TargetThresholds = { downAfter: 3, upAfter: 2 }
  /** Whether OPTIONS is sent to it at an interval. */
  isProbed = false
  /** The calls that were not sent to it, by reason. */
  readonly refusals = new Map<string, number>()
  #uses: readonly TargetUse[]
  #state: TargetState = 'unknown'
  #reason = 'not asked yet'
  #since: number
  readonly #results: TargetResult[] = []
  /** Results in a row, all good (positive) or all bad (negative). */
  #row = 0
  #cause: TargetResult['from'] = 'probe'
  #backOffMs = 0
  #retryAfterMs = 0
  #timer: Timer | undefined
  /** The call that a half-open target is tried with. */
  #trial: Timer | undefined
  #isClosed = false
  readonly #clock: Clock
  readonly #listener: TargetListener

  constructor(id: string, uses: readonly TargetUse[], clock: Clock, listener: TargetListener) {
    this.id = id
    this.#uses = uses
    this.#clock = clock
    this.#listener = listener
    this.#since = clock.now()
  }

  get state(): TargetState {
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

  /** Why no call may be sent to it now, for people; undefined when one may. A half-open target takes one call at a time. */
  get closedBecause(): string | undefined {
    if (this.#state === 'up' || this.#state === 'unknown') return undefined
    if (this.#state === 'half_open' && !this.#trial) return undefined

    return this.#reason
  }

  /** Whether an operator has taken it out: it gets no call, even where no other target is left. */
  get isTakenOut(): boolean {
    return this.#state === 'disabled' || this.#state === 'draining'
  }

  /** Whether it is up, and its last result was good: one more changes nothing. */
  get isKnownWell(): boolean {
    return this.#state === 'up' && this.#row > 0
  }

  /** A call is sent to it. Of a half-open target, it is the trial. */
  begin(): void {
    if (this.#state !== 'half_open' || this.#trial || this.#isClosed) return
    this.#trial = this.#clock.after(maxTrialMs, () => {
      this.#trial = undefined
    })
  }

  /** A call that was sent to it has ended without a result, such as one that the caller cancelled. */
  noteNothing(): void {
    this.#endTrial()
  }

  /** The target has responded to a call, whatever the response. */
  noteAnswer(what: string): void {
    const lesson = { from: 'call', ok: true, what } as const
    if (this.#noteCall(lesson)) this.#listener.learned(this, lesson)
  }

  /** A call has met a failure of the target. @param retryAfterMs how long it asks to be left alone (RFC 3261 20.33) */
  noteFailure(what: string, retryAfterMs = 0): void {
    const lesson = { from: 'call', ok: false, what, retryAfterMs } as const
    if (this.#noteCall(lesson)) this.#listener.learned(this, lesson)
  }

  /** The target has answered OPTIONS, or not. */
  noteProbe(ok: boolean, what: string): void {
    this.#note({ at: this.#clock.now(), from: 'probe', ok, what })
    const { downAfter } = this.thresholds
    // A target that is not asked at an interval is asked by an operator, once.
    const upAfter = this.isProbed ? this.thresholds.upAfter : 1
    if (!ok) {
      if (this.#row <= -downAfter) this.#sink('probe', what)
    } else if (this.#state === 'unknown' || (this.#row >= upAfter && this.#mayBeLifted)) this.#input('well', what)
  }

  /** Takes over what another Baton has met. @param view what that Baton has made of it, which decides where the two differ */
  learn(lesson: TargetReport, view: { state: TargetState; reason: string }): void {
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

  /** A call was not sent to it. @param reason a slug of a bounded set */
  noteRefusal(reason: string): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1)
  }

  /** @param at when the operator did so, in milliseconds since the epoch; now when left out */
  disable(reason: string, at?: number): void {
    this.#input('disable', reason, at)
  }

  /** @param at as of `disable` */
  drain(reason: string, at?: number): void {
    this.#input('drain', reason, at)
  }

  enable(reason: string): void {
    this.#input('enable', reason)
  }

  /** Idempotent. Cancels the timers; what is heard later changes nothing. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#timer = undefined
    this.#endTrial()
  }

  /** A target that calls have found to fail is left alone for its back-off, though it answers OPTIONS. */
  get #mayBeLifted(): boolean {
    return this.#cause === 'probe' || this.#timer === undefined
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

  /** Failures of a target that is down already do not change why. */
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

  #input(input: TargetInput, reason: string, at = this.#clock.now()): void {
    const transition = targetMachine[this.#state][input]
    if (transition === ignore || this.#isClosed) return
    const upMs = this.#state === 'up' ? this.#clock.now() - this.#since : 0
    // A target that was well for long starts again with the shortest back-off.
    if (upMs > 2 * this.#backOffMs) this.#backOffMs = 0
    if (transition.state !== this.#state) this.#since = at
    this.#state = transition.state
    this.#reason = copyText(reason)
    for (const action of transition.actions) this.#act(action)
  }

  #act(action: TargetAction): void {
    switch (action) {
      case 'startBackOff':
        this.#startBackOff()
        break
      case 'stopBackOff':
        this.#timer?.cancel()
        this.#timer = undefined
        break
      case 'endTrial':
        this.#endTrial()
        break
      case 'reportDown':
        this.#listener.changed(this, 'down')
        break
      case 'reportUp':
        this.#row = Math.max(this.#row, 1)
        this.#listener.changed(this, 'up')
        break
      case 'reportOut':
        this.#listener.changed(this, 'out')
        break
      case 'reportIn':
        this.#listener.changed(this, 'in')
        break
      case 'forget':
        this.#row = 0
    }
  }

  /** OPTIONS alone decides of a target that it has found silent: a call would wait in vain. */
  #startBackOff(): void {
    this.#timer?.cancel()
    this.#backOffMs = Math.min(Math.max(2 * this.#backOffMs, firstBackOffMs), maxBackOffMs)
    this.#timer = this.#clock.after(Math.max(this.#backOffMs, this.#retryAfterMs), () => {
      this.#timer = undefined
      if (this.isProbed && this.#results[0]?.from === 'probe' && !this.#results[0].ok) this.#startBackOff()
      else this.#input('retry', `${this.#reason}; the next call tries it`)
    })
  }

  #endTrial(): void {
    this.#trial?.cancel()
    this.#trial = undefined
  }
}

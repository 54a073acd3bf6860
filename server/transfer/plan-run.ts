import { withReferUri, type Plan, type Step } from '../../routes/index.ts'
import type { TransferMethod } from '../legs/views.ts'
import type { SipDialogEnd } from '../sip/stack.ts'
import type { ClosedTarget } from '../targets/index.ts'
import type { Attempt, AttemptContext, AttemptRecord } from './attempt.ts'
import { ByeAttempt } from './bye-attempt.ts'
import { HandoffRoom } from './handoff-room.ts'
import { InviteAttempt } from './invite-attempt.ts'
import { JoinAttempt } from './join-attempt.ts'
import { hasOpenAlternative, referredUris } from './open-steps.ts'
import { abandoned, failed, type TransferOutcome } from './outcome.ts'
import { PassedOverAttempt, UnsentAttempt } from './passed-over-attempt.ts'
import { ReferAttempt } from './refer-attempt.ts'
import { StepResolution } from './step-resolver.ts'
import type { RememberedRefusal } from './trunk-memory.ts'

interface PlanEvents {
  attemptBegun(): void
  attemptEnded(record: AttemptRecord, outcome: TransferOutcome): void
}

const attemptBy = { refer: ReferAttempt, invite: InviteAttempt, bye: ByeAttempt }

/** Runs the steps of a plan one after the other, each by one or more attempts, until one succeeds or the plan is stopped. */
export class PlanRun {
  readonly #plan: Plan
  readonly #context: AttemptContext
  readonly #isAttended: boolean
  readonly #events: PlanEvents
  readonly #room: HandoffRoom
  readonly attempts: Attempt[] = []
  #stopped: TransferOutcome | undefined
  #at = 0
  /** The request to the present step's resolver, until the step's first attempt begins. */
  #resolution: StepResolution | undefined

  /** @param isAttended the caller is joined with the far end of another call, by whatever method the step names */
  constructor(plan: Plan, context: AttemptContext, isAttended: boolean, events: PlanEvents) {
    this.#plan = plan
    this.#context = context
    this.#isAttended = isAttended
    this.#events = events
    this.#room = new HandoffRoom(context)
  }

  get current(): Attempt | undefined {
    return this.attempts.at(-1)
  }

  /** The REFERs that were sent. */
  get refers(): ReferAttempt[] {
    return this.attempts
      .filter((attempt) => attempt instanceof ReferAttempt)
      .filter((refer) => !this.#room.isUnsent(refer))
  }

  /** Whether the caller has left before the outcome. */
  get isAbandoned(): boolean {
    return this.#stopped?.result === 'abandoned'
  }

  /** Which step runs, from 0. */
  get step(): number {
    return this.#at
  }

  /** @param from the step that the process before was at, and its attempt; where that is undefined, the step's next attempt begins */
  async run(
    from: { step: number; attempt: Attempt | undefined } = { step: 0, attempt: undefined },
  ): Promise<TransferOutcome> {
    let last: TransferOutcome = failed('internal_error')
    const { steps } = this.#plan
    for (const [at, step] of steps.entries()) {
      if (at < from.step) continue
      if (this.#stopped) return this.#stopped
      this.#at = at
      last = from.attempt && at === from.step ? await this.#resume(step, from.attempt) : await this.#runStep(step)
      this.#room.stepEnded(last, this.current)
      if (last.then === 'stop') return last
    }

    return this.#stopped ?? last
  }

  /** The caller's dialog has ended. The attempt decides its meaning: a carrier may say BYE because it has moved the caller. */
  callerGone(end: SipDialogEnd): void {
    this.#stopped ??= abandoned
    if (this.#resolution?.isAsking) {
      this.#resolution.cancel(end)

      return
    }
    const attempt = this.current
    if (!attempt || !this.#room.isUnsent(attempt)) this.#context.guard.run(() => attempt?.callerGone(end))
    else if (!attempt.record.isOver()) {
      attempt.record.noteEnd(end, 'caller')
      this.#room.endWait(attempt, abandoned)
    }
  }

  agentGone(end: SipDialogEnd): void {
    this.#context.guard.run(() => this.current?.agentGone?.(end))
  }

  /** The API accepts or declines the caller in the place of the person; false when neither is possible now. */
  decide(decision: 'accepted' | 'declined'): boolean {
    return this.current?.decide?.(decision) ?? false
  }

  /** Ends the present attempt now, with this outcome; no other begins. */
  stop(outcome: TransferOutcome): void {
    const stopped = (this.#stopped ??= { ...outcome, then: 'stop' })
    if (this.#resolution?.isAsking) {
      this.#resolution.cancel()

      return
    }
    const attempt = this.current
    if (attempt && this.#room.isUnsent(attempt)) this.#room.endWait(attempt, stopped)
    else this.#context.guard.run(() => attempt?.stop(stopped))
    // The record ends even if the attempt fails to end it.
    attempt?.record.end(stopped)
  }

  async #runStep(planned: Step): Promise<TransferOutcome> {
    const { trunk, memory } = this.#context
    const resolved = mayAsk(planned) ? await this.#resolved(planned) : planned
    if (this.#resolution && this.#stopped) return this.#endUnsent(resolved, this.#stopped)
    const step = this.#numbered(resolved)
    if (step.method !== 'refer' || step.passedOver) return this.#try(step, step.method)

    const remembered = memory.refer.refusal(trunk.name)
    if ((!trunk.refer || remembered) && step.fallback === 'invite') {
      return this.#try(step, 'invite', trunk.refer ? remembered : undefined)
    }
    const outcome = trunk.refer ? await this.#refer(step) : failed('refer_not_supported')

    return outcome.then === 'bridge' && !this.#stopped ? this.#try(step, 'invite') : outcome
  }

  /** Goes on with an attempt of the process before. */
  async #resume(step: Step, attempt: Attempt): Promise<TransferOutcome> {
    this.attempts.push(attempt)
    this.#context.guard.run(() => attempt.run())
    const outcome = await attempt.record.ended
    this.#events.attemptEnded(attempt.record, outcome)

    return outcome.then === 'bridge' && !this.#stopped ? this.#try(step, 'invite') : outcome
  }

  async #resolved(step: Step): Promise<Step> {
    const { clock, resolve } = this.#context
    const resolution = (this.#resolution = new StepResolution(clock))
    if (resolve) return resolution.run(step, resolve)
    resolution.skip('the resolver is asked for calls of callers alone; the route of the table was used')

    return step
  }

  /** The transfer has ended while the resolver was asked: no message has been sent. */
  #endUnsent(step: Step, outcome: TransferOutcome): TransferOutcome {
    const { record } = this.#begin(new UnsentAttempt(this.#context, step))
    record.end(outcome)
    this.#events.attemptEnded(record, outcome)

    return outcome
  }

  /** The evidence of a resolver goes to the first attempt of its step. */
  #begin(attempt: Attempt): Attempt {
    this.attempts.push(attempt)
    this.#resolution?.begin(attempt.record)
    this.#resolution = undefined

    return attempt
  }

  /** A step whose pool has no number left is passed over. */
  #numbered(step: Step): Step {
    const { pool } = step
    if (!pool || step.passedOver) return step
    const detail = `all ${pool.numbers.length} numbers of its pool are reserved by other transfers`

    return this.#context.numbered(step) ?? { ...step, passedOver: { reason: 'pool_exhausted', detail } }
  }

  /** A gateway that is down, or that the caller's side could not reach (503 or 504 in the sipfrag), gives way to the next one. */
  async #refer(step: Step): Promise<TransferOutcome> {
    const { targets } = this.#context
    const uris = referredUris(step)
    const isOpen = (uri: string): boolean => !targets?.closed(uri)
    const hasOpen = uris.some(isOpen) || hasOpenAlternative(this.#plan, step, this.#context)
    let outcome: TransferOutcome | undefined
    for (const [at, uri] of uris.entries()) {
      const named = at === 0 ? step : withReferUri(step, uri)
      const closed = targets?.closed(uri)
      if (closed && (closed.isTakenOut || hasOpen)) {
        const passed = this.#passOver(named, uri, closed)
        outcome ??= passed
        continue
      }
      outcome = await this.#try(named, 'refer')
      if (outcome.reason !== 'unreachable' || this.#stopped) break
    }

    return outcome ?? failed('target_down')
  }

  /** The host that the REFER would name is down: the caller does not wait for it. */
  #passOver(step: Step, uri: string, { why, reason }: ClosedTarget): TransferOutcome {
    const attempt = new ReferAttempt(this.#context, step)
    const outcome = failed('target_down')
    this.#begin(attempt)
    this.#context.targets?.refused(uri, reason)
    attempt.record.note('baton', `passed over: ${why}`)
    attempt.record.end(outcome)
    this.#events.attemptEnded(attempt.record, outcome)

    return outcome
  }

  /** @param remembered the refusal of REFER for which the caller is bridged at once */
  async #try(step: Step, method: TransferMethod, remembered?: RememberedRefusal): Promise<TransferOutcome> {
    const attempt = this.#begin(this.#attempt(step, method))
    if (remembered) attempt.record.noteRememberedRefusal(remembered)
    this.#events.attemptBegun()
    this.#context.guard.run(() => this.#room.run(attempt))
    const outcome = await attempt.record.ended
    this.#events.attemptEnded(attempt.record, outcome)

    return outcome
  }

  #attempt(step: Step, method: TransferMethod): Attempt {
    if (step.passedOver) return new PassedOverAttempt(this.#context, step, step.passedOver)

    return this.#isAttended ? new JoinAttempt(this.#context, step) : new attemptBy[method](this.#context, step)
  }
}

/** A resolver may name the route that the table lacks for this call; a handoff that an operator has closed stays closed. */
function mayAsk({ resolver, passedOver }: Step): boolean {
  return resolver !== undefined && passedOver?.reason !== 'closed_by_switch'
}

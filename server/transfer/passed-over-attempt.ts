import type { PassedOverStep, Step } from '../../routes/index.ts'
import type { IncomingRequest } from '../sip/stack.ts'
import { AttemptRecord, type Attempt, type AttemptContext } from './attempt.ts'
import { failed, type TransferOutcome } from './outcome.ts'

/** An attempt that sends nothing: its transfer has ended before it could. */
export class UnsentAttempt implements Attempt {
  readonly record: AttemptRecord

  constructor({ clock }: Pick<AttemptContext, 'clock'>, step: Step) {
    this.record = new AttemptRecord(step, step.method, clock)
  }

  run(): void {
    // Nothing is sent.
  }

  callerGone(): void {
    // The attempt is over as soon as it has begun.
  }

  stop(outcome: TransferOutcome): void {
    this.record.end(outcome)
  }

  notify(request: IncomingRequest): void {
    request.respond(481)
  }
}

/** A handoff that is not tried: nothing is sent, and the next step has its turn at once. */
export class PassedOverAttempt extends UnsentAttempt {
  readonly #why: PassedOverStep

  constructor(context: AttemptContext, step: Step, why: PassedOverStep) {
    super(context, step)
    this.#why = why
  }

  override run(): void {
    const { reason, detail } = this.#why
    this.record.note('baton', detail)
    // A pool without a free number gets the status of a number that leads nowhere (RFC 3261 21.4.5).
    this.record.end({ ...failed(reason, reason === 'pool_exhausted' ? 404 : undefined), detail })
  }
}

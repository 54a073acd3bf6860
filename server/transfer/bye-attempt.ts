import { defined } from '../../base/defined.ts'
import { isSuccess } from '../../engine/index.ts'
import { requestHeaders, type Step } from '../../routes/index.ts'
import { statusLine } from '../legs/status-line.ts'
import { byeReason } from '../legs/termination.ts'
import type { HeadersToSend, IncomingRequest, SipResponse } from '../sip/stack.ts'
import { AttemptRecord, type Attempt, type AttemptContext } from './attempt.ts'
import { abandoned, type TransferOutcome } from './outcome.ts'

/** Gives the call back to the PBX by a BYE with the handoff's headers on the caller's dialog. */
export class ByeAttempt implements Attempt {
  readonly record: AttemptRecord
  readonly #context: AttemptContext
  readonly #step: Step

  constructor(context: AttemptContext, step: Step) {
    this.#context = context
    this.#step = step
    this.record = new AttemptRecord(step, 'bye', context.clock)
  }

  run(): Promise<void> {
    return this.#bye()
  }

  // Our BYE has ended the dialog already, and its response decides the outcome.
  callerGone(): void {
    this.record.note('caller', 'BYE')
  }

  stop(outcome: TransferOutcome): void {
    this.record.end({ ...outcome, result: 'unknown', then: 'stop' })
  }

  notify(notify: IncomingRequest): void {
    notify.respond(481)
  }

  async #bye(): Promise<void> {
    const { caller } = this.#context
    this.record.note('baton', 'BYE')
    const response = await caller.dialog?.bye({ headers: this.#headers() })
    if (!response) {
      this.record.end(abandoned)

      return
    }
    this.record.note(response.local ? 'baton' : 'caller', statusLine(response))
    this.record.end(outcomeOf(response))
  }

  /** A Reason among the handoff's headers replaces ours. */
  #headers(): HeadersToSend {
    const headers = requestHeaders(this.#step, 'bye')
    const hasReason = headers.some(([name]) => name.toLowerCase() === 'reason')

    return hasReason ? headers : [...byeReason('transferred'), ...headers]
  }
}

function outcomeOf(response: SipResponse): TransferOutcome {
  const { status, local } = response
  // RFC 3261 15.1.1: 481 says that the dialog is over at the PBX, as was asked.
  const isEnded = isSuccess(status) || status === 481
  if (isEnded) return { result: 'succeeded', reason: 'returned', code: status, then: 'stop' }

  return {
    result: 'unknown',
    reason: local ? 'bye_unanswered' : 'bye_refused',
    then: 'stop',
    ...defined({ code: local ? undefined : status }),
  }
}

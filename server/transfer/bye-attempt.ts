import { requestHeaders, type Step } from '../../routes/index.ts'
import { byeReason } from '../legs/termination.ts'
import type { HeadersToSend, IncomingRequest } from '../sip/stack.ts'
import { AttemptRecord, type Attempt, type AttemptContext } from './attempt.ts'
import { statusLine } from '../legs/status-line.ts'
import { abandoned, type TransferOutcome } from './outcome.ts'

/** Gives the call back to the PBX: a BYE with headers on the caller's dialog. */
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

  // Once our BYE is out, the dialog is over, whoever else wished to end it.
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

  /** The handoff's own Reason comes before ours. */
  #headers(): HeadersToSend {
    const headers = requestHeaders(this.#step, 'bye')
    const hasReason = headers.some(([name]) => name.toLowerCase() === 'reason')

    return hasReason ? headers : [...byeReason('transferred'), ...headers]
  }
}

function outcomeOf(response: { status: number; local: boolean }): TransferOutcome {
  const { status, local } = response
  // RFC 3261 15.1.1: 481 says that the call is over there, which is what was asked.
  if (isOver(status)) return { result: 'succeeded', reason: 'returned', code: status, then: 'stop' }

  return {
    result: 'unknown',
    reason: local ? 'bye_unanswered' : 'bye_refused',
    then: 'stop',
    ...(!local && { code: status }),
  }
}

function isOver(status: number): boolean {
  return (status >= 200 && status < 300) || status === 481
}

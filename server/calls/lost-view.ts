import type { AttemptView, CallView, TransferView } from '../legs/views.ts'
import { answered, unanswered } from '../legs/termination.ts'
import { diagnose } from '../transfer/diagnosis.ts'
import { diagnoseCall } from './call-diagnosis.ts'

const reason = 'connection_lost'

/**
 * The view of a call, as it was when its process was killed, once it has ended for that: the drachtio server that had its
 * dialogs has lost its connection.
 * @param endedAt ISO 8601
 */
export function lostView(view: CallView, endedAt: string): CallView {
  const { answeredAt } = view
  const { result, sipStatus } = answeredAt === undefined ? unanswered[reason] : answered(reason)
  const seconds = answeredAt === undefined ? 0 : (Date.parse(endedAt) - Date.parse(answeredAt)) / 1000
  const ended: CallView = {
    ...view,
    ...{ state: 'ended', result, reason, sipStatus, endedBy: 'baton', endedAt },
    durationSeconds: Math.max(0, seconds),
    transfers: view.transfers.map((transfer) =>
      transfer.state === 'running' ? lostTransfer(transfer, endedAt) : transfer,
    ),
  }

  return answeredAt === undefined ? { ...ended, diagnosis: diagnoseCall(ended) } : ended
}

function lostTransfer(transfer: TransferView, endedAt: string): TransferView {
  const attempts = transfer.attempts.map((attempt) =>
    attempt.result === undefined ? lostAttempt(attempt, endedAt) : attempt,
  )
  const result = attempts.at(-1)?.result ?? 'failed'

  return {
    ...transfer,
    state: 'ended',
    result,
    reason,
    endedAt,
    attempts,
    diagnosis: diagnose({ result, reason, attempts }),
  }
}

/** A caller that was given away by REFER or BYE may have arrived; one that Baton was to bridge has not. */
function lostAttempt(attempt: AttemptView, endedAt: string): AttemptView {
  const evidence = [...attempt.evidence, { at: endedAt, from: 'baton' as const, what: 'Baton was restarted' }]

  return { ...attempt, result: attempt.method === 'invite' ? 'failed' : 'unknown', reason, endedAt, evidence }
}

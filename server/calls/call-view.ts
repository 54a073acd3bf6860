import { isRefused } from './admission.ts'
import type { Call } from './call.ts'
import type { CallView } from './views.ts'

/** A call as the API, the events and the CDR show it. */
export function callView(call: Call): CallView {
  const { admission, termination, answeredAt, endedAt, endedBy, agent, destination, transfers, consultation } = call
  const { caller } = admission
  const view: CallView = {
    id: call.id,
    project: call.project,
    environment: call.environment,
    version: isRefused(admission) ? 0 : admission.pinned.version,
    trunk: admission.trunk?.name ?? '',
    state: call.state,
    caller: { uri: caller.uri, number: caller.number, callId: call.caller.callId },
    called: caller.called,
    agent: consultation
      ? { uri: consultation.agent, callId: call.caller.callId }
      : { uri: agent?.uri ?? '', callId: agent?.callId ?? '' },
    startedAt: time(call.startedAt),
    transfers: transfers.length === 0 ? [] : transfers.map((transfer) => transfer.view()),
  }
  if (caller.name !== '') view.caller.name = caller.name
  if (call.isRehearsal) view.rehearsal = true
  if (consultation) view.consults = consultation.about
  if (destination) {
    const handoff = consultation?.plan.handoff ?? view.transfers.at(-1)?.attempts.at(-1)?.handoff ?? call.handoffInstead
    view.destination = { uri: destination.uri, callId: destination.callId, handoff }
  }
  if (answeredAt !== undefined) {
    view.result = 'answered'
    view.answeredAt = time(answeredAt)
  }
  if (termination) {
    view.result = termination.result
    view.reason = termination.reason
    view.sipStatus = termination.sipStatus
  }
  if (endedAt !== undefined) {
    view.endedAt = time(endedAt)
    view.durationSeconds = answeredAt === undefined ? 0 : Math.round(endedAt - answeredAt) / 1000
  }
  if (endedBy) view.endedBy = endedBy

  return view
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}

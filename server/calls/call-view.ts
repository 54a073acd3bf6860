import { isRefused } from './admission.ts'
import type { Call } from './call.ts'
import type { CallView } from './views.ts'

/** A call as the API, the events and the CDR show it. */
export function callView(call: Call): CallView {
  const { admission, termination, answeredAt, endedAt, endedBy, agent, destination, consultation } = call
  const { caller } = admission
  const refused = isRefused(admission)
  const result = termination?.result ?? (answeredAt === undefined ? undefined : 'answered')

  return {
    id: call.id,
    project: call.project,
    environment: call.environment,
    version: refused ? 0 : admission.pinned.version,
    trunk: admission.trunk?.name ?? '',
    state: call.state,
    ...(call.isRehearsal && { rehearsal: true }),
    ...(consultation && { consults: consultation.about }),
    ...(result && { result }),
    ...(termination && { reason: termination.reason, sipStatus: termination.sipStatus }),
    caller: {
      uri: caller.uri,
      number: caller.number,
      ...(caller.name !== '' && { name: caller.name }),
      callId: call.caller.callId,
    },
    called: caller.called,
    agent: consultation
      ? { uri: consultation.agent, callId: call.caller.callId }
      : { uri: agent?.uri ?? '', callId: agent?.callId ?? '' },
    ...(destination && {
      destination: {
        uri: destination.uri,
        callId: destination.callId,
        handoff: consultation?.plan.handoff ?? call.transfers.at(-1)?.view().attempts.at(-1)?.handoff ?? '',
      },
    }),
    startedAt: time(call.startedAt),
    ...(answeredAt !== undefined && { answeredAt: time(answeredAt) }),
    ...(endedAt !== undefined && {
      endedAt: time(endedAt),
      durationSeconds: answeredAt === undefined ? 0 : Math.round(endedAt - answeredAt) / 1000,
    }),
    ...(endedBy && { endedBy }),
    transfers: call.transfers.map((transfer) => transfer.view()),
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}

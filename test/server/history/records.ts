import assert from 'node:assert/strict'
import { Ladder, LadderMemory } from '../../../server/calls/ladders.ts'
import type { CallHistory } from '../../../server/history/index.ts'
import type { CallView, TransferView } from '../../../server/legs/views.ts'

export const startOfDay = Date.parse('2026-03-01T00:00:00.000Z')

/** A call that has ended, the `number`th of its day: one each second, with a transfer. */
export function endedCall(number: number, fields: Partial<CallView> = {}): CallView {
  const startedAt = new Date(startOfDay + number * 1000).toISOString()

  return {
    id: `call-${number}`,
    ...{ project: 'hotel', environment: 'live', version: 1 + (number % 3), trunk: 'carrier', node: 'baton-1' },
    source: { transport: 'udp', address: '192.0.2.1', port: 5060 },
    state: 'ended',
    ...{ result: 'answered', reason: 'hangup', sipStatus: 200 },
    caller: {
      uri: `sip:+1415555${String(number).padStart(6, '0')}@192.0.2.1`,
      number: `+1415555${String(number).padStart(6, '0')}`,
      callId: `caller-${number}`,
    },
    called: '+14155550100',
    agent: { uri: 'sip:agent@192.0.2.2', callId: `agent-${number}` },
    startedAt,
    answeredAt: startedAt,
    endedAt: new Date(startOfDay + number * 1000 + 60_000).toISOString(),
    durationSeconds: 60,
    transfers: [endedTransfer(number)],
    ...fields,
  }
}

/** Every tenth fails, as busy; the others take as many tenths of a second as the last digit of their number. */
function endedTransfer(number: number): TransferView {
  const startedAt = startOfDay + number * 1000 + 10_000
  const isBusy = number % 10 === 0
  const handoff = number % 2 === 0 ? 'front-desk' : 'duty-manager'
  const outcome = isBusy
    ? { result: 'failed' as const, reason: 'busy', sipStatus: 486 }
    : { result: 'succeeded' as const, reason: 'answered', sipStatus: 200 }
  const times = {
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(startedAt + (number % 10) * 100).toISOString(),
  }
  const at = times.endedAt
  const evidence = [{ at, from: 'destination' as const, what: isBusy ? '486 Busy Here to INVITE' : '200 OK to INVITE' }]

  return {
    ...{ id: `transfer-${number}`, handoff, requestedHandoff: handoff, requestedBy: 'refer', state: 'ended' },
    ...outcome,
    ...times,
    attempts: [
      {
        ...{ handoff, method: 'invite', target: 'sip:desk@192.0.2.3', result: outcome.result, reason: outcome.reason },
        ...{ code: outcome.sipStatus, ...times, headers: {}, evidence },
      },
    ],
  }
}

/** A ladder with an INVITE and its response. */
export function ladderOf(
  call: CallView,
  memory = new LadderMemory({ perCall: 100_000, total: 1_000_000_000 }),
): Ladder {
  const ladder = new Ladder(memory)
  const at = Date.parse(call.startedAt)
  const message = (direction: 'in' | 'out', text: string, laterMs: number) => ({
    ...{ at: at + laterMs, direction, transport: 'udp' as const, local: '192.0.2.9:5060', remote: '192.0.2.1:5060' },
    ...{ callId: call.caller.callId, method: 'INVITE', status: direction === 'in' ? undefined : 200, text },
  })
  const head = `Call-ID: ${call.caller.callId}\r\nSubject: Zo\xc3\xab\r\n\r\n`
  ladder.add('caller', message('in', `INVITE sip:${call.called}@192.0.2.9 SIP/2.0\r\n${head}`, 0))
  ladder.add('caller', message('out', `SIP/2.0 200 OK\r\n${head}`, 5))

  return ladder
}

/** Of a history that has nothing to complain about. */
export const quietLog = {
  error: (message: string) => assert.fail(message),
  warn: (message: string) => assert.fail(message),
}

/** A call as it ended. */
export const momentOf = (view: CallView) => ({ view, json: JSON.stringify(view) })

/** The calls have ended, and are written. */
export async function keep(history: CallHistory, calls: readonly CallView[]): Promise<void> {
  for (const view of calls) history.add(view.id, ladderOf(view), momentOf(view))
  await history.flush()
}

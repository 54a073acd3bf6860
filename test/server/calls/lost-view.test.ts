import assert from 'node:assert/strict'
import { lostView } from '../../../server/calls/lost-view.ts'
import type { AttemptView, CallView, TransferView } from '../../../server/legs/views.ts'

const startedAt = '2026-11-29T10:00:00.000Z'
const endedAt = '2026-11-29T10:01:00.000Z'

const attempt = (method: AttemptView['method']): AttemptView => ({
  ...{ handoff: 'desk', method, target: 'sip:desk@example.com', startedAt, headers: {}, evidence: [] },
})

const transfer = (...attempts: AttemptView[]): TransferView => ({
  ...{
    id: 't',
    handoff: 'desk',
    requestedHandoff: 'desk',
    requestedBy: 'refer',
    state: 'running',
    startedAt,
    attempts,
  },
})

const call = (more: Partial<CallView>): CallView => ({
  ...{
    id: 'c',
    project: 'hotel',
    environment: 'live',
    version: 1,
    trunk: 'local',
    node: 'one',
    state: 'setup',
    startedAt,
  },
  source: { transport: 'udp', address: '127.0.0.1', port: 5060 },
  caller: { uri: 'sip:ann@example.com', number: '', callId: 'x' },
  called: '+14155550100',
  agent: { uri: 'sip:agent@example.com', callId: 'y' },
  transfers: [],
  ...more,
})

describe('A call that ended with its process', () => {
  it('that was answered has lasted until it was missed', () => {
    const { state, result, reason, sipStatus, endedBy, durationSeconds } = lostView(
      call({ state: 'connected', result: 'answered', answeredAt: '2026-11-29T10:00:20.000Z' }),
      endedAt,
    )
    assert.deepEqual(
      [state, result, reason, sipStatus, endedBy, durationSeconds],
      ['ended', 'answered', 'connection_lost', 200, 'baton', 40],
    )
  })

  it('that was not answered has failed, and says what to look at', () => {
    const { result, reason, sipStatus, durationSeconds, diagnosis } = lostView(call({}), endedAt)
    assert.deepEqual([result, reason, sipStatus, durationSeconds], ['failed', 'connection_lost', 503, 0])
    assert.match(diagnosis ?? '', /drachtio server/)
  })

  for (const [method, result] of [
    ['refer', 'unknown'],
    ['bye', 'unknown'],
    ['invite', 'failed'],
  ] as const) {
    it(`while it was transferred by ${method.toUpperCase()}: ${result}, with the attempts before as they were`, () => {
      const before: AttemptView = {
        ...attempt('refer'),
        result: 'failed',
        reason: 'busy',
        code: 486,
        endedAt: startedAt,
      }
      const over: TransferView = { ...transfer(before), state: 'ended', result: 'failed', reason: 'busy' }
      const { transfers } = lostView(call({ transfers: [over, transfer(before, attempt(method))] }), endedAt)
      assert.deepEqual(transfers[0], over)
      const [, { state, result: said, reason, attempts } = assert.fail()] = transfers
      assert.deepEqual([state, said, reason], ['ended', result, 'connection_lost'])
      assert.deepEqual(attempts[0], before)
      assert.deepEqual(
        [attempts[1]?.result, attempts[1]?.reason, attempts[1]?.endedAt],
        [result, 'connection_lost', endedAt],
      )
      assert.deepEqual(attempts[1]?.evidence, [{ at: endedAt, from: 'baton', what: 'Baton was restarted' }])
    })
  }
})

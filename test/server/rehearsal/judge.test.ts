import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { AttemptView, CallView, TransferView } from '../../../server/legs/views.ts'
import { judge, type RehearsalObservations } from '../../../server/rehearsal/judge.ts'

const at = '2026-01-05T09:00:00.000Z'
const attempt = (more: Partial<AttemptView> = {}): AttemptView => ({
  handoff: 'desk',
  method: 'refer',
  target: 'sip:desk@127.0.0.1',
  result: 'succeeded',
  reason: 'answered',
  code: 200,
  startedAt: at,
  headers: { 'X-Account': '7' },
  evidence: [{ at, from: 'caller', what: '202 Accepted' }],
  ...more,
})
const transfer = (more: Partial<TransferView> = {}): TransferView => ({
  id: 't',
  handoff: 'desk',
  requestedHandoff: 'desk',
  requestedBy: 'refer',
  state: 'ended',
  result: 'succeeded',
  reason: 'answered',
  startedAt: at,
  attempts: [attempt()],
  ...more,
})
const call = (more: Partial<CallView> = {}): CallView => ({
  id: 'c',
  project: 'shop',
  environment: 'sandbox',
  version: 1,
  trunk: 'local',
  node: 'baton-1',
  source: { transport: 'udp', address: '127.0.0.1', port: 5080 },
  state: 'ended',
  caller: { uri: '', callId: '', number: '' },
  called: '',
  agent: { uri: '', callId: '' },
  startedAt: at,
  answeredAt: at,
  transfers: [transfer()],
  ...more,
})
const seen = (more: Partial<RehearsalObservations> = {}): RehearsalObservations => ({
  handoff: 'desk',
  call: call(),
  received: { 'X-Account': '7' },
  timings: { handoffAsked: 0.1, transferEnded: 0.35 },
  ...more,
})

describe('the verdict over a rehearsal', () => {
  for (const [what, observed, verdict, cause] of [
    [
      'the destination answered',
      seen(),
      'passed',
      'The caller reached desk by REFER in 0.25 s, and its header with it.',
    ],
    [
      'it answered after REFER was refused',
      seen({
        call: call({
          transfers: [
            transfer({ attempts: [attempt({ result: 'failed', code: 405 }), attempt({ method: 'invite' })] }),
          ],
        }),
      }),
      'passed',
      'The caller reached desk by a bridged INVITE, after REFER was refused in 0.25 s, and its header with it.',
    ],
    [
      'a real destination answered, which cannot be asked for its headers',
      seen({ received: undefined, timings: {} }),
      'passed',
      'The caller reached desk by REFER.',
    ],
    [
      'a header was lost on the way',
      seen({ received: {} }),
      'failed',
      'The destination answered, but X-Account did not reach it.',
    ],
    [
      'a header was changed on the way',
      seen({ received: { 'x-account': '8' } }),
      'failed',
      'The destination answered, but X-Account reached it as "8", not "7".',
    ],
    [
      'it was busy',
      seen({
        call: call({
          transfers: [
            transfer({
              result: 'failed',
              reason: 'busy',
              attempts: [attempt({ result: 'failed', reason: 'busy', code: 486 })],
            }),
          ],
        }),
      }),
      'failed',
      'desk was not reached: desk by REFER: busy (486).',
    ],
    [
      'another handoff took the call',
      seen({
        call: call({
          transfers: [
            transfer({
              attempts: [
                attempt({ result: 'failed', reason: 'busy', code: 486 }),
                attempt({ handoff: 'manager', method: 'invite' }),
              ],
            }),
          ],
        }),
      }),
      'failed',
      'desk was not reached, and manager took the call: desk by REFER: busy (486); manager by INVITE: answered (200).',
    ],
    [
      'the call was refused',
      seen({
        call: call({
          result: 'rejected',
          reason: 'draining',
          sipStatus: 503,
          transfers: [],
          answeredAt: undefined as never,
        }),
      }),
      'failed',
      'Baton did not take the call: 503 (draining).',
    ],
    [
      'no call came to Baton',
      seen({ call: undefined, callerRefused: { status: 408, reason: 'Request Timeout' } }),
      'failed',
      'The call did not reach Baton: 408 Request Timeout.',
    ],
    [
      'the REFER was refused',
      seen({ call: call({ transfers: [] }), agentRefused: { status: 403, reason: 'Forbidden' } }),
      'failed',
      "Baton did not take the agent's REFER: 403 Forbidden.",
    ],
    [
      'it took too long',
      seen({ call: call({ transfers: [transfer({ state: 'running' })] }), brokenOffAfter: 15 }),
      'failed',
      'Not over after 15 s: the last thing heard was 202 Accepted.',
    ],
    [
      'the call was over too early',
      seen({ call: call({ transfers: [] }) }),
      'failed',
      'The call ended before the agent could ask for the handoff.',
    ],
  ] as const) {
    it(`is ${verdict} when ${what}`, () => {
      assert.deepEqual(judge(observed), { verdict, cause })
    })
  }
})

import assert from 'node:assert/strict'

import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { answeredBy, expectInvite, moved, type InviteRow } from './invite-row.ts'
import { calleeAnswered, hangsUp, isReleased } from './parts.ts'

const [, ...answers] = calleeAnswered
/** The trunk asks for an interval that a test can wait for. */
const interval = 4
const succeeded = { result: 'succeeded' as const, reason: 'answered', code: 200, agentHears: ['180', '200'] }
const put = [...answeredBy, 'caller: 200 OK to the re-INVITE']

const rows: InviteRow[] = [
  {
    what: 'Baton refreshes the session when it is to, half-way through the interval',
    serverSays: ['INVITE', '200 INVITE'],
    caller: { scenario: 'uac-reinvite-bridged', pause: 5000 },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-session-refreshed', keys: { timer: `${interval};refresher=uac` } },
    deskMessages: () => [
      ['< INVITE', { 'Session-Expires': String(interval), Supported: /\btimer\b/ }],
      ...answers,
      ['< INVITE', { 'Session-Expires': /^4;refresher=uac$/, body: /m=audio/ }],
      '> 200 INVITE',
      '< ACK',
      ...isReleased,
    ],
    ...succeeded,
    endedBy: 'caller',
    evidence: put,
  },
  {
    what: 'an UPDATE of the destination refreshes the session',
    caller: { scenario: 'uac-reinvite-bridged', pause: 5000 },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-session-updated', pause: 1000, keys: { timer: `${interval};refresher=uas` } },
    deskMessages: () => [
      '< INVITE',
      ...answers,
      '> UPDATE',
      ['< 200 UPDATE', { 'Session-Expires': '1800;refresher=uac' }],
      ...isReleased,
    ],
    ...succeeded,
    endedBy: 'caller',
    evidence: put,
  },
  {
    what: 'a destination that is to refresh the session and does not has gone: the call ends when it has expired',
    caller: { scenario: 'uac-reinvite-released' },
    callerMessages: (port) => [...moved(port), ...isReleased],
    desk: { scenario: 'uas-session-expired', keys: { timer: `${interval};refresher=uas` } },
    deskMessages: () => [...calleeAnswered, ...isReleased],
    ...succeeded,
    endedBy: 'baton',
    callReason: 'session_expired',
    evidence: put,
    serverSays: ['BYE', '200 BYE'],
  },
]

for (const stack of stacks) {
  describe(`Session timers between caller and destination (${stack.name})`, () => {
    needs('sipp')
    const trunks = [{ name: 'local', peers: ['127.0.0.0/8'], session_expires: interval }]
    const baton = sharedBaton({ stack, file: { trunks, sip_min_se: 2 } })

    before(function () {
      // It has a shortest interval of its own.
      if (stack.isOriginal) this.skip()
    })

    for (const row of rows) {
      it(`${row.what}: ${row.result}, ${row.reason}`, async () => {
        const { traces } = await expectInvite(baton(), row)
        const agent = traces.agent?.message('< INVITE')
        assert.equal(agent?.header('Session-Expires'), '', 'the agent is on no trunk')
      })
    }
  })
}

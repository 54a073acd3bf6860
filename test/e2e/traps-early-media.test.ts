import assert from 'node:assert/strict'

import type { Part } from '../harness/sipp.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { agentHeard, agentTold } from './moments.ts'
import { expectInvite, moved, type InviteRow } from './invite-row.ts'
import { hangsUp, isReleased, refusing } from './parts.ts'

const progress = 'destination: 183 Session Progress'
const toEarly = 'caller: 200 OK to the re-INVITE'
const back = 'caller: 200 OK to the re-INVITE back to the agent'
/** It is called, and plays early media. */
const plays = ['< INVITE', '> 183 INVITE']
const twice: Part = { scenario: 'uac-reinvited-twice-hung-up', until: agentTold }
const reinvited = ['< INVITE', '> 200 INVITE', '< ACK']

const rows: InviteRow[] = [
  {
    what: 'passed, and answered with the same session',
    caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-early-media-answered', pause: 500 },
    deskMessages: () => [...plays, '> 200 INVITE', '< ACK', ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['183', '200'], endedBy: 'caller' },
    evidence: [progress, toEarly, 'destination: 200 OK'],
  },
  {
    what: 'passed, and answered with another session: the caller is moved again',
    caller: twice,
    callerMessages: (port) => [...moved(port), ...moved(40_000), ...hangsUp],
    desk: { scenario: 'uas-early-media-changed', pause: 500 },
    deskMessages: () => [...plays, '> 200 INVITE', '< ACK', ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['183', '200'], endedBy: 'caller' },
    evidence: [progress, toEarly, 'destination: 200 OK', toEarly],
  },
  {
    what: 'passed, and then refused: the caller is back with its agent before the next is tried',
    caller: twice,
    callerMessages: (port) => [...moved(port), ...reinvited, ...hangsUp],
    desk: { scenario: 'uas-early-media-refused', pause: 500, keys: refusing('486 Busy Here') },
    deskMessages: () => [...plays, '> 486 INVITE', '< ACK'],
    ...{ result: 'failed', reason: 'busy', code: 486, agentHears: ['183', '486'], endedBy: 'caller' },
    evidence: [progress, toEarly, 'destination: 486 Busy Here', back],
  },
  {
    what: 'passed, and the call is never answered',
    caller: twice,
    callerMessages: (port) => [...moved(port), ...reinvited, ...hangsUp],
    desk: { scenario: 'uas-early-media-cancelled' },
    deskMessages: () => [...plays, '< CANCEL', '> 200 CANCEL', '> 487 INVITE', '< ACK'],
    handoff: { ring_timeout: 3 },
    ...{ result: 'failed', reason: 'no_answer', code: 487, agentHears: ['183', '487'], endedBy: 'caller' },
    evidence: [progress, toEarly, 'baton: CANCEL: no answer for 3 s', /487 Request Terminated$|agent$/, /./],
  },
  {
    what: 'passed, and the caller hangs up while it listens',
    caller: { scenario: 'uac-reinvite-bridged', until: agentHeard(/183/) },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-early-media-cancelled' },
    deskMessages: () => [...plays, '< CANCEL', '> 200 CANCEL', '> 487 INVITE', '< ACK'],
    ...{ result: 'abandoned', reason: 'caller_hung_up', agentHears: ['183', '487'], endedBy: 'caller' },
    evidence: [progress, toEarly, 'caller: BYE', 'destination: 487 Request Terminated'],
  },
  {
    what: 'held back by the handoff, whatever the trunk says: the caller is moved when it is answered',
    caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-early-media-answered', pause: 500 },
    deskMessages: () => [...plays, '> 200 INVITE', '< ACK', ...isReleased],
    handoff: { early_media: 'hold' },
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['183', '200'], endedBy: 'caller' },
    evidence: [progress, 'destination: 200 OK', toEarly],
  },
  {
    what: 'held back, and then refused: the caller never noticed',
    caller: { scenario: 'uac-call-answered', until: agentTold },
    callerMessages: () => hangsUp,
    desk: { scenario: 'uas-early-media-refused', pause: 300, keys: refusing('486 Busy Here') },
    deskMessages: () => [...plays, '> 486 INVITE', '< ACK'],
    handoff: { early_media: 'hold' },
    ...{ result: 'failed', reason: 'busy', code: 486, agentHears: ['183', '486'], endedBy: 'caller' },
    evidence: [progress, 'destination: 486 Busy Here'],
  },
]

for (const stack of stacks) {
  describe(`Early media of a destination (${stack.name})`, () => {
    needs('sipp')
    const trunks = [{ name: 'local', peers: ['127.0.0.0/8'], early_media: 'pass' }]
    const baton = sharedBaton({ stack, file: { trunks } })

    for (const row of rows) {
      it(`${row.what}: ${row.result}, ${row.reason}`, async () => {
        const { traces } = await expectInvite(baton(), row)
        const agent = traces.agent?.message('< INVITE').body
        const [, second] =
          traces.caller?.messages.filter(({ name, direction }) => {
            return name === 'INVITE' && direction === 'received'
          }) ?? []
        // Who comes back gets the session of the agent, whose own INVITE had the caller's.
        if (row.evidence.includes(back)) assert.notEqual(second?.body, agent)
      })
    }
  })
}

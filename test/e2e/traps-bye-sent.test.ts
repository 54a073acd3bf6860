import assert from 'node:assert/strict'
import type { TransferView } from '../../server/legs/views.ts'
import { expectStory, type ExpectedMessage } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import type { Part } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { asking, calleeAnswered, callerAnswered, isNotified, isReleased, refusing } from './parts.ts'

interface ByeRow {
  what: string
  caller: Part
  messages: ExpectedMessage[]
  result: NonNullable<TransferView['result']>
  reason: string
  code?: number
  agentHears: string
  evidence: (string | RegExp)[]
  call?: string
  /** They cross on the way. */
  cross?: boolean
}

const toPbx = {
  name: 'back-to-pbx',
  description: 'The PBX goes on by itself',
  default: true,
  method: 'bye',
  headers: { 'X-Next': 'queue-7' },
}

const rows: ByeRow[] = [
  {
    what: '481 to the BYE: it is over there, which is what was asked',
    caller: { scenario: 'uac-bye-refused', keys: refusing('481 Call/Transaction Does Not Exist') },
    messages: [['< BYE', { 'X-Next': 'queue-7', 'X-Reason': 'billing question' }], '> 481 BYE'],
    ...{ result: 'succeeded', reason: 'returned', code: 481, agentHears: '200' },
    evidence: ['caller: 481 Call/Transaction Does Not Exist'],
  },
  {
    what: '500 to the BYE',
    caller: { scenario: 'uac-bye-refused', keys: refusing('500 Server Internal Error') },
    messages: ['< BYE', '> 500 BYE'],
    ...{ result: 'unknown', reason: 'bye_refused', code: 500, agentHears: '500', call: 'hangup' },
    evidence: ['caller: 500 Server Internal Error'],
  },
  {
    what: 'a challenge of the BYE: the trunk’s credentials are given, and the headers again',
    caller: {
      scenario: 'uac-bye-challenged',
      keys: { header: 'WWW-Authenticate: Digest realm="trunk", nonce="n1"' },
    },
    messages: [
      '< BYE',
      '> 401 BYE',
      ['< BYE', { Authorization: /^Digest username="bob"/, 'X-Next': 'queue-7' }],
      '> 200 BYE',
    ],
    ...{ result: 'succeeded', reason: 'returned', code: 200, agentHears: '200' },
    evidence: ['caller: 200 OK'],
  },
  {
    what: 'BYE of the PBX at the same moment, crossing ours',
    caller: { scenario: 'uac-bye-crossed', lenient: true },
    cross: true,
    messages: ['< BYE', '> BYE', '> 200 BYE', '< 200 BYE'],
    ...{ result: 'succeeded', reason: 'returned', code: 200, agentHears: '200' },
    evidence: [/^caller: (?:200|BYE)/],
  },
  {
    what: 'no answer to the BYE',
    caller: { scenario: 'uac-bye-ignored' },
    messages: ['< BYE'],
    ...{ result: 'unknown', reason: 'bye_unanswered', agentHears: '408', call: 'hangup' },
    evidence: ['baton: 408 Request Timeout (made by Baton: nothing came)'],
  },
]

for (const stack of stacks) {
  describe(`Traps of the BYE that we send (${stack.name})`, () => {
    needs('sipp')
    const credentials = { username: 'bob', password: 'secret' }
    const baton = sharedBaton({ stack, file: { trunks: [{ name: 'pbx', peers: ['127.0.0.0/8'], credentials }] } })

    for (const row of rows) {
      it(`${row.what}: ${row.result}, ${row.reason}`, async () => {
        const { result, reason, code, call = 'transferred' } = row
        const played = await play(baton(), {
          caller: row.caller,
          agents: { agent: asking('sip:back-to-pbx@baton') },
          handoffs: () => [toPbx],
        })
        await expectStory(played, {
          messages: {
            ...(!row.cross && { caller: [...callerAnswered, ...row.messages] }),
            agent: [...calleeAnswered, '> REFER', '< 202 REFER', ...isNotified('100', row.agentHears), ...isReleased],
          },
          call: { result: 'answered', reason: call },
          transfers: [
            {
              handoff: 'back-to-pbx',
              ...{ result, reason },
              ...(code !== undefined && { sipStatus: code }),
              attempts: [
                {
                  ...{ handoff: 'back-to-pbx', method: 'bye', result },
                  ...(code !== undefined && { code }),
                  evidence: ['baton: BYE', ...row.evidence],
                },
              ],
            },
          ],
          ...(row.cross && { serverSays: ['BYE', '200 BYE'] }),
        })
      })
    }

    it('a call that the operator ends: both are told by whom', async () => {
      const told: ExpectedMessage[] = [
        ['< BYE', { Reason: 'Q.850;cause=16;text="Ended by the operator"' }],
        '> 200 BYE',
      ]
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-released' },
        agents: { agent: { scenario: 'uas-call-answered' } },
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          await baton().api('POST', `/v1/calls/${id}/hangup`)
        },
      })
      await expectStory(played, {
        messages: { caller: [...callerAnswered, ...told], agent: [...calleeAnswered, ...told] },
        call: { result: 'answered', reason: 'hung_up_by_api', endedBy: 'baton' },
      })
    })

    it('a handoff’s own Reason comes before ours', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-released' },
        agents: { agent: asking('sip:back-to-pbx@baton') },
        handoffs: () => [{ ...toPbx, headers: { Reason: 'SIP;cause=302' } }],
      })
      const bye = played.traces.caller?.messages.find(({ name }) => name === 'BYE')
      assert.deepEqual(bye?.headers('Reason'), ['SIP;cause=302'])
      assert.equal(played.call.reason, 'transferred')
    })
  })
}

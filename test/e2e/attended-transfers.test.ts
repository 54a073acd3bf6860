import assert from 'node:assert/strict'

import type { Dialog, DialogUser, Request, ServerInvite, ServerRequest } from '../../engine/index.ts'
import type { CallView } from '../../server/legs/views.ts'
import { dialogUser, inviteUser } from '../engine/user-agent/two-agents.ts'
import { expectPart, expectStory, type Expected, type ExpectedMessage } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import type { Part } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { play, type Played } from '../harness/story.ts'
import { until } from '../harness/until.ts'
import { agentRefused, hangUpAfterwards } from './moments.ts'
import { asks, attendedRows } from './attended.ts'
import { EngineParties, finalResponse, sessionOf } from './engine-parties.ts'
import { asking, audioAt, calleeAnswered, callerAnswered, hangsUp, isReleased } from './parts.ts'
import { frontDesk, obstacle } from './traps.ts'

const stays: Part = { scenario: 'uac-call-answered', until: agentRefused }
for (const stack of stacks) {
  describe(`Attended transfers (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })
    const parties = new EngineParties(baton)

    afterEach(() => parties.settle())

    for (const row of attendedRows) {
      const why = obstacle(stack, row)
      const test = why === undefined ? it : it.skip
      test(`${row.what}: ${why ?? `${row.result}, ${row.reason}`}`, async () => {
        const { result, reason, code } = row
        const evidence = (stack.tellsAll ? undefined : row.evidenceThere) ?? row.evidence
        const played = await play(baton(), {
          caller: row.caller,
          agents: { agent: row.agent },
          destinations: { desk: row.desk },
          handoffs: (uri) => [{ ...frontDesk, route: uri('desk'), ...row.handoff }],
          ...(row.project && { project: row.project }),
          ...(row.meanwhile && { meanwhile: row.meanwhile }),
        })
        const handoff = reason === 'no_such_dialog' ? 'attended' : 'front-desk'
        const consultation = consultationOf(played)
        expectPart(consultation, row.consultation)
        const [transfer = assert.fail('there is no transfer')] = played.call.transfers
        assert.equal(transfer.attended, true)
        assert.equal(transfer.joins, handoff === 'attended' ? undefined : consultation.id)
        assert.match(transfer.diagnosis ?? '', row.diagnosis)
        if (row.anyOrder) assert.deepEqual(sorted(played, 'agent'), row.messages.agent.map(lineOf).sort())
        const { agent: agentSees, ...others } = row.messages
        await expectStory(played, {
          messages: row.anyOrder ? others : { ...others, agent: agentSees },
          call: row.call,
          transfers: [
            {
              ...{ handoff, result, reason },
              ...(code !== undefined && { sipStatus: code }),
              attempts: [{ handoff, method: 'invite', evidence }],
            },
          ],
          metrics: {
            ...callsCounted(row.call, row.consultation),
            [`transfer_attempts{code=${code ?? 'none'},handoff=${handoff},method=invite,result=${result}}`]: 1,
            [`transfers{handoff=${handoff},method=invite,reason=${reason},result=${result}}`]: 1,
          },
        })
      })
    }

    it('two callers of one agent are joined, and each call tells which', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-reinvite-released' },
        second: { scenario: 'uac-reinvite-bridged', pause: 100 },
        agents: { agent: { scenario: 'uas-two-calls-joined', calls: 2 } },
      })
      const [second] = played.others
      assert.ok(second)
      expectPart(played.call, { result: 'answered', reason: 'joined', endedBy: 'baton' })
      assert.equal(second.transfers[0]?.joins, played.call.id)
      assert.equal(second.destination?.callId, played.call.caller.callId)
      const { ports } = played
      await expectStory(
        { ...played, call: second, events: played.allEvents.filter(({ callId }) => callId === second.id) },
        {
          messages: {
            caller: [
              ...callerAnswered,
              ['< INVITE', { body: audioAt(ports.second) }],
              '> 200 INVITE',
              '< ACK',
              ...isReleased,
            ],
            second: [
              ...callerAnswered,
              ['< INVITE', { body: audioAt(ports.caller) }],
              '> 200 INVITE',
              '< ACK',
              ...hangsUp,
            ],
            agent: [...calleeAnswered, ...calleeAnswered, ...asks('100', '200'), ...isReleased, ...isReleased],
          },
          call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
          transfers: [
            {
              ...{ handoff: 'attended', result: 'succeeded', reason: 'joined' },
              attempts: [
                {
                  ...{ handoff: 'attended', method: 'invite' },
                  evidence: [/^baton: joins/, /^caller: 200/, /^destination: 200/],
                },
              ],
            },
          ],
          metrics: {
            'calls{reason=hangup,result=answered}': 1,
            'calls{reason=joined,result=answered}': 1,
            'transfer_attempts{code=200,handoff=attended,method=invite,result=succeeded}': 1,
            'transfers{handoff=attended,method=invite,reason=joined,result=succeeded}': 1,
          },
        },
      )
    })

    it('a call of another agent: 403 with a Warning, and both calls go on', async () => {
      const played = await play(baton(), {
        caller: stays,
        second: { scenario: 'uac-call-answered', pause: 2000 },
        agents: { agents: { scenario: 'uas-names-other-agents-call-refused', calls: 3 } },
        agentUris: (uri) => [uri('agents').replace('agents@', 'one@'), uri('agents').replace('agents@', 'two@')],
      })
      await expectStory(played, {
        messages: { caller: [...callerAnswered, ...hangsUp], second: [...callerAnswered, ...hangsUp] },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        metrics: { 'calls{reason=hangup,result=answered}': 2 },
      })
      const refused = played.traces.agents?.message('< 403 REFER')
      assert.match(refused?.header('Warning') ?? '', /another call of the same agent/)
      assert.deepEqual(played.others[0]?.transfers, [])
    })

    it('an agent that has left the caller’s call, and asked in its own: the caller’s call ends with the failure', async () => {
      const { id, caller, agent, invite, desk } = await parties.connectedWithDesk()
      const said: ServerRequest[] = []
      const user: DialogUser = {
        ...dialogUser(agent.log),
        // The agent does not answer the NOTIFY of the failure, as long as the test does not.
        request: (request) => {
          if (request.request.method === 'NOTIFY' && request.request.body.includes(' 488 ')) said.push(request)
          else request.respond(200)
        },
      }
      const own = `sip:desk@${baton().sip()}`
      agent.agent.invite({ uri: own, body: sessionOf(4004) }, { ...inviteUser(agent.log), dialog: user })
      const { dialog } = await agent.log.next<{ dialog: Dialog }>('accepted')
      dialog.ack()
      await desk.log.next<Request>('ack')

      const atAgent = invite.dialog ?? assert.fail('the agent has no dialog')
      const { callId, localTag, remoteTag } = atAgent
      const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`)
      const headers: [string, string][] = [['Refer-To', `<${own}?Replaces=${replaces}>`]]
      assert.equal((await finalResponse(dialog, 'REFER', { headers })).status, 202)
      const moved = await caller.log.next<ServerInvite>('reinvite')
      await finalResponse(atAgent, 'BYE')
      moved.respond(488)

      const { endedAt, reason, transfers } = await parties.ended(id)
      const [failure] = transfers
      assert.deepEqual([failure?.reason, reason], ['media_refused', 'transfer_failed'])
      const lateMs = Date.parse(endedAt ?? '') - Date.parse(failure?.endedAt ?? '')
      assert.ok(lateMs < 1000, `the call outlived its transfer by ${lateMs} ms`)
      await until('the agent has the failure', () => {
        assert.equal(said.length, 1)
      })
      said[0]?.respond(200)
      await finalResponse(dialog, 'BYE')
      await until('no call is left', async () => {
        const { calls } = await baton().api<{ calls: CallView[] }>('GET', '/v1/calls?state=live')
        assert.deepEqual(calls, [])
      })
    })

    it('a Replaces that says nothing: 400', async () => {
      const played = await play(baton(), {
        caller: stays,
        agents: { agent: { scenario: 'uas-asks-transfer-badly-refused', keys: { refer_to: noTags } } },
      })
      assert.ok(played.traces.agent?.message('< 400 REFER'))
      assert.deepEqual(played.call.transfers, [])
    })

    it('only an early dialog may be replaced, it says, and ours are confirmed: failed, no_such_dialog', async () => {
      const early = 'sip:front-desk@baton?Replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3%3Bearly-only'
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-released' },
        agents: { agent: asking(early) },
        meanwhile: hangUpAfterwards,
      })
      const [transfer] = played.call.transfers
      assert.equal(`${transfer?.result} ${transfer?.reason}`, 'failed no_such_dialog')
    })
  })
}

const noTags = 'Refer-To: <sip:front-desk@baton?Replaces=only-a-call-id>'
const lineOf = (message: ExpectedMessage): string => (typeof message === 'string' ? message : message[0])
const sorted = (played: Played, party: string): string[] => [...(played.traces[party]?.lines ?? [])].sort()

function callsCounted(...calls: Partial<CallView>[]): Expected['metrics'] {
  const counts: Record<string, number> = {}
  for (const { reason, result } of calls) {
    const key = `calls{reason=${reason},result=${result}}`
    counts[key] = (counts[key] ?? 0) + 1
  }

  return counts
}

/** The agent's own call to the front desk. */
function consultationOf({ call, others }: Played): CallView {
  const [consultation = assert.fail('there is no second call')] = others
  assert.equal(consultation.consults, call.id)
  assert.equal(consultation.agent.callId, consultation.caller.callId)
  assert.equal(consultation.destination?.handoff, 'front-desk')

  return consultation
}

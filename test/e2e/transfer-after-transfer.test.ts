import assert from 'node:assert/strict'
import type { Request, Response } from '../../engine/index.ts'
import { RawPeer } from '../engine/user-agent/raw-peer.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n'
const withSession = [['Content-Type', 'application/sdp'] as const]
const number = '+14155550124'

describe('A transfer that begins while the agent is still told of the one before', () => {
  const baton = sharedBaton({ stack: stacks[0]! })
  const peers: RawPeer[] = []

  afterEach(() => {
    for (const peer of peers.splice(0)) peer.close()
  })

  async function party(): Promise<RawPeer> {
    const peer = await RawPeer.open(`sip:${baton().sip()}`)
    peers.push(peer)

    return peer
  }

  function answer(peer: RawPeer, request: Request, tag: string): Response {
    return peer.respond(request, 200, tag, [['Contact', `<${peer.uri}>`]], session)
  }

  it('decides what becomes of the call: the agent may leave, and the caller is bridged', async () => {
    const [caller, agent, refusing, desk] = [await party(), await party(), await party(), await party()]
    await baton().project({
      project: 'again',
      environments: { live: { numbers: [number], agents: [agent.uri] } },
      table: {
        handoffs: [
          { name: 'busy', description: 'Busy', default: true, method: 'invite', route: refusing.uri },
          { name: 'desk', description: 'Desk', method: 'invite', route: desk.uri },
        ],
      },
    })
    caller.send(caller.make('INVITE', { uri: `sip:${number}@baton`, headers: withSession, body: session }))
    const invite = await agent.request('INVITE')
    const agreed = answer(agent, invite, 'agent')
    const ok = await caller.response('INVITE', 200)
    caller.send(caller.inDialog('ACK', ok))
    await agent.request('ACK')
    const fromAgent = {
      uri: invite.contact?.uri ?? '',
      from: agreed.header('To') ?? '',
      to: agreed.header('From') ?? '',
      callId: invite.callId,
    }
    agent.send(agent.make('REFER', { ...fromAgent, headers: [['Refer-To', '<sip:busy@baton>']] }))
    refusing.respond(await refusing.request('INVITE'), 486, 'busy')
    let notify = await agent.request('NOTIFY')
    while (!notify.body.includes('486')) {
      agent.respond(notify, 200, '')
      notify = await agent.request('NOTIFY')
    }
    // It is told, and says nothing yet.
    const id = invite.header('X-Baton-Call-Id') ?? ''
    await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk' })
    const called = await desk.request('INVITE')
    agent.send(agent.make('BYE', fromAgent))
    await agent.response('BYE', 200)
    agent.respond(notify, 200, '')
    // The one before is over by now; the call goes on.
    caller.send(caller.inDialog('OPTIONS', ok))
    await caller.response('OPTIONS')
    answer(desk, called, 'desk')
    await desk.request('ACK')
    caller.respond(await caller.request('INVITE'), 200, ok.fromTag ?? '', [], session)
    await caller.request('ACK')
    caller.send(caller.inDialog('BYE', ok))
    await caller.response('BYE', 200)
    desk.respond(await desk.request('BYE'), 200, '')
    const { result, transfers } = await baton().call(id)
    assert.deepEqual([result, transfers.map((transfer) => transfer.result)], ['answered', ['failed', 'succeeded']])
  })
})

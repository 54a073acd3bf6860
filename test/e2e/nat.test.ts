import { RawPeer } from '../engine/user-agent/raw-peer.ts'
import { Baton } from '../harness/baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155550123'
const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n'
const withSession = [['Content-Type', 'application/sdp'] as const]
/** An address on which no party of these tests listens. */
const hidden = '<sip:caller@127.99.0.7:5070>'

for (const stack of stacks.filter(({ isOriginal }) => !isOriginal)) {
  describe(`A caller behind a NAT that does not rewrite SIP (${stack.name})`, () => {
    let baton: Baton
    const peers: RawPeer[] = []

    before(async () => {
      baton = await Baton.start({ stack })
    })

    afterEach(() => {
      for (const each of peers.splice(0)) each.close()
    })

    after(() => baton.stop())

    async function peer(): Promise<RawPeer> {
      const raw = await RawPeer.open(`sip:${baton.sip()}`)
      peers.push(raw)

      return raw
    }

    it('hears the agent’s REFER and its BYE, though its Contact leads nowhere', async () => {
      const agent = await peer()
      await baton.project({
        project: 'nat',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:5092' }] },
      })
      const caller = await peer()
      caller.send(
        caller.make('INVITE', {
          uri: `sip:${number}@baton.invalid`,
          contact: hidden,
          headers: withSession,
          body: session,
        }),
      )
      const invite = await agent.request('INVITE')
      const agreed = agent.respond(invite, 200, 'agent', [], session)
      const ok = await caller.response('INVITE', 200)
      caller.send(caller.inDialog('ACK', ok))
      await agent.request('ACK')
      const dialog = {
        uri: invite.contact?.uri ?? '',
        from: agreed.header('To') ?? '',
        to: agreed.header('From') ?? '',
        callId: invite.callId,
      }
      agent.send(agent.make('REFER', { ...dialog, headers: [['Refer-To', '<sip:desk@baton.invalid>']] }))
      caller.respond(await caller.request('REFER'), 603, '')
      agent.send(agent.make('BYE', dialog))
      await agent.response('BYE', 200)
      caller.respond(await caller.request('BYE'), 200, '')
      await baton.events.when('call.ended', ({ type }) => type === 'call.ended')
    })
  })
}

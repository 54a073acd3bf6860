import assert from 'node:assert/strict'
import type { Request, Response } from '../../engine/index.ts'
import type { BatonEvent } from '../../server/calls/events.ts'
import { TestAuthority } from '../engine/transport/certificates.ts'
import { RawPeer } from '../engine/user-agent/raw-peer.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { secureStacks, type CertificateFiles } from '../harness/secure-stacks.ts'
import { connectedPeer, TlsPeers } from '../harness/wires.ts'

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n'
const withSession = [['Content-Type', 'application/sdp'] as const]
const number = '+14155550123'

for (const { name, stack } of secureStacks) {
  describe(`A sips call, on ${name}`, () => {
    needs('openssl')
    let files: CertificateFiles
    let baton: Baton
    const peers: { close(): void }[] = []

    before(async () => {
      const authority = new TestAuthority()
      files = { authority, own: authority.issue('own', 'IP:127.0.0.1') }
      baton = await Baton.start({ stack: stack(files) })
    })

    afterEach(() => {
      for (const peer of peers.splice(0)) peer.close()
    })

    after(async () => {
      await baton.idle(['baton_calls_active', 'baton_transfers_active'])
      await baton.stop()
      files.authority.remove()
    })

    async function secureParty(): Promise<{ party: TlsPeers; uri: string }> {
      const party = await TlsPeers.open(files.own, files.authority.certificate)
      peers.push(party)

      return { party, uri: party.uri.replace('sip:', 'sips:').replace(';transport=tls', '') }
    }

    async function plainParty(): Promise<RawPeer> {
      const peer = await RawPeer.open(`sip:${baton.sip()}`)
      peers.push(peer)

      return peer
    }

    async function calling(): Promise<{ caller: RawPeer; invite: Request }> {
      const caller = await connectedPeer('tls', baton.sip('tls'), { authority: files.authority.certificate })
      peers.push(caller)
      const uri = `sips:${number}@127.0.0.1`
      const contact = `<${caller.uri.replace('sip:', 'sips:').replace(';transport=tls', '')}>`
      const invite = caller.make('INVITE', { uri, to: `<${uri}>`, contact, headers: withSession, body: session })
      caller.send(invite)

      return { caller, invite }
    }

    async function project(agents: readonly string[], handoffs: readonly object[] = []): Promise<void> {
      await baton.project({
        project: 'sips',
        environments: { live: { numbers: [number], agents } },
        table: {
          handoffs: [
            { name: 'desk', description: 'Desk', default: true, route: 'sip:desk@127.0.0.1:5092', ...handoffs[0] },
            ...handoffs.slice(1).map((handoff) => ({ description: 'Desk', ...handoff })),
          ],
        },
      })
    }

    /** The caller with an agent that is called by sips: the 200 that the caller got, the agent's INVITE and 200. */
    async function connected(agents: TlsPeers, contactUri?: string) {
      const { caller } = await calling()
      const agent = await agents.first()
      const invite = await agent.request('INVITE')
      const contact = `<${contactUri ?? `sips:raw@127.0.0.1:${agent.port}`}>`
      const agreed = agent.respond(invite, 200, 'agent', [['Contact', contact]], session)
      const ok = await caller.response('INVITE', 200)
      caller.send(caller.inDialog('ACK', ok))
      await agent.request('ACK')

      return { caller, agent, ok, invite, agreed }
    }

    function refer(agent: RawPeer, invite: Request, agreed: Response): void {
      agent.send(
        agent.make('REFER', {
          uri: invite.contact?.uri ?? '',
          from: agreed.header('To') ?? '',
          to: agreed.header('From') ?? '',
          callId: invite.callId,
          headers: [['Refer-To', '<sip:desk@baton.invalid>']],
        }),
      )
    }

    async function heardOut(agent: RawPeer): Promise<string> {
      for (;;) {
        const notify = await agent.request('NOTIFY')
        agent.respond(notify, 200, '')
        if (notify.header('Subscription-State')?.startsWith('terminated')) return notify.body
      }
    }

    async function endedCall(invite: Request) {
      const id = invite.header('X-Baton-Call-Id')
      const isOver = (event: BatonEvent): boolean =>
        event.type === 'call.ended' && (id === undefined || event.callId === id)
      const { callId = '' } = await baton.events.when('call.ended', isOver)

      return baton.call(callId)
    }

    it('goes to the agents that are secure alone, and each of its Contacts is sips (RFC 3261 8.1.1.8, 12.1.1)', async () => {
      const plain = await plainParty()
      const { party, uri } = await secureParty()
      await project([plain.uri, uri])
      const { caller, agent, ok, invite } = await connected(party)
      assert.equal(invite.uri, uri)
      for (const contact of [invite.header('Contact'), ok.header('Contact')]) assert.match(contact ?? '', /^<sips:/)
      caller.send(caller.inDialog('BYE', ok))
      await caller.response('BYE', 200)
      const bye = await agent.request('BYE')
      assert.match(bye.uri, /^sips:/)
      agent.respond(bye, 200, '')
      assert.equal((await endedCall(invite)).result, 'answered')
      assert.deepEqual(plain.seen, [])
    })

    it('stays on TLS though its agent answers with a plain Contact (RFC 3261 12.1.1)', async () => {
      const plain = await plainParty()
      const { party, uri } = await secureParty()
      await project([uri])
      const { caller, agent, ok, invite } = await connected(party, plain.uri)
      caller.send(caller.inDialog('BYE', ok))
      await caller.response('BYE', 200)
      agent.respond(await agent.request('BYE'), 200, '')
      await endedCall(invite)
      assert.deepEqual(plain.seen, [])
    })

    it('is refused with 488 when no agent is secure (RFC 3261 26.2.2), which the call says', async () => {
      const plain = await plainParty()
      await project([plain.uri])
      const { caller, invite } = await calling()
      const refused = await caller.response('INVITE')
      assert.deepEqual([refused.status, refused.header('Warning')], [488, '380 baton "SIPS Not Allowed"'])
      caller.send(caller.inDialog('ACK', refused, { via: invite.header('Via') ?? '', cseq: invite.cseq?.number ?? 0 }))
      const ended = await baton.events.of('call.ended', invite.callId)
      const call = await baton.call(ended.callId ?? '')
      assert.deepEqual([call.result, call.reason, call.sipStatus], ['rejected', 'not_secure', 488])
      assert.deepEqual(plain.seen, [])
    })

    it('goes to agents in the clear where SIP_SIPS says so', async () => {
      const usual = baton
      baton = await Baton.start({ stack: stack(files), env: { SIP_SIPS: 'any' } })
      try {
        const plain = await plainParty()
        await project([plain.uri])
        const { caller } = await calling()
        plain.respond(await plain.request('INVITE'), 200, 'agent', [], session)
        const ok = await caller.response('INVITE', 200)
        caller.send(caller.inDialog('ACK', ok))
        await plain.request('ACK')
        caller.send(caller.inDialog('BYE', ok))
        await caller.response('BYE', 200)
        plain.respond(await plain.request('BYE'), 200, '')
      } finally {
        await baton.stop()
        baton = usual
      }
    })

    it('says why when the certificate of its agent is not trusted', async () => {
      const other = new TestAuthority('Other')
      const party = await TlsPeers.open(other.issue('agent', 'IP:127.0.0.1'), files.authority.certificate)
      peers.push(party, { close: () => other.remove() })
      await project([party.uri])
      const { caller, invite } = await calling()
      const refused = await caller.response('INVITE')
      assert.equal(refused.status, 503)
      caller.send(caller.inDialog('ACK', refused, { via: invite.header('Via') ?? '', cseq: invite.cseq?.number ?? 0 }))
      const ended = await baton.events.of('call.ended', invite.callId)
      const { reason, detail } = await baton.call(ended.callId ?? '')
      assert.equal(reason, 'no_agent')
      assert.match(detail ?? '', /^sip:raw@.*: 503 No TLS Connection \(.*(certificate|issuer)/)
    })

    it('is referred to secure destinations alone (RFC 5630 5.1.1.3)', async () => {
      const { party, uri } = await secureParty()
      const secure = 'sips:vault@127.0.0.1:5093'
      await project([uri], [{ on_failure: ['vault'] }, { name: 'vault', route: secure }])
      const { caller, agent, ok, invite, agreed } = await connected(party)
      refer(agent, invite, agreed)
      const referred = await caller.request('REFER')
      assert.equal(referred.header('Refer-To'), `<${secure}>`)
      caller.respond(referred, 202, ok.fromTag ?? '')
      caller.send(
        caller.inDialog('NOTIFY', ok, {
          headers: [
            ['Event', 'refer'],
            ['Subscription-State', 'terminated;reason=noresource'],
            ['Content-Type', 'message/sipfrag'],
          ],
          body: 'SIP/2.0 200 OK\r\n',
        }),
      )
      caller.respond(await caller.request('BYE'), 200, '')
      await heardOut(agent)
      agent.respond(await agent.request('BYE'), 200, '')
      const [transfer] = (await endedCall(invite)).transfers
      const [passedOver, taken] = transfer?.attempts ?? []
      assert.deepEqual([passedOver?.reason, taken?.result], ['not_secure', 'succeeded'])
      assert.match(passedOver?.evidence[0]?.what ?? '', /^no REFER to sip:desk@127\.0\.0\.1:5092: .* sips/)
    })

    it('is bridged to secure destinations alone, and stays with its agent without one', async () => {
      const plain = await plainParty()
      const { party, uri } = await secureParty()
      const { party: desks, uri: desk } = await secureParty()
      const bridged = { method: 'invite', route: plain.uri }
      await project([uri], [bridged])
      const { caller, agent, ok, invite, agreed } = await connected(party)
      refer(agent, invite, agreed)
      assert.match(await heardOut(agent), /^SIP\/2\.0 503/)
      caller.send(caller.inDialog('BYE', ok))
      await caller.response('BYE', 200)
      agent.respond(await agent.request('BYE'), 200, '')
      const [transfer] = (await endedCall(invite)).transfers
      assert.deepEqual([transfer?.result, transfer?.reason], ['failed', 'not_secure'])
      assert.match(transfer?.diagnosis ?? '', /call is sips/)
      assert.match(transfer?.attempts[0]?.evidence[0]?.what ?? '', /^sip:raw@.* is not called/)
      assert.deepEqual(plain.seen, [])

      const { party: again, uri: another } = await secureParty()
      await project(
        [another],
        [
          { ...bridged, on_failure: ['vault'] },
          { name: 'vault', method: 'invite', route: desk },
        ],
      )
      const second = await connected(again)
      refer(second.agent, second.invite, second.agreed)
      const answering = await desks.first()
      const offered = await answering.request('INVITE')
      assert.match(offered.header('Contact') ?? '', /^<sips:/)
      answering.respond(offered, 200, 'desk', [['Contact', `<${desk}>`]], session)
      await answering.request('ACK')
      second.caller.respond(await second.caller.request('INVITE'), 200, second.ok.fromTag ?? '', [], session)
      await second.caller.request('ACK')
      assert.match(await heardOut(second.agent), /^SIP\/2\.0 200/)
      second.agent.respond(await second.agent.request('BYE'), 200, '')
      second.caller.send(second.caller.inDialog('BYE', second.ok))
      await second.caller.response('BYE', 200)
      answering.respond(await answering.request('BYE'), 200, '')
      assert.deepEqual(plain.seen, [])
    })
  })
}

import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { once } from 'node:events'
import type { Request, Response } from '../../engine/index.ts'
import { certificateExpiries } from '../../server/checkup/index.ts'
import { TestAuthority } from '../engine/transport/certificates.ts'
import { RawPeer } from '../engine/user-agent/raw-peer.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { stacks } from '../harness/stacks.ts'
import { type Connecting, connectedPeer, TlsPeers } from '../harness/wires.ts'
import { until } from '../harness/until.ts'

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n'
const withSession = [['Content-Type', 'application/sdp'] as const]
const number = '+14155550123'

describe('Calls over connections, by sockets of Node’s own', () => {
  needs('openssl')
  let authority: TestAuthority
  let baton: Baton
  const peers: { close(): void }[] = []
  let files: Record<'default' | 'named' | 'next' | 'client', { certificate: string; key: string }>

  before(async () => {
    authority = new TestAuthority()
    files = {
      default: authority.issue('default', 'IP:127.0.0.1'),
      named: authority.issue('named', 'DNS:sip.example.test'),
      next: authority.issue('next', 'IP:127.0.0.1,DNS:next.example.test'),
      client: authority.issue('client', 'IP:127.0.0.1'),
    }
    baton = await start({ SIP_TLS_CERTIFICATES: `${files.default.certificate},${files.named.certificate}` })
  })

  afterEach(() => {
    for (const peer of peers.splice(0)) peer.close()
  })

  after(async () => {
    await baton.idle(['baton_engine_transactions', 'baton_engine_dialogs'], 30)
    await baton.stop()
    authority.remove()
  })

  function start(env: Record<string, string>): Promise<Baton> {
    const listen = ['udp', 'tcp', 'tls', 'ws', 'wss'].map((transport) => `${transport}:127.0.0.1:0`)

    return Baton.start({
      stack: stacks[0]!,
      env: {
        SIP_LISTEN: listen.join(','),
        SIP_TLS_KEYS: `${files.default.key},${files.named.key}`,
        SIP_TLS_AUTHORITIES: authority.certificate,
        ...env,
      },
    })
  }

  async function project(agents: readonly string[], handoff: object = {}): Promise<void> {
    await baton.project({
      project: 'connections',
      environments: { live: { numbers: [number], agents } },
      table: {
        handoffs: [{ name: 'desk', description: 'Desk', default: true, route: 'sip:desk@127.0.0.1:5092', ...handoff }],
      },
    })
  }

  async function calling(transport: Connecting): Promise<RawPeer> {
    const peer = await connectedPeer(transport, baton.sip(transport), { authority: authority.certificate })
    peers.push(peer)

    return peer
  }

  async function listening(): Promise<RawPeer> {
    const peer = await RawPeer.open(`sip:${baton.sip()}`)
    peers.push(peer)

    return peer
  }

  /** The caller's call, with the agent: the 200 that the caller got, and the agent's INVITE and 200. */
  async function connected(
    caller: RawPeer,
    agent: RawPeer,
  ): Promise<{ ok: Response; invite: Request; agreed: Response }> {
    const invite = caller.make('INVITE', { uri: `sip:${number}@baton.invalid`, headers: withSession, body: session })
    caller.send(invite)
    const offered = await agent.request('INVITE')
    const agreed = agent.respond(offered, 200, 'agent', [['Contact', `<${agent.uri}>`]], session)
    const ok = await caller.response('INVITE', 200)
    caller.send(caller.inDialog('ACK', ok))
    await agent.request('ACK')

    return { ok, invite: offered, agreed }
  }

  /** A request of the one who was called. */
  function ofCallee(
    callee: RawPeer,
    method: string,
    invite: Request,
    agreed: Response,
    headers: [string, string][] = [],
  ): Request {
    return callee.make(method, {
      uri: invite.contact?.uri ?? '',
      from: agreed.header('To') ?? '',
      to: agreed.header('From') ?? '',
      callId: invite.callId,
      headers,
    })
  }

  for (const transport of ['tcp', 'tls', 'ws', 'wss'] as const) {
    it(`a caller over ${transport} that takes no connections talks with an agent over UDP, and is transferred down its connection`, async () => {
      const agent = await listening()
      await project([agent.uri])
      const caller = await calling(transport)
      const { ok, invite, agreed } = await connected(caller, agent)
      assert.match(ok.header('Contact') ?? '', new RegExp(`transport=${transport}`))
      assert.equal(agent.seen.filter((what) => what === 'INVITE').length, 1)

      agent.send(ofCallee(agent, 'REFER', invite, agreed, [['Refer-To', '<sip:desk@baton.invalid>']]))
      const refer = await caller.request('REFER')
      assert.equal(refer.header('Refer-To'), '<sip:desk@127.0.0.1:5092>')
      const via = refer.header('Via') ?? ''
      assert.match(
        via,
        new RegExp(
          `^SIP/2\\.0/${transport.toUpperCase()} 127\\.0\\.0\\.1:${baton.sip(transport).split(':')[1]!};rport`,
        ),
      )
      assert.equal(via.includes(';alias'), transport === 'tcp' || transport === 'tls')
      caller.respond(refer, 202, ok.fromTag ?? '')
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
      await caller.response('NOTIFY', 200)
      caller.respond(await caller.request('BYE'), 200, '')
      for (let last = ''; !last.startsWith('terminated');) {
        const notify = await agent.request('NOTIFY')
        agent.respond(notify, 200, '')
        last = notify.header('Subscription-State') ?? ''
      }
      agent.respond(await agent.request('BYE'), 200, '')
      const { callId = '' } = await baton.events.of('call.ended', invite.header('X-Baton-Call-Id'))
      const call = await baton.call(callId)
      assert.deepEqual([call.result, call.reason, call.transfers[0]?.result], ['answered', 'transferred', 'succeeded'])
    })
  }

  it('a caller who has lost its connection is reached by the next one, once it has spoken', async () => {
    const agent = await listening()
    await project([agent.uri])
    const caller = await calling('tls')
    const { ok, invite, agreed } = await connected(caller, agent)
    caller.close()
    const again = await calling('tls')
    again.send(caller.inDialog('INFO', ok))
    agent.respond(await agent.request('INFO'), 200, '')
    await again.response('INFO', 200)
    agent.send(ofCallee(agent, 'BYE', invite, agreed))
    await agent.response('BYE', 200)
    again.respond(await again.request('BYE'), 200, '')
  })

  it('an agent and a destination are called over TLS, each on one connection, and the caller is bridged', async () => {
    const agents = await TlsPeers.open(files.client, authority.certificate)
    const desks = await TlsPeers.open(files.client, authority.certificate)
    peers.push(agents, desks)
    await project([agents.uri], { method: 'invite', route: desks.uri })
    const caller = await listening()
    caller.send(caller.make('INVITE', { uri: `sip:${number}@baton.invalid`, headers: withSession, body: session }))
    const agent = await agents.first()
    const invite = await agent.request('INVITE')
    const agreed = agent.respond(invite, 200, 'agent', [['Contact', `<${agent.uri}>`]], session)
    const ok = await caller.response('INVITE', 200)
    caller.send(caller.inDialog('ACK', ok))
    await agent.request('ACK')
    agent.send(ofCallee(agent, 'REFER', invite, agreed, [['Refer-To', '<sip:desk@baton.invalid>']]))
    const desk = await desks.first()
    desk.respond(await desk.request('INVITE'), 200, 'desk', [['Contact', `<${desk.uri}>`]], session)
    await desk.request('ACK')
    const reinvite = await caller.request('INVITE')
    caller.respond(reinvite, 200, ok.fromTag ?? '', [], session)
    await caller.request('ACK')
    for (let last = ''; !last.startsWith('terminated');) {
      const notify = await agent.request('NOTIFY')
      agent.respond(notify, 200, '')
      last = notify.header('Subscription-State') ?? ''
    }
    agent.respond(await agent.request('BYE'), 200, '')
    caller.send(caller.inDialog('BYE', ok))
    await caller.response('BYE', 200)
    desk.respond(await desk.request('BYE'), 200, '')
    assert.deepEqual([agents.taken.length, desks.taken.length], [1, 1])
  })

  it('an agent whose certificate no trusted authority has signed is not called', async () => {
    const other = new TestAuthority('Other')
    const agents = await TlsPeers.open(other.issue('agent', 'IP:127.0.0.1'), authority.certificate)
    peers.push(agents, { close: () => other.remove() })
    await project([agents.uri])
    const caller = await listening()
    const invite = caller.make('INVITE', { uri: `sip:${number}@baton.invalid`, headers: withSession, body: session })
    caller.send(invite)
    const refused = await caller.response('INVITE')
    assert.equal(refused.status, 503)
    caller.send(caller.inDialog('ACK', refused, { via: invite.header('Via') ?? '', cseq: invite.cseq?.number ?? 0 }))
    assert.deepEqual(agents.taken, [])
    const warned = await baton.logged('a secure connection could not be made')
    assert.match(String(warned.failure), /^No TLS Connection \(.*(certificate|issuer)/)
    const ended = await baton.events.of('call.ended', invite.callId)
    const { reason, detail } = await baton.call(ended.callId ?? '')
    assert.equal(reason, 'no_agent')
    assert.match(detail ?? '', /^sip:raw@.*: 503 No TLS Connection \(.*(certificate|issuer)/)
  })

  it('a destination whose certificate no trusted authority has signed is not called, and evidence and diagnosis say why', async () => {
    const other = new TestAuthority('Other')
    const desks = await TlsPeers.open(other.issue('desk', 'IP:127.0.0.1'), authority.certificate)
    peers.push(desks, { close: () => other.remove() })
    const agent = await listening()
    await project([agent.uri], { method: 'invite', route: desks.uri })
    const caller = await listening()
    const { ok, invite, agreed } = await connected(caller, agent)
    agent.send(ofCallee(agent, 'REFER', invite, agreed, [['Refer-To', '<sip:desk@baton.invalid>']]))
    for (let last = ''; !last.startsWith('terminated');) {
      const notify = await agent.request('NOTIFY')
      agent.respond(notify, 200, '')
      last = notify.header('Subscription-State') ?? ''
    }
    caller.send(caller.inDialog('BYE', ok))
    await caller.response('BYE', 200)
    agent.respond(await agent.request('BYE'), 200, '')
    const id = invite.header('X-Baton-Call-Id')
    await baton.events.of('call.ended', id)
    const [transfer] = (await baton.call(id ?? '')).transfers
    const why = /No TLS Connection \(.*(certificate|issuer)/
    assert.deepEqual([transfer?.result, transfer?.reason], ['failed', 'unreachable'])
    assert.match(transfer?.attempts[0]?.detail ?? '', why)
    assert.ok(transfer?.attempts[0]?.evidence.some(({ what }) => what.startsWith('503 ') && why.test(what)))
    assert.match(transfer?.diagnosis ?? '', why)
    assert.match(transfer?.diagnosis ?? '', /SIP_TLS_AUTHORITIES/)
  })

  it('a sips call has a sips Contact on the caller’s leg (RFC 3261 12.1.1)', async () => {
    const agents = await TlsPeers.open(files.client, authority.certificate)
    peers.push(agents)
    await project([agents.uri])
    const caller = await calling('tls')
    const uri = `sips:${number}@127.0.0.1`
    caller.send(caller.make('INVITE', { uri, headers: withSession, body: session }))
    const agent = await agents.first()
    agent.respond(await agent.request('INVITE'), 200, 'agent', [['Contact', `<${agents.uri}>`]], session)
    const ok = await caller.response('INVITE', 200)
    assert.equal(ok.header('Contact'), `<sips:${baton.sip('tls')}>`)
    caller.send(caller.inDialog('ACK', ok))
    await agent.request('ACK')
    caller.send(caller.inDialog('BYE', ok))
    await caller.response('BYE', 200)
    agent.respond(await agent.request('BYE'), 200, '')
  })

  /** The names of the certificate that a listener shows to who asks for `name`. */
  async function shown(transport: 'tls' | 'wss', name?: string): Promise<string> {
    const [host = '', port = ''] = baton.sip(transport).split(':')
    const socket = connect({
      host,
      port: Number(port),
      rejectUnauthorized: false,
      ...(name !== undefined && { servername: name }),
    })
    await once(socket, 'secureConnect')
    const { subjectaltname = '' } = socket.getPeerCertificate()
    socket.destroy()

    return subjectaltname
  }

  it('the certificate is the one for the name that is asked for, and after SIGHUP the new one; calls go on', async () => {
    for (const transport of ['tls', 'wss'] as const) {
      assert.equal(await shown(transport, 'sip.example.test'), 'DNS:sip.example.test')
      assert.equal(await shown(transport), 'IP Address:127.0.0.1')
    }
    const agent = await listening()
    await project([agent.uri])
    const caller = await calling('tls')
    const { ok } = await connected(caller, agent)
    const expiries = await certificateExpiries([files.default.certificate, files.named.certificate])
    const expiriesTold = async () => {
      const samples = await baton.metrics()

      return [...expiries.keys()].map((file) =>
        samples.get(`baton_tls_certificate_expiry_timestamp_seconds{file="${file}"}`),
      )
    }
    assert.deepEqual(await expiriesTold(), [...expiries.values()])

    copyFileSync(files.next.certificate, files.default.certificate)
    await hup(/not reloaded/)
    assert.equal(await shown('tls'), 'IP Address:127.0.0.1')
    assert.deepEqual(await expiriesTold(), [...expiries.values()])
    copyFileSync(files.next.key, files.default.key)
    await hup(/certificates reloaded/)
    const renewed = await certificateExpiries([...expiries.keys()])
    assert.deepEqual(await expiriesTold(), [...renewed.values()])
    for (const transport of ['tls', 'wss'] as const) assert.match(await shown(transport), /DNS:next\.example\.test/)

    caller.send(caller.inDialog('BYE', ok))
    await caller.response('BYE', 200)
    agent.respond(await agent.request('BYE'), 200, '')
  })

  async function hup(expected: RegExp): Promise<void> {
    const known = baton.log.length
    process.kill(baton.pid, 'SIGHUP')
    await until(`the log has ${String(expected)}`, () =>
      baton.log.slice(known).some(({ message }) => expected.test(message)),
    )
  }

  it('a client without a certificate is turned away where certificates are required', async () => {
    const strict = await start({
      SIP_TLS_CERTIFICATES: `${files.default.certificate},${files.named.certificate}`,
      SIP_TLS_CLIENTS: 'required',
    })
    try {
      const trust = { authority: authority.certificate, name: 'sip.example.test' }
      const good = await connectedPeer('tls', strict.sip('tls'), { ...trust, own: files.client })
      good.send(good.make('OPTIONS'))
      assert.equal((await good.response('OPTIONS')).status, 200)
      good.close()
      // TLS 1.3 tells a client only when it reads that it was not welcome.
      const [host = '', port = ''] = strict.sip('tls').split(':')
      const bad = connect({ host, port: Number(port), rejectUnauthorized: false })
      const [error] = (await once(bad, 'error').catch((thrown: unknown) => [thrown])) as [Error]
      assert.match(error.message, /certificate required|alert/i)
    } finally {
      await strict.stop()
    }
  })
})

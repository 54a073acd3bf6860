import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { type Dialog, formatEndpoint, type InitialInvite, type Response } from '../../../engine/index.ts'
import { needs } from '../../harness/needs.ts'
import { until } from '../../harness/until.ts'
import { connectedPeer, streamPeer } from '../../harness/wires.ts'
import { TestAuthority } from '../transport/certificates.ts'
import { inviteUser, type Party, party, settle } from './two-agents.ts'
import { RawPeer } from './raw-peer.ts'

const none = { response: () => undefined, unanswered: () => undefined }
/** An address of this machine on which no party of these tests listens. */
const hidden = 'sip:raw@127.99.0.7:5070'
const udp = { transport: 'udp' as const, address: '127.0.0.1', port: 0 }

describe('a peer whose Contact is a private address that its messages do not come from', () => {
  let us: Party
  const peers: RawPeer[] = []

  async function agent(follows: boolean): Promise<void> {
    us = await party({ reuse: { followsSource: () => follows, keepsConnections: true } })
  }

  async function peer(): Promise<RawPeer> {
    const raw = await RawPeer.open(us.uri)
    peers.push(raw)

    return raw
  }

  afterEach(async () => {
    for (const raw of peers.splice(0)) raw.close()
    await settle(us)
  })

  it('is reached where its INVITE came from, with its Contact as Request-URI', async () => {
    await agent(true)
    const caller = await peer()
    caller.send(caller.make('INVITE', { contact: `<${hidden}>` }))
    const invite = await us.log.next<InitialInvite>('invite')
    invite.respond(200)
    const ok = await caller.response('INVITE', 200)
    caller.send(caller.inDialog('ACK', ok))
    await us.log.next('ack')
    invite.dialog?.send('INFO', {}, none)
    const info = await caller.request('INFO')
    assert.equal(info.uri, hidden)
    caller.respond(info, 200, '')
    // Its NAT has given it another port: its next request says so.
    const moved = await peer()
    moved.send(moved.inDialog('INFO', ok))
    await moved.response('INFO', 200)
    invite.dialog?.send('BYE', {}, none)
    moved.respond(await moved.request('BYE'), 200, '')
  })

  it('is reached at its Contact once a re-INVITE has brought one that is where it comes from', async () => {
    await agent(true)
    const caller = await peer()
    caller.send(caller.make('INVITE', { contact: `<${hidden}>` }))
    const invite = await us.log.next<InitialInvite>('invite')
    invite.respond(200)
    const ok = await caller.response('INVITE', 200)
    caller.send(caller.inDialog('ACK', ok))
    await us.log.next('ack')
    const again = caller.inDialog('INVITE', ok)
    caller.send(again)
    const reinvite = await us.log.next<InitialInvite>('reinvite')
    reinvite.respond(200)
    await caller.response('INVITE', 200)
    caller.send(caller.inDialog('ACK', ok, { cseq: again.cseq?.number ?? 0 }))
    await us.log.next('ack')
    assert.equal(invite.dialog?.reusableFlow, undefined)
    invite.dialog?.send('BYE', {}, none)
    const bye = await caller.request('BYE')
    assert.equal(bye.uri, caller.uri)
    caller.respond(bye, 200, '')
  })

  it('is reached where our INVITE went, when we have called it', async () => {
    await agent(true)
    const callee = await peer()
    us.agent.invite({ uri: callee.uri }, inviteUser(us.log))
    callee.answer(await callee.request('INVITE'), 200, 'a', [['Contact', `<${hidden}>`]])
    const { dialog } = await us.log.next<{ dialog: Dialog }>('accepted')
    dialog.ack()
    assert.equal((await callee.request('ACK')).uri, hidden)
    dialog.send('BYE', {}, none)
    callee.answer(await callee.request('BYE'), 200, 'a')
  })

  it('is reached at its Contact where its trunk says that this is right', async () => {
    await agent(false)
    const caller = await peer()
    caller.send(caller.make('INVITE', { contact: `<${hidden}>` }))
    const invite = await us.log.next<InitialInvite>('invite')
    invite.respond(200)
    caller.send(caller.inDialog('ACK', await caller.response('INVITE', 200)))
    await us.log.next('ack')
    assert.equal(invite.dialog?.reusableFlow, undefined)
    invite.dialog?.close()
  })

  it('is reached at its Contact when a neighbour on its network has passed its INVITE on and left the path', async () => {
    await agent(true)
    const proxy = await peer()
    const second = 'SIP/2.0/UDP 127.99.0.7:5070;branch=z9hG4bKfirst'
    const invited = proxy.make('INVITE', { contact: `<${hidden}>`, headers: [['Via', second]] })
    proxy.send(invited)
    const invite = await us.log.next<InitialInvite>('invite')
    invite.respond(200)
    proxy.send(proxy.inDialog('ACK', await proxy.response('INVITE', 200)))
    await us.log.next('ack')
    assert.equal(invite.dialog?.reusableFlow, undefined)
    invite.dialog?.close()
  })
})

describe('a peer that was called over TCP and whose Contact names no transport', () => {
  async function called(keepsConnections: boolean) {
    const us = await party({
      listen: [udp, { ...udp, transport: 'tcp' }],
      reuse: { followsSource: () => false, keepsConnections },
    })
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    us.agent.invite({ uri: `sip:a@127.0.0.1:${port};transport=tcp` }, inviteUser(us.log))
    const [socket] = (await once(server, 'connection')) as [Socket]
    const callee = streamPeer(socket, { transport: 'TCP', host: '127.0.0.1', port }, us.uri)
    callee.respond(await callee.request('INVITE'), 200, 'a', [['Contact', `<sip:a@127.0.0.1:${port}>`]])
    const { dialog } = await us.log.next<{ dialog: Dialog }>('accepted')

    return { us, callee, dialog, server, close: () => server.close() }
  }

  it('is reached by that connection while it stands', async () => {
    const { us, callee, dialog, close } = await called(true)
    dialog.ack()
    await callee.request('ACK')
    dialog.send('BYE', {}, none)
    callee.respond(await callee.request('BYE'), 200, 'a')
    await settle(us)
    callee.close()
    close()
  })

  it('is reached over UDP where the setting has it so (RFC 3263 4.1)', async () => {
    const { us, callee, dialog, close } = await called(false)
    const transports = new Set<string>()
    us.agent.tap = ({ direction, message, transport }) => {
      if (direction === 'out' && message.kind === 'request') transports.add(transport)
    }
    dialog.ack()
    assert.deepEqual([...transports], ['udp'])
    dialog.close()
    callee.close()
    close()
    await settle(us)
  })
})

describe('a caller of a sips URI whose Contact is a plain one', () => {
  needs('openssl')

  it('gets nothing in the clear when its TLS connection is gone (RFC 3261 26.2.2)', async () => {
    const authority = new TestAuthority()
    const certificates = [authority.issue('us', 'IP:127.0.0.1')] as const
    const us = await party({ listen: [{ ...udp, transport: 'tls', tls: { certificates } }, udp] })
    const sent: string[] = []
    us.agent.tap = ({ direction, message, transport }) => {
      if (direction === 'out' && message.kind === 'request') sent.push(`${message.method} by ${transport}`)
    }
    const at = formatEndpoint(us.agent.listeners[0]!.local)
    const caller = await connectedPeer('tls', at, { authority: authority.certificate })
    const neighbour = await RawPeer.open(us.uri)
    caller.send(caller.make('INVITE', { uri: `sips:${at}`, contact: `<${neighbour.uri}>` }))
    const invite = await us.log.next<InitialInvite>('invite')
    invite.respond(200)
    caller.send(caller.inDialog('ACK', await caller.response('INVITE', 200)))
    await us.log.next('ack')
    caller.close()
    await until('the connection is gone', () => us.agent.stats.transport.connectionsActive === 0)
    const response = await new Promise<Response>((unanswered) => {
      invite.dialog?.send('INFO', {}, { ...none, unanswered })
    })
    assert.equal(response.status, 503)
    assert.deepEqual([sent, neighbour.seen], [[], []])
    invite.dialog?.close()
    neighbour.close()
    authority.remove()
    await settle(us)
  })
})

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import {
  createResponse,
  type InitialInvite,
  type Response,
  type SourceLimits,
  type SourcePolicy,
} from '../../../engine/index.ts'
import { FakeClock } from '../fake-clock.ts'
import { inviteUser, type Party, party, settle } from './two-agents.ts'
import { RawPeer } from './raw-peer.ts'
import { until } from '../../harness/until.ts'

const udp = { transport: 'udp' as const, address: '127.0.0.1', port: 0 }
const unbounded: SourceLimits = { requestRate: 0, connections: 0, idleTimeout: 0 }

/** 127.0.0.1 is a stranger's address, and 127.0.0.2 belongs to a carrier. */
const policy = (limits: Partial<SourceLimits>, carrier: Partial<SourceLimits> = {}): SourcePolicy => ({
  checksPeers: true,
  ownerOf: (address) => (address === '127.0.0.2' ? 'carrier' : undefined),
  limitsOf: (owner) => ({ ...unbounded, ...(owner === undefined ? limits : carrier) }),
})

describe('a source that is not the peer', () => {
  let us: Party
  let clock: FakeClock
  const peers: { close(): void }[] = []

  /** `status` is what every INVITE is answered with at once. */
  async function agent(sources: SourcePolicy, status?: number): Promise<void> {
    clock = new FakeClock()
    const options = { clock, sources, listen: [udp, { ...udp, transport: 'tcp' as const }] }
    us = await party(options, (invite) => status !== undefined && invite.respond(status))
  }

  async function peer(): Promise<RawPeer> {
    const raw = await RawPeer.open(us.uri)
    peers.push(raw)

    return raw
  }

  const listening = () => us.agent.listeners[1]!.local.port

  async function connection(localAddress = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ port: listening(), host: '127.0.0.1', localAddress })
    socket.on('error', () => undefined)
    peers.push({ close: () => socket.destroy() })
    await once(socket, 'connect')

    return socket
  }

  /** The answer to OPTIONS on a connection. */
  async function answerOn(socket: Socket, host: string): Promise<string> {
    socket.write(
      `OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP ${host};branch=z9hG4bK${host}\r\nMax-Forwards: 70\r\n` +
        `From: <sip:a@${host}>;tag=a\r\nTo: <sip:127.0.0.1>\r\nCall-ID: ${host}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`,
    )
    const [answer] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => ['closed'])])) as [
      Buffer,
    ]

    return answer.toString()
  }

  afterEach(async () => {
    for (const each of peers.splice(0)) each.close()
    clock.advance(1_000_000)
    await settle(us)
  })

  it('hears a refusal once, and the same one when it asks again; nothing is kept (RFC 3261 8.2.7)', async () => {
    await agent(policy({}), 403)
    const stranger = await peer()
    const invite = stranger.make('INVITE')
    const tags = new Set<string | undefined>()
    for (const times of [1, 2]) {
      stranger.send(invite)
      const response = await stranger.response('INVITE', 403)
      tags.add(response.toTag)
      assert.equal(us.agent.state().transactions, 0)
      clock.advance(40_000)
      assert.equal(us.messages.filter((what) => what === 'out 403 INVITE').length, times)
    }
    assert.equal(tags.size, 1)
  })

  it('hears a refusal that is thought over until it acknowledges it, as anybody does', async () => {
    await agent(policy({}))
    const stranger = await peer()
    stranger.send(stranger.make('INVITE', { callId: 'considered' }))
    const taken = await us.log.next<InitialInvite>('invite')
    taken.respond(486)
    await stranger.response('INVITE', 486)
    clock.advance(100)
    await stranger.response('INVITE', 486)
  })

  it('is challenged once, known or unknown', async () => {
    await agent({ ...policy({}), ownerOf: () => 'carrier' }, 401)
    const carrier = await peer()
    carrier.send(carrier.make('INVITE', { callId: 'challenge' }))
    await carrier.response('INVITE', 401)
    assert.equal(us.agent.state().transactions, 0)
  })

  it('gets its OPTIONS answered, and leaves no transaction', async () => {
    await agent(policy({}))
    const stranger = await peer()
    const options = stranger.make('OPTIONS')
    for (const { length } of ['a', 'bb']) {
      stranger.send(options)
      await stranger.response('OPTIONS', 200)
      assert.equal(us.agent.state().transactions, 0)
      assert.equal(us.messages.filter((what) => what === 'out 200 OPTIONS').length, length)
    }
  })

  it('may send so many requests a second, and gets no answer to more', async () => {
    await agent(policy({ requestRate: 5 }))
    const stranger = await peer()
    for (let count = 0; count < 12; count++) stranger.send(stranger.make('OPTIONS'))
    for (let count = 0; count < 10; count++) await stranger.response('OPTIONS', 200)
    await until('all requests are in', () => us.messages.filter((what) => what === 'in OPTIONS').length >= 12)
    assert.equal(us.agent.stats.requestsOverRate, 2)
    clock.advance(1000)
    stranger.send(stranger.make('OPTIONS'))
    await stranger.response('OPTIONS', 200)
  })

  it('may hold so many connections, which takes none from others', async () => {
    await agent(policy({ connections: 2 }))
    const [first] = [await connection(), await connection()]
    const third = await connection()
    await once(third, 'close')
    assert.equal(us.agent.stats.transport.connectionsRefused, 1)
    const carrier = await connection('127.0.0.2')
    assert.match(await answerOn(carrier, '127.0.0.2'), /^SIP\/2.0 200 /)
    first.destroy()
    await until('the first connection is gone', () => us.agent.stats.transport.connectionsActive === 2)
    assert.match(await answerOn(await connection(), '127.0.0.1'), /^SIP\/2.0 200 /)
  })

  it('loses a connection on which nothing happens', async () => {
    await agent(policy({ idleTimeout: 30 }))
    const carrier = await connection('127.0.0.2')
    await once(await connection(), 'close')
    assert.match(await answerOn(carrier, '127.0.0.2'), /^SIP\/2.0 200 /)
  })
})

describe('a dialog whose tags a stranger knows', () => {
  it('goes on when the stranger says BYE, and ends with the BYE of its own peer', async () => {
    const us = await party({ sources: { ...policy({}), ownerOf: () => undefined } })
    const caller = await RawPeer.open(us.uri)
    caller.send(caller.make('INVITE'))
    const invite = await us.log.next<InitialInvite>('invite')
    invite.respond(200)
    const ok = await caller.response('INVITE', 200)
    caller.send(caller.inDialog('ACK', ok))
    await us.log.next('ack')
    const stranger = createSocket('udp4').bind(0, '127.0.0.3')
    await once(stranger, 'listening')
    const bye = caller.inDialog('BYE', ok).toString()
    stranger.send(bye.replace('z9hG4bK', 'z9hG4bKx'), us.agent.listeners[0]!.local.port, '127.0.0.1')
    const [answer] = (await once(stranger, 'message')) as [Buffer]
    assert.match(answer.toString(), /^SIP\/2.0 403 /)
    assert.equal(us.agent.stats.notFromPeer, 1)
    assert.equal(invite.dialog?.ended, false)
    caller.send(bye)
    await caller.response('BYE', 200)
    stranger.close()
    caller.close()
    await settle(us)
  })

  it('rings on when the stranger says CANCEL, and ends with the CANCEL of its own peer', async () => {
    const us = await party({ sources: { ...policy({}), ownerOf: () => undefined } })
    const caller = await RawPeer.open(us.uri)
    const sent = caller.make('INVITE')
    caller.send(sent)
    const invite = await us.log.next<InitialInvite>('invite')
    let isCancelled = false
    invite.onCancel = () => (isCancelled = true)
    const cancel = caller.make('CANCEL', { via: sent.header('Via') ?? '', cseq: sent.cseq?.number ?? 0 })
    const stranger = createSocket('udp4').bind(0, '127.0.0.3')
    await once(stranger, 'listening')
    // Without rport the answer goes to the stranger's own port (RFC 3261 18.2.2).
    const via = `Via: SIP/2.0/UDP 127.0.0.3:${stranger.address().port};branch=${sent.via?.branch ?? ''}`
    const forged = cancel.toString().replace(/^Via: .*$/m, via)
    stranger.send(forged, us.agent.listeners[0]!.local.port, '127.0.0.1')
    const [answer] = (await once(stranger, 'message')) as [Buffer]
    assert.match(answer.toString(), /^SIP\/2.0 403 /)
    assert.deepEqual([us.agent.stats.notFromPeer, isCancelled], [1, false])
    caller.send(cancel)
    await caller.response('CANCEL', 200)
    await caller.response('INVITE', 487)
    assert.equal(isCancelled, true)
    caller.send(caller.make('ACK', { via: sent.header('Via') ?? '', cseq: sent.cseq?.number ?? 0 }))
    stranger.close()
    caller.close()
    await settle(us)
  })

  it('passes over a response of a stranger’s, and takes that of the peer', async () => {
    const us = await party({ sources: { ...policy({}), ownerOf: () => undefined } })
    const callee = await RawPeer.open(us.uri)
    us.agent.invite({ uri: callee.uri }, inviteUser(us.log))
    const invite = await callee.request('INVITE')
    const stranger = createSocket('udp4').bind(0, '127.0.0.3')
    await once(stranger, 'listening')
    const forged = createResponse(invite, 603, undefined, 'forged').toString()
    await new Promise((sent) => stranger.send(forged, us.agent.listeners[0]!.local.port, '127.0.0.1', sent))
    await until('the forged response is in', () => us.agent.stats.notFromPeer > 0)
    callee.answer(invite, 486, 'a')
    assert.equal((await us.log.next<Response>('refused')).status, 486)
    stranger.close()
    callee.close()
    await settle(us)
  })
})

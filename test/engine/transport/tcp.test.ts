import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { createRequest, createResponse, type Request } from '../../../engine/message/index.ts'
import type { Listener } from '../../../engine/transport/index.ts'
import { FakeClock } from '../fake-clock.ts'
import { options, Station, TcpPeer } from './peers.ts'

const via = 'SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bK1;rport'

function request(): Request {
  return createRequest({
    method: 'OPTIONS',
    uri: 'sip:peer@127.0.0.1',
    via,
    from: '<sip:a@127.0.0.1>;tag=a',
    to: '<sip:b@127.0.0.1>',
    callId: 'out',
    cseq: 1,
  })
}

describe('TCP', () => {
  let station: Station
  let listener: Listener

  async function start(settings: ConstructorParameters<typeof Station>[0] = {}, clock?: FakeClock): Promise<void> {
    station = new Station(settings, clock)
    listener = await station.transports.listen({ transport: 'tcp', address: '127.0.0.1', port: 0 })
  }

  beforeEach(() => start())
  afterEach(async () => {
    await station.close()
    assert.deepEqual(station.defects, [])
  })

  it('answers on the connection that the request came on, and notes its source', async () => {
    const peer = await TcpPeer.open(listener.local)
    peer.send(options(via, [], 'hello'))
    const { message, flow } = await station.messages.take()
    assert.equal(message.body, 'hello')
    assert.equal(message.via?.params.get('rport'), String(peer.socket.localPort))
    flow.send(createResponse(message as Request, 200))
    assert.match(await peer.until('\r\n\r\n'), /^SIP\/2\.0 200 OK\r\n/)
    peer.close()
    await station.failures.take()
    assert.equal(flow.open, false)
  })

  it('uses a connection that is open for everything that goes to its peer', async () => {
    const peer = await TcpPeer.open(listener.local)
    peer.send(options(via))
    const { flow } = await station.messages.take()
    const remote = { transport: 'tcp', address: '127.0.0.1', port: peer.socket.localPort! } as const
    assert.equal(station.transports.flowTo(remote), flow)
    flow.send(request())
    await peer.until('OPTIONS sip:peer@127.0.0.1')
    peer.close()
  })

  it('makes a connection to a peer once, and sends what waited for it', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const accepted = once(server, 'connection')
    const target = { transport: 'tcp', address: '127.0.0.1', port: (server.address() as AddressInfo).port } as const
    const flow = station.transports.flowTo(target)!
    assert.equal(station.transports.flowTo(target), flow)
    flow.send(request())
    flow.send(request())
    const [socket] = (await accepted) as [Socket]
    const peer = new TcpPeer(socket)
    while (peer.text.split('OPTIONS sip:').length < 3) await peer.chunks.take()
    assert.deepEqual(flow.advertised, { host: '127.0.0.1', port: listener.local.port })
    peer.close()
    server.close()
  })

  it('reports a refused connection', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const flow = station.transports.flowTo({ transport: 'tcp', address: '127.0.0.1', port })!
    flow.send(request())
    const failure = await station.failures.take()
    assert.equal(failure.flow, flow)
    assert.match(failure.error.message, /ECONNREFUSED/)
  })

  it('opens another connection for a response whose connection is gone (RFC 3261 18.2.2)', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const accepted = once(server, 'connection')
    const { port } = server.address() as AddressInfo
    const peer = await TcpPeer.open(listener.local)
    peer.send(options(`SIP/2.0/TCP peer.invalid:${port};branch=z9hG4bK2;rport`))
    const { message, flow } = await station.messages.take()
    peer.close()
    await station.failures.take()
    flow.send(createResponse(message as Request, 200))
    const [socket] = (await accepted) as [Socket]
    const answered = new TcpPeer(socket)
    await answered.until('SIP/2.0 200 OK')
    answered.close()
    server.close()
  })

  it('answers a CRLF keep-alive (RFC 5626)', async () => {
    const peer = await TcpPeer.open(listener.local)
    peer.send('\r\n\r\n')
    assert.equal(await peer.chunks.take(), '\r\n')
    peer.send(options(via))
    await station.messages.take()
    peer.close()
  })

  for (const [lie, line] of [
    ['huge', 'Content-Length: 4000000000'],
    ['negative', 'Content-Length: -1'],
    ['doubled', 'Content-Length: 5\r\nl: 6'],
    ['there twice, in agreement', 'Content-Length: 0\r\nContent-Length: 0'],
    ['missing', 'X-None: 1'],
  ] as const) {
    it(`closes a connection whose Content-Length is ${lie}, after what the user answers`, async () => {
      station.onBad = (bad, flow) => {
        station.bad.put({ message: bad, flow })
        flow.send(createResponse(bad, bad.status))
      }
      const peer = await TcpPeer.open(listener.local)
      peer.send(options(via).replace('Content-Length: 0', line))
      await peer.closed
      const { message } = await station.bad.take()
      assert(message.isAnswerable)
      assert.match(peer.text, lie === 'huge' ? /^SIP\/2\.0 413 / : /^SIP\/2\.0 400 /)
    })
  }

  it('closes a connection on which a message takes too long to come', async () => {
    await station.close()
    const clock = new FakeClock()
    await start({ messageTimeout: 30_000 }, clock)
    const peer = await TcpPeer.open(listener.local)
    const text = options(via)
    peer.send(text + text.slice(0, 20))
    await station.messages.take()
    clock.advance(29_999)
    peer.send(text.slice(20, 40))
    assert.equal(clock.size, 1)
    clock.advance(1)
    await peer.closed
    assert.match((await station.failures.take()).error.message, /too long/)
    assert.equal(clock.size, 0)
  })

  it('closes a connection on which nothing happens', async () => {
    await station.close()
    await start({ idleTimeout: 30 })
    const peer = await TcpPeer.open(listener.local)
    await peer.closed
    assert.match((await station.failures.take()).error.message, /idle/)
  })

  it('gives up on a peer that never reads, and stops reading from it meanwhile', async () => {
    await station.close()
    await start({ maxUnsent: 200_000 })
    station.onRequest = (message, flow) => {
      const response = createResponse(message, 200)
      response.body = 'x'.repeat(60_000)
      flow.send(response)
    }
    const peer = await TcpPeer.open(listener.local)
    peer.socket.pause()
    const burst = options(via).repeat(200)
    peer.send(burst)
    assert.match((await station.failures.take()).error.message, /does not read/)
    assert.equal(station.transports.stats.connectionsActive, 0)
    peer.close()
  })

  it('takes no more connections than it may', async () => {
    await station.close()
    await start({ maxConnections: 1 })
    const first = await TcpPeer.open(listener.local)
    first.send(options(via))
    await station.messages.take()
    const second = await TcpPeer.open(listener.local)
    await second.closed
    assert.equal(station.transports.stats.connectionsRefused, 1)
    first.close()
  })

  it('closes everything, twice if asked', async () => {
    const peer = await TcpPeer.open(listener.local)
    peer.send(options(via))
    await station.messages.take()
    await Promise.all([station.close(), station.close()])
    await peer.closed
    assert.equal(station.transports.stats.connectionsActive, 0)
  })
})

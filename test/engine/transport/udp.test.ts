import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { createResponse, Request } from '../../../engine/message/index.ts'
import type { Listener, Traced } from '../../../engine/transport/index.ts'
import { hasIPv6 } from '../../harness/ipv6.ts'
import { options, Station, UdpPeer } from './peers.ts'

describe('UDP', () => {
  let station: Station
  let peer: UdpPeer
  let listener: Listener

  beforeEach(async () => {
    station = new Station()
    listener = await station.transports.listen({ transport: 'udp', address: '127.0.0.1', port: 0 })
    peer = await UdpPeer.open()
  })

  afterEach(async () => {
    peer.close()
    await station.close()
    assert.deepEqual(station.defects, [])
  })

  it('notes the source of a request in its top Via when rport asks for it, and answers there', async () => {
    peer.send(options('SIP/2.0/UDP 192.0.2.1:9999;branch=z9hG4bK1;rport'), listener.local)
    const { message, flow } = await station.messages.take()
    assert.equal(
      message.header('Via'),
      `SIP/2.0/UDP 192.0.2.1:9999;branch=z9hG4bK1;rport=${peer.port};received=127.0.0.1`,
    )
    assert.deepEqual(flow.remote, { address: '127.0.0.1', port: peer.port })
    flow.send(createResponse(message as Request, 200))
    const answer = await peer.received.take()
    assert.match(answer.text, /^SIP\/2\.0 200 OK\r\nVia: SIP\/2\.0\/UDP 192\.0\.2\.1:9999;.*received=127\.0\.0\.1\r\n/)
    assert.equal(answer.port, listener.local.port)
  })

  it('answers a client behind a NAT at its source, though it does not ask for rport', async () => {
    peer.send(options('SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK2'), listener.local)
    const { message, flow } = await station.messages.take()
    assert.equal(
      message.header('Via'),
      `SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK2;rport=${peer.port};received=127.0.0.1`,
    )
    flow.send(createResponse(message as Request, 200).toString())
    assert.match((await peer.received.take()).text, /^SIP\/2\.0 200/)
    // A message that cannot be parsed is answered in the same way.
    const bad = options('SIP/2.0/UDP 192.168.1.2;branch=z9hG4bKbad').replace('Content-Length: 0', 'Content-Length: 99')
    peer.send(bad, listener.local)
    assert.equal((await station.bad.take()).message.via?.params.get('rport'), String(peer.port))
  })

  it('answers a request without rport at the port of its sent-by when its host is the source (RFC 3261 18.2.2)', async () => {
    const other = await UdpPeer.open()
    peer.send(options(`SIP/2.0/UDP 127.0.0.1:${other.port};branch=z9hG4bK2`), listener.local)
    const { message, flow } = await station.messages.take()
    assert.equal(message.via?.params.has('rport'), false)
    flow.send(createResponse(message as Request, 200).toString())
    assert.match((await other.received.take()).text, /^SIP\/2\.0 200/)
    other.close()
  })

  for (const { answerTo, host } of [
    { answerTo: 'source', host: '127.0.0.1' },
    { answerTo: 'source', host: '192.168.1.2' },
    { answerTo: 'via', host: '127.0.0.1' },
    { answerTo: 'via', host: '192.168.1.2' },
  ] as const) {
    it(`answers a request with ${host} in its Via and no rport at the ${answerTo} where that is set`, async () => {
      const asked = new Station({ answerTo })
      const { local } = await asked.transports.listen({ transport: 'udp', address: '127.0.0.1', port: 0 })
      const named = await UdpPeer.open()
      peer.send(options(`SIP/2.0/UDP ${host}:${named.port};branch=z9hG4bK2`), local)
      const { message, flow } = await asked.messages.take()
      assert.equal(message.via?.params.get('rport'), answerTo === 'source' ? String(peer.port) : undefined)
      flow.send(createResponse(message as Request, 200).toString())
      await (answerTo === 'source' ? peer : named).received.take()
      named.close()
      await asked.close()
    })
  }

  it('knows an IPv6 source again, however the Via writes it', async function () {
    if (!hasIPv6) this.skip()
    const six = await station.transports.listen({ transport: 'udp', address: '::1', port: 0 })
    const other = await UdpPeer.open('::1')
    const text = options(`SIP/2.0/UDP [0:0:0:0::0001]:${other.port};branch=z9hG4bK2`)
    other.send(text, six.local)
    assert.equal((await station.messages.take()).message.toString(), text)
    other.close()
  })

  it('leaves the Via alone when it tells the truth', async () => {
    const text = options(`SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bK3`)
    peer.send(text, listener.local)
    const { message } = await station.messages.take()
    assert.equal(message.toString(), text)
  })

  it('does not believe a received that the peer wrote itself', async () => {
    peer.send(options(`SIP/2.0/UDP 127.0.0.1:${peer.port};received=192.0.2.66;branch=z9hG4bK4`), listener.local)
    const { message } = await station.messages.take()
    assert.equal(message.via?.params.get('received'), undefined)
  })

  it('drops keep-alives, tells of noise, and goes on', async () => {
    peer.send('\r\n\r\n', listener.local)
    peer.send('\x00\x01\x00\x00\x21\x12\xa4\x42', listener.local)
    peer.send('', listener.local)
    peer.send('noise noise noise', listener.local)
    const { message: bad } = await station.bad.take()
    assert.equal(bad.reason, 'there is no start line')
    assert.equal(bad.isAnswerable, false)
    peer.send(options('SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK5;rport'), listener.local)
    await station.messages.take()
    assert.equal(station.transports.stats.keepAlives, 3)
    assert.equal(station.transports.stats.bad, 1)
    assert.deepEqual([...station.transports.stats.requestsIn], [['OPTIONS', 1]])
  })

  it('answers at the source when the Via names no port that can be answered', async () => {
    for (const port of ['0', '99999', 'x']) {
      peer.send(options(`SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK9`), listener.local)
      const { message, flow } = await station.messages.take()
      flow.send(createResponse(message as Request, 400))
      assert.match((await peer.received.take()).text, /^SIP\/2\.0 400/)
    }
  })

  it('says which flow a datagram could not be sent on', async () => {
    const flow = station.transports.flowTo({ transport: 'udp', address: '127.0.0.1', port: peer.port })!
    const huge = new Request('OPTIONS', 'sip:x@127.0.0.1')
    huge.body = 'x'.repeat(70_000)
    flow.send(huge)
    const failure = await station.failures.take()
    assert.equal(failure.flow, flow)
    assert.match(failure.error.message, /EMSGSIZE/)
  })

  it('a listener whose user throws keeps listening', async () => {
    station.onRequest = () => {
      throw new Error('a defect')
    }
    peer.send(options('SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK6;rport'), listener.local)
    await station.messages.take()
    station.onRequest = () => undefined
    peer.send(options('SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK7;rport'), listener.local)
    await station.messages.take()
    assert.equal(station.defects.splice(0).length, 1)
  })

  it('shows a tap the very bytes, both ways', async () => {
    const traced: Traced[] = []
    station.transports.tap = (record) => traced.push(record)
    const text = options('SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK8;rport', ['s: caf\xc3\xa9'])
    peer.send(text, listener.local)
    const { message, flow } = await station.messages.take()
    flow.send(createResponse(message as Request, 200))
    const answer = await peer.received.take()
    assert.deepEqual(
      traced.map((record) => [record.direction, record.text, record.remote.port]),
      [
        ['in', text, peer.port],
        ['out', answer.text, peer.port],
      ],
    )
  })

  it('chooses the listener of the same IP version, and loopback for loopback', async function () {
    if (!hasIPv6) this.skip()
    const six = await station.transports.listen({ transport: 'udp', address: '::1', port: 0 })
    const wildcard = await station.transports.listen({ transport: 'udp', address: '0.0.0.0', port: 0 })
    const to = (address: string) => station.transports.flowTo({ transport: 'udp', address, port: 5060 })?.local
    assert.deepEqual(to('::1'), six.local)
    assert.deepEqual(to('127.0.0.9'), listener.local)
    assert.deepEqual(to('192.0.2.7'), wildcard.local)
    assert.equal(station.transports.flowTo({ transport: 'tcp', address: '127.0.0.1', port: 5060 }), undefined)
  })

  it('advertises the address it was given, and for a wildcard one that the peer can reach', async () => {
    await station.transports.listen({
      transport: 'udp',
      address: '127.0.0.77',
      port: 0,
      advertised: { host: '203.0.113.9', port: 5080 },
    })
    const flow = station.transports.flowTo({ transport: 'udp', address: '127.0.0.77', port: 5060 })
    assert.deepEqual(flow?.advertised, { host: '203.0.113.9', port: 5080 })
    const wildcard = await station.transports.listen({ transport: 'udp', address: '0.0.0.0', port: 0 })
    assert.deepEqual(wildcard.advertisedTo('127.0.0.1'), { host: '127.0.0.1', port: wildcard.local.port })
  })

  it('names the listener that it cannot have', async () => {
    const { port } = listener.local
    await assert.rejects(
      station.transports.listen({ transport: 'udp', address: '127.0.0.1', port }),
      new RegExp(`cannot listen on udp:127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
    )
  })

  it('reports an unreachable port when a request is retransmitted, and not before', async () => {
    const gone = await UdpPeer.open()
    const { port } = gone
    gone.close()
    const flow = station.transports.flowTo({ transport: 'udp', address: '127.0.0.1', port })
    assert.ok(flow)
    const request = options('SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK5')
    flow.send(request)
    const { error } = await station.failures.take()
    assert.match(error.message, /ECONNREFUSED/)
  })

  it('is not misled by a peer that is slow to answer', async () => {
    const flow = station.transports.flowTo({ transport: 'udp', address: '127.0.0.1', port: peer.port })
    assert.ok(flow)
    const request = options('SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK6')
    flow.send(request)
    assert.equal((await peer.received.take()).text, request)
    // The knock itself: a keep-alive, which is no SIP message.
    assert.equal((await peer.received.take()).text, '\r\n\r\n')
    assert.deepEqual(station.failures.all, [])
  })
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type ConnectionOptions, createServer, type Server, type TLSSocket } from 'node:tls'
import { after, afterEach, before, describe, it } from 'mocha'
import { createRequest, createResponse, type Request } from '../../../engine/message/index.ts'
import type { PemFiles, Listener, TlsOptions } from '../../../engine/transport/index.ts'
import { needs } from '../../harness/needs.ts'
import { TestAuthority } from './certificates.ts'
import { options, Station, TcpPeer } from './peers.ts'

const via = 'SIP/2.0/TLS client.invalid;branch=z9hG4bK1;rport'

function request(): Request {
  return createRequest({
    method: 'OPTIONS',
    uri: 'sips:peer@sip.example.test',
    via,
    from: '<sips:a@example.test>;tag=a',
    to: '<sips:b@example.test>',
    callId: 'out',
    cseq: 1,
  })
}

describe('TLS', () => {
  needs('openssl')
  let authority: TestAuthority
  let stranger: TestAuthority
  let server: PemFiles
  let other: PemFiles
  let client: PemFiles
  const closing: (() => unknown)[] = []

  before(() => {
    authority = new TestAuthority()
    stranger = new TestAuthority('Stranger')
    server = authority.issue('server', 'DNS:sip.example.test,IP:127.0.0.1')
    other = authority.issue('other', 'DNS:other.example.test,URI:sip:domain.example.test')
    client = authority.issue('client', 'DNS:client.example.test')
  })
  after(() => {
    for (const each of [authority, stranger] as (TestAuthority | undefined)[]) each?.remove()
  })
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  async function listen(tls: Partial<TlsOptions> = {}): Promise<{ station: Station; listener: Listener }> {
    const station = new Station()
    closing.push(() => station.close())
    const listener = await station.transports.listen({
      transport: 'tls',
      address: '127.0.0.1',
      port: 0,
      tls: { certificates: [server], authorities: authority.certificate, ...tls },
    })

    return { station, listener }
  }

  function dial(listener: Listener, dialing: ConnectionOptions = {}): TLSSocket {
    const socket = connect({
      host: '127.0.0.1',
      port: listener.local.port,
      ca: readFileSync(authority.certificate),
      ...dialing,
    })
    closing.push(() => socket.destroy())

    return socket
  }

  async function answer(files: PemFiles, how: { minVersion?: 'TLSv1.3'; maxVersion?: 'TLSv1.1' } = {}) {
    const tlsServer: Server = createServer({
      cert: readFileSync(files.certificate),
      key: readFileSync(files.key),
      ...how,
    })
    tlsServer.on('tlsClientError', () => undefined)
    tlsServer.listen(0, '127.0.0.1')
    closing.push(() => tlsServer.close())
    await once(tlsServer, 'listening')
    const address = tlsServer.address()
    assert(address && typeof address === 'object')

    return { tlsServer, target: { transport: 'tls', address: '127.0.0.1', port: address.port } as const }
  }

  it('takes requests and answers them on the same connection', async () => {
    const { station, listener } = await listen()
    const socket = dial(listener)
    await once(socket, 'secureConnect')
    const peer = new TcpPeer(socket)
    peer.send(options(via, [], 'body'))
    const { message, flow } = await station.messages.take()
    assert.equal(flow.transport, 'tls')
    assert.equal(message.via?.params.get('received'), '127.0.0.1')
    flow.send(createResponse(message as Request, 200))
    await peer.until('SIP/2.0 200 OK')
  })

  it('shows the certificate of the name that is asked for (SNI), and the first one for any other', async () => {
    const { listener } = await listen({ certificates: [server, other] })
    const shown = async (servername: string | undefined) => {
      const socket = dial(listener, { rejectUnauthorized: false, ...(servername && { servername }) })
      await once(socket, 'secureConnect')

      return socket.getPeerCertificate().subject.CN
    }
    assert.equal(await shown('other.example.test'), 'other')
    assert.equal(await shown('sip.example.test'), 'server')
    assert.equal(await shown('unknown.example.test'), 'server')
    assert.equal(await shown(undefined), 'server')
  })

  it('refuses TLS before 1.2', async () => {
    const { station, listener } = await listen()
    const socket = dial(listener, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })
    await once(socket, 'error')
    assert.equal(station.messages.all.length, 0)
  })

  it('takes only clients with a certificate of its authorities, where they are required', async () => {
    const { station, listener } = await listen({ clients: 'required' })
    const good = dial(listener, { cert: readFileSync(client.certificate), key: readFileSync(client.key) })
    await once(good, 'secureConnect')
    good.write(options(via))
    await station.messages.take()
    const strange = stranger.issue('strange', 'DNS:client.example.test')
    for (const keys of [{}, { cert: readFileSync(strange.certificate), key: readFileSync(strange.key) }]) {
      const bad = dial(listener, keys)
      bad.write(options(via))
      await new TcpPeer(bad).closed
    }
    assert.equal(station.messages.all.length, 1)
  })

  it('uses the connection of a client that proves its sent-by for what goes there (RFC 5923)', async () => {
    const { station, listener } = await listen({ clients: 'required' })
    const keys = { cert: readFileSync(client.certificate), key: readFileSync(client.key) }
    const target = (port: number) => ({ transport: 'tls', address: '127.0.0.1', port }) as const
    for (const [sentBy, port, isReused] of [
      ['client.example.test:5999;alias', 5999, true],
      ['other.example.test:5998;alias', 5998, false],
      ['client.example.test:5997', 5997, false],
    ] as const) {
      dial(listener, keys).write(options(`SIP/2.0/TLS ${sentBy};branch=z9hG4bK1`))
      const { flow } = await station.messages.take()
      assert.equal(station.transports.flowTo(target(port)) === flow, isReused, sentBy)
    }
  })

  it('sends to a server that proves the name which was looked for', async () => {
    const { station } = await listen()
    for (const [files, serverName] of [
      [server, 'sip.example.test'],
      [server, undefined],
      [other, 'other.example.test'],
      [other, 'domain.example.test'],
    ] as const) {
      const { tlsServer, target } = await answer(files)
      const accepted = once(tlsServer, 'secureConnection')
      const flow = station.transports.flowTo({ ...target, ...(serverName && { serverName }) })!
      flow.send(request())
      const [socket] = (await accepted) as [TLSSocket]
      const peer = new TcpPeer(socket)
      await peer.until('OPTIONS sips:peer@sip.example.test')
      assert.equal(flow.open, true)
      peer.close()
    }
  })

  it('tells a server nothing that does not prove the name', async () => {
    const { station } = await listen()
    const strange = stranger.issue('strange', 'DNS:sip.example.test')
    for (const [files, serverName, expected] of [
      [server, 'other.example.test', /does not match certificate/],
      [other, undefined, /does not match certificate/],
      [strange, 'sip.example.test', /unable to verify|self-signed/],
    ] as const) {
      const { tlsServer, target } = await answer(files)
      let heard = ''
      tlsServer.on('secureConnection', (socket) => {
        socket.on('error', () => undefined)
        socket.on('data', (data: Buffer) => (heard += data.toString()))
      })
      const flow = station.transports.flowTo({ ...target, ...(serverName && { serverName }) })!
      flow.send(request())
      const failure = await station.failures.take()
      assert.equal(failure.flow, flow)
      assert.match(failure.error.message, expected)
      assert.equal(heard, '')
    }
  })

  it('takes any server only when it is told to', async () => {
    const { station } = await listen({ servers: 'unverified' })
    const { tlsServer, target } = await answer(stranger.issue('any', 'DNS:any.example.test'))
    const accepted = once(tlsServer, 'secureConnection')
    station.transports.flowTo(target)!.send(request())
    const [socket] = (await accepted) as [TLSSocket]
    await new TcpPeer(socket).until('OPTIONS sips:')
  })

  it('shows its certificate to servers that ask for one', async () => {
    const { station } = await listen({ certificates: [client] })
    const tlsServer = createServer({
      cert: readFileSync(server.certificate),
      key: readFileSync(server.key),
      ca: readFileSync(authority.certificate),
      requestCert: true,
      rejectUnauthorized: true,
    })
    tlsServer.listen(0, '127.0.0.1')
    closing.push(() => tlsServer.close())
    await once(tlsServer, 'listening')
    const accepted = once(tlsServer, 'secureConnection')
    const address = tlsServer.address()
    assert(address && typeof address === 'object')
    station.transports.flowTo({ transport: 'tls', address: '127.0.0.1', port: address.port })!.send(request())
    const [socket] = (await accepted) as [TLSSocket]
    assert.equal(socket.getPeerCertificate().subject.CN, 'client')
    await new TcpPeer(socket).until('OPTIONS sips:')
  })

  it('shows new certificates after a reload, and the old ones when the new are not right', async () => {
    const files = authority.issue('changing', 'DNS:sip.example.test,IP:127.0.0.1')
    const { station, listener } = await listen({ certificates: [files] })
    const shown = async (servername?: string) => {
      const socket = dial(listener, { rejectUnauthorized: false, ...(servername && { servername }) })
      await once(socket, 'secureConnect')

      return socket.getPeerCertificate().subject.CN
    }
    assert.equal(await shown(), 'changing')
    copyFileSync(other.certificate, files.certificate)
    await assert.rejects(station.transports.reload(), /changing\.pem and .*changing\.key/)
    assert.equal(await shown(), 'changing')
    copyFileSync(other.key, files.key)
    await station.transports.reload()
    assert.equal(await shown(), 'other')
    assert.equal(await shown('sip.example.test'), 'other')
  })

  it('names what is missing or wrong when it cannot listen', async () => {
    const station = new Station()
    closing.push(() => station.close())
    const broken = { certificate: server.certificate, key: `${server.key}.broken` }
    writeFileSync(broken.key, 'no key')
    const tls = (certificates: TlsOptions['certificates']) =>
      station.transports.listen({ transport: 'tls', address: '127.0.0.1', port: 0, tls: { certificates } })
    await assert.rejects(tls([broken]), /cannot listen on tls:127\.0\.0\.1:0: .*server\.key\.broken/)
    await assert.rejects(tls([{ ...server, key: '/nowhere/x.key' }]), /cannot read \/nowhere\/x\.key: ENOENT/)
    await assert.rejects(
      station.transports.listen({ transport: 'tls', address: '127.0.0.1', port: 0 }),
      /no certificate/,
    )
  })
})

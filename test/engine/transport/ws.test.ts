import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { after, afterEach, before, describe, it } from 'mocha'
import { WebSocket, WebSocketServer } from 'ws'
import { createResponse, type Request } from '../../../engine/message/index.ts'
import type { Listener, TransportSettings } from '../../../engine/transport/index.ts'
import { needs } from '../../harness/needs.ts'
import { TestAuthority } from './certificates.ts'
import { Inbox, options, Station } from './peers.ts'

const via = 'SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK1'

class Browser {
  readonly texts = new Inbox<string>()
  readonly websocket: WebSocket

  constructor(websocket: WebSocket) {
    this.websocket = websocket
    websocket.on('message', (data: Buffer) => this.texts.put(data.toString('latin1')))
    websocket.on('error', () => undefined)
  }

  static async open(url: string, protocol = 'sip', more: object = {}): Promise<Browser> {
    const browser = new Browser(new WebSocket(url, protocol, more))
    await once(browser.websocket, 'open')

    return browser
  }
}

describe('SIP over WebSocket (RFC 7118)', () => {
  const closing: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function listen(
    settings: Partial<TransportSettings> = {},
  ): Promise<{ station: Station; listener: Listener; url: string }> {
    const station = new Station(settings)
    closing.push(() => station.close())
    const listener = await station.transports.listen({ transport: 'ws', address: '127.0.0.1', port: 0 })

    return { station, listener, url: `ws://127.0.0.1:${listener.local.port}/` }
  }

  it('takes a request in one message and answers on the same connection', async () => {
    const { station, url } = await listen()
    const browser = await Browser.open(url)
    assert.equal(browser.websocket.protocol, 'sip')
    browser.websocket.send(options(via).replace('Content-Length: 0\r\n', ''))
    const { message, flow } = await station.messages.take()
    assert.equal(flow.transport, 'ws')
    assert.equal(flow.reliable, true)
    assert.equal(message.via?.params.get('received'), '127.0.0.1')
    flow.send(createResponse(message as Request, 200))
    assert.match(await browser.texts.take(), /^SIP\/2\.0 200 OK/)
    assert.equal(station.transports.flowTo({ transport: 'ws', ...flow.remote }), flow)
    browser.websocket.close()
    await station.failures.take()
    assert.equal(flow.open, false)
    assert.equal(station.transports.stats.connectionsActive, 0)
  })

  it('takes binary messages, and sends what is no UTF-8 as one', async () => {
    const { station, url } = await listen()
    const browser = await Browser.open(url)
    const kinds: boolean[] = []
    browser.websocket.on('message', (_, isBinary) => kinds.push(isBinary))
    browser.websocket.send(Buffer.from(options(via, [], 'caf\xe9'), 'latin1'))
    const { message, flow } = await station.messages.take()
    assert.equal(message.body, 'caf\xe9')
    for (const body of ['caf\xc3\xa9', 'caf\xe9']) {
      const response = createResponse(message as Request, 200)
      response.body = body
      flow.send(response)
      assert((await browser.texts.take()).endsWith(body), 'the bytes are those that were sent')
    }
    assert.deepEqual(kinds, [false, true])
  })

  it('refuses a client that does not speak sip, and plain HTTP', async () => {
    const { station, listener, url } = await listen()
    for (const protocol of ['mqtt', '']) {
      const websocket = new WebSocket(url, protocol === '' ? [] : protocol)
      const [error] = (await once(websocket, 'error')) as [Error]
      assert.match(error.message, /400/)
    }
    const plain = httpRequest({ host: '127.0.0.1', port: listener.local.port }).end()
    const [response] = (await once(plain, 'response')) as [{ statusCode: number; resume(): void }]
    assert.equal(response.statusCode, 426)
    response.resume()
    assert.equal(station.transports.stats.connectionsAccepted, 0)
  })

  it('answers a keep-alive, and tells of noise', async () => {
    const { station, url } = await listen()
    const browser = await Browser.open(url)
    browser.websocket.send('\r\n\r\n')
    assert.equal(await browser.texts.take(), '\r\n')
    browser.websocket.send('noise')
    assert.equal((await station.bad.take()).message.reason, 'there is no start line')
  })

  it('closes a connection that sends more than a message may be, or nothing at all', async () => {
    const large = await listen()
    const flood = await Browser.open(large.url)
    flood.websocket.send('x'.repeat(100_000))
    const [code] = (await once(flood.websocket, 'close')) as [number]
    assert.equal(code, 1009)
    const { station, url } = await listen({ idleTimeout: 30 })
    const idle = await Browser.open(url)
    await once(idle.websocket, 'close')
    assert.match((await station.failures.take()).error.message, /idle/)
  })

  it('makes connections too, and sends what waited for them', async () => {
    const { station, listener } = await listen()
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'sip' })
    closing.push(() => server.close())
    await once(server, 'listening')
    const accepted = once(server, 'connection')
    const address = server.address()
    assert(address && typeof address === 'object')
    const flow = station.transports.flowTo({ transport: 'ws', address: '127.0.0.1', port: address.port })!
    flow.send(options(via))
    const [websocket] = (await accepted) as [WebSocket]
    const browser = new Browser(websocket)
    assert.match(await browser.texts.take(), /^OPTIONS /)
    assert.deepEqual(flow.advertised, { host: '127.0.0.1', port: listener.local.port })
    websocket.close()
    await station.failures.take()
  })

  describe('with TLS', () => {
    needs('openssl')
    let authority: TestAuthority
    before(() => {
      authority = new TestAuthority()
    })
    after(() => (authority as TestAuthority | undefined)?.remove())

    it('takes and makes connections with certificates that are checked', async () => {
      const station = new Station()
      closing.push(() => station.close())
      const certificates = [authority.issue('server', 'DNS:sip.example.test,IP:127.0.0.1')] as const
      const tls = { certificates, authorities: authority.certificate }
      const listener = await station.transports.listen({ transport: 'wss', address: '127.0.0.1', port: 0, tls })
      const browser = await Browser.open(`wss://127.0.0.1:${listener.local.port}/`, 'sip', {
        ca: readFileSync(authority.certificate),
      })
      browser.websocket.send(options(via))
      const { message, flow } = await station.messages.take()
      flow.send(createResponse(message as Request, 200))
      assert.match(await browser.texts.take(), /^SIP\/2\.0 200 OK/)

      // To ourselves: by the right name, then by another.
      const target = { transport: 'wss', address: '127.0.0.1', port: listener.local.port } as const
      const good = station.transports.flowTo({ ...target, serverName: 'sip.example.test' })!
      good.send(options(via))
      await station.messages.take()
      good.send(options(via))
      await station.messages.take()
      const elsewhere = new Station()
      closing.push(() => elsewhere.close())
      await elsewhere.transports.listen({ transport: 'wss', address: '127.0.0.1', port: 0, tls })
      elsewhere.transports.flowTo({ ...target, serverName: 'other.example.test' })!.send(options(via))
      assert.match((await elsewhere.failures.take()).error.message, /does not match certificate/)
      await station.transports.reload()
    })
  })
})

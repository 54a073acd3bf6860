import assert from 'node:assert/strict'
import { once } from 'node:events'
import { DrachtioServer } from '../../../engine/drachtio/index.ts'
import { FakeClock } from '../fake-clock.ts'
import { RawClient } from './raw-client.ts'
import { offer, secret, Stage } from './stage.ts'

describe('an application that connects', () => {
  let stage: Stage

  beforeEach(async () => {
    stage = await Stage.set()
  })

  afterEach(() => stage.clear())

  it('is told the SIP listeners and the version', async () => {
    const srf = stage.connecting()
    const [error, hostPorts, version, local] = (await once(srf, 'connect')) as [unknown, string, string, string]
    assert.equal(error, null)
    assert.equal(hostPorts, `udp/${stage.host}`)
    assert.match(version, /^v\d+\.\d+\.\d+$/)
    assert.equal(local, `udp/${stage.host}`)
  })

  it('is disconnected with a wrong secret', async () => {
    const srf = stage.connecting({ secret: 'guess', reconnect: { maxAttempts: 1 } })
    const [error] = (await once(srf, 'connect')) as [Error]
    assert.match(error.message, /failed to authenticate/)
    const client = await RawClient.connect(stage.adminPort)
    assert.deepEqual(await client.ask('authenticate|guess|'), ['NO', 'incorrect secret'])
    await client.closed()
  })

  it('cannot route before it has authenticated', async () => {
    const client = await RawClient.connect(stage.adminPort)
    assert.deepEqual(await client.ask('route|invite'), ['NO', 'authenticate first'])
    await client.closed()
    assert.equal(stage.server.applications, 0)
  })

  it('authenticates with a secret that has a bar and letters beyond ASCII', async () => {
    const odd = 'a|bär|🔑'
    const other = await Stage.set({ secret: odd })
    const client = await RawClient.connect(other.adminPort)
    assert.equal((await client.ask(`authenticate|${odd}|tag1,tag2`))[0], 'OK')
    client.socket.destroy()
    await other.clear()
  })

  for (const garbage of ['hello', '5#hello', '20#id|nonsense|something', '9999999#', '0#']) {
    it(`is closed on ${JSON.stringify(garbage)}, and other applications are not disturbed`, async () => {
      const good = await RawClient.authenticated(stage.adminPort, secret)
      const bad = await RawClient.authenticated(stage.adminPort, secret)
      bad.socket.write(garbage)
      await bad.closed()
      assert.deepEqual(await good.ask('ping'), ['OK', 'pong'])
      good.socket.destroy()
    })
  }

  it('gets an answer to a frame of 1 MiB that comes in many segments', async () => {
    const client = await RawClient.authenticated(stage.adminPort, secret)
    const peer = await stage.peer({ listen: [{ transport: 'tcp', address: '127.0.0.1', port: 0 }] })
    const body = 'x'.repeat(1024 * 1024 - 500)
    const answer = await client.answer(
      `sip||\r\nMESSAGE ${peer.uri} SIP/2.0\r\nContent-Type: text/plain\r\n\r\n${body}`,
    )
    assert.equal(answer.fields[3], 'NOK')
    assert.equal(answer.fields[4], 'requested protocol/transport not available')
    client.socket.destroy()
  })

  it('gets an answer to ping', async () => {
    const client = await RawClient.authenticated(stage.adminPort, secret)
    assert.deepEqual(await client.ask('ping'), ['OK', 'pong'])
    client.socket.destroy()
  })

  it('that does not authenticate is closed after five seconds; one that guesses secrets gets no answers after a while', async () => {
    const clock = new FakeClock()
    const server = new DrachtioServer({
      admin: [{ address: '127.0.0.1', port: 0 }],
      secret,
      sip: { listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }], clock },
    })
    await server.start()
    const silent = await RawClient.connect(server.adminPorts[0]!)
    for (let i = 0; i < 20; i++) {
      const guesser = await RawClient.connect(server.adminPorts[0]!)
      assert.deepEqual(await guesser.ask(`authenticate|${i}|`), ['NO', 'incorrect secret'])
    }
    const guesser = await RawClient.connect(server.adminPorts[0]!)
    guesser.send('authenticate|again|')
    // A right secret is accepted in spite of wrong ones from the same address.
    await RawClient.authenticated(server.adminPorts[0]!, secret)
    clock.advance(5001)
    await silent.closed()
    await guesser.closed()
    assert.deepEqual(guesser.received, [])
    await server.close()
  })
})

describe('new requests', () => {
  let stage: Stage

  beforeEach(async () => {
    stage = await Stage.set()
  })

  afterEach(() => stage.clear())

  /** Sends OPTIONS and resolves with the index of the application that got it, which answers 200. */
  async function whose(clients: readonly RawClient[]): Promise<number> {
    const peer = await stage.peer()
    peer.agent.request(
      'OPTIONS',
      { uri: `sip:x@${stage.host}` },
      { response: () => undefined, unanswered: () => undefined },
    )
    const { index, message } = await Promise.race(
      clients.map(async (client, i) => ({ index: i, message: await client.sip() })),
    )
    const [id = ''] = message.fields.slice(8)
    await clients[index]!.ask(`sip|${id}|\r\nSIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n`)

    return index
  }

  it('go to the applications that take their method in turn, however often each has sent `route`', async () => {
    const a = await RawClient.authenticated(stage.adminPort, secret)
    const b = await RawClient.authenticated(stage.adminPort, secret)
    for (let i = 0; i < 5; i++) await a.ask('route|options')
    await b.ask('route|OPTIONS')
    const seen = []
    for (let i = 0; i < 4; i++) {
      const peer = await stage.peer()
      const user = { response: () => peer.log.add('answer'), unanswered: () => undefined }
      peer.agent.request('OPTIONS', { uri: `sip:x@${stage.host}` }, user)
      const client = i % 2 === 0 ? a : b
      const { fields } = await client.sip()
      await client.ask(`sip|${fields[8] ?? ''}|\r\nSIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n`)
      await peer.log.next('answer')
      seen.push(client === a ? 'a' : 'b')
    }
    assert.deepEqual(seen, ['a', 'b', 'a', 'b'])
    for (const client of [a, b]) client.socket.destroy()
  })

  it('no longer go to an application after `remove_route`, and its other routes stay', async () => {
    const a = await RawClient.authenticated(stage.adminPort, secret)
    await a.ask('route|options')
    await a.ask('route|message')
    assert.deepEqual(await a.ask('remove_route|message'), ['OK'])
    assert.equal(await whose([a]), 0)
    const peer = await stage.peer()
    const user = {
      response: (response: { status: number }) => peer.log.add('answer', response),
      unanswered: () => undefined,
    }
    peer.agent.request(
      'MESSAGE',
      { uri: `sip:x@${stage.host}`, body: 'hi', headers: [['Content-Type', 'text/plain']] },
      user,
    )
    assert.equal((await peer.log.next<{ status: number }>('answer')).status, 503)
    a.socket.destroy()
  })

  it('have thirteen fields, the last two with the address that took them', async () => {
    const client = await RawClient.authenticated(stage.adminPort, secret)
    await client.ask('route|options')
    const peer = await stage.peer()
    const user = { response: () => peer.log.add('answer'), unanswered: () => undefined }
    peer.agent.request('OPTIONS', { uri: `sip:x@${stage.host}` }, user)
    const { fields, text } = await client.sip()
    const [address, port] = stage.host.split(':')
    assert.equal(fields.length, 13)
    assert.deepEqual(fields.slice(1, 3), ['sip', 'network'])
    assert.equal(fields[3], String(Buffer.byteLength(text, 'latin1')))
    assert.deepEqual(fields.slice(4, 6), ['udp', '127.0.0.1'])
    assert.match(fields[7]!, /^\d\d:\d\d:\d\d\.\d{6}$/)
    assert.deepEqual(fields.slice(9), ['', address, port, ''])
    assert.match(text, /\r\nContent-Length: 0\r\n/)
    await client.ask(`sip|${fields[8] ?? ''}|\r\nSIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n`)
    client.socket.destroy()
  })

  it('get 503 at once when no application takes their method', async () => {
    const peer = await stage.peer()
    peer.agent.invite(
      { uri: `sip:x@${stage.host}`, body: offer },
      {
        provisional: () => undefined,
        accepted: () => undefined,
        refused: (response) => peer.log.add('refused', response),
        unanswered: () => undefined,
        dialog: { request: () => undefined, invite: () => undefined, ended: () => undefined },
      },
    )
    assert.equal((await peer.log.next<{ status: number }>('refused')).status, 503)
  })
})

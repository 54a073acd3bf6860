import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { Outbox, Outboxes } from '../../../engine/drachtio/protocol/frames.ts'
import { UnauthenticatedConnections } from '../../../engine/drachtio/protocol/admin-port.ts'
import { until } from '../../harness/until.ts'
import { FakeClock } from '../fake-clock.ts'
import { TestAuthority } from '../transport/certificates.ts'
import { RawClient } from './raw-client.ts'
import { secret, Stage } from './stage.ts'

const mebibyte = 1024 * 1024

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')

  return socket
}

describe('the port for applications', () => {
  it('takes 64 unauthenticated connections of one address, besides authenticated ones', async () => {
    const clock = new FakeClock()
    const stage = await Stage.set({
      sip: { listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }], clock },
    })
    const good = await RawClient.authenticated(stage.adminPort, secret)
    const silent = await Promise.all(Array.from({ length: 64 }, () => open(stage.adminPort)))
    await until('the application is let in', async () => assert.deepEqual(await good.ask('ping'), ['OK', 'pong']))
    const beyond = await open(stage.adminPort)
    await once(beyond, 'close')
    assert.ok(silent.every(({ closed }) => !closed))
    // The time to authenticate has passed.
    const closed = Promise.all(silent.map((socket) => once(socket, 'close')))
    clock.advance(5_000)
    await closed
    const next = await RawClient.authenticated(stage.adminPort, secret)
    for (const { socket } of [good, next]) socket.destroy()
    await stage.clear()
  })

  it('counts incomplete TLS handshakes, and serves complete ones', async () => {
    const authority = new TestAuthority()
    const { certificate, key } = authority.issue('admin', 'IP:127.0.0.1')
    const tls = { cert: readFileSync(certificate), key: readFileSync(key) }
    const stage = await Stage.set({ admin: [{ address: '127.0.0.1', port: 0, tls }] })
    const silent = await Promise.all(Array.from({ length: 63 }, () => open(stage.adminPort)))
    const ca = readFileSync(authority.certificate)
    const good = connectTls({ host: '127.0.0.1', port: stage.adminPort, ca })
    await once(good, 'secureConnect')
    good.write(`${`1|authenticate|${secret}`.length}#1|authenticate|${secret}`)
    await once(good, 'data')
    assert.equal(stage.server.applications, 1)
    silent.push(await open(stage.adminPort))
    const beyond = await open(stage.adminPort)
    await once(beyond, 'close')
    for (const socket of [...silent, good]) socket.destroy()
    await stage.clear()
    authority.remove()
  })

  it('keeps half of its connections for applications', () => {
    const unauthenticated = new UnauthenticatedConnections()
    const peers = Array.from({ length: 501 }, (_, i) => ({
      address: `10.0.${i >> 5}.1`,
      name: `10.0.${i >> 5}.1:${i}`,
    }))
    assert.deepEqual(
      peers.map((peer) => unauthenticated.admit(peer)).filter((admitted) => !admitted),
      [false],
    )
    unauthenticated.release(peers[0]!)
    unauthenticated.release(peers[0]!)
    assert.ok(unauthenticated.admit(peers[500]!))
    assert.ok(!unauthenticated.admit(peers[0]!))
  })
})

describe('applications that do not read', () => {
  const stuck = (): Writable => new Writable({ write: () => undefined, highWaterMark: 1 })

  it('are disconnected with 32 MiB unread', () => {
    let full = 0
    const outbox = new Outbox(stuck(), new Outboxes(), () => (full += 1))
    for (let i = 0; i < 32; i++) {
      outbox.send('x'.repeat(mebibyte - 8))
      outbox.flush()
    }
    assert.equal(full, 0)
    outbox.send('x'.repeat(mebibyte))
    outbox.flush()
    assert.equal(full, 1)
  })

  it('are disconnected, the slowest first, with 128 MiB unread by all', () => {
    const outboxes = new Outboxes()
    const full: number[] = []
    const sizes = [20, 30, 25, 20, 20, 10, 5]
    for (const [i, size] of sizes.entries()) {
      const outbox = new Outbox(stuck(), outboxes, () => full.push(i))
      outbox.send('x'.repeat(size * mebibyte))
      outbox.flush()
    }
    assert.deepEqual(full, [1])
  })

  it('are disconnected while the others are served', async () => {
    const stage = await Stage.set()
    const [slow, quick] = await Promise.all([
      RawClient.authenticated(stage.adminPort, secret),
      RawClient.authenticated(stage.adminPort, secret),
    ])
    slow.socket.pause()
    // The server may reset the connection while a write is under way, which is an error of the socket.
    slow.socket.on('error', () => undefined)
    const happens = (event: 'close' | 'drain') => new Promise((resolve) => slow.socket.once(event, resolve))
    const closed = happens('close')
    const ping = `${'5|ping'.length}#5|ping`.repeat(20_000)
    while (stage.server.applications === 2) {
      if (!slow.socket.write(ping)) await Promise.race([happens('drain'), closed])
      assert.deepEqual(await quick.ask('ping'), ['OK', 'pong'])
    }
    assert.equal(stage.server.applications, 1)
    quick.socket.destroy()
    slow.socket.destroy()
    await stage.clear()
  })
})

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { TimerWheel } from '../../../../engine/index.ts'
import type { MediaResult } from '../../../../server/media/media-port.ts'
import { Rtpengines } from '../../../../server/media/rtpengine/pool.ts'
import { needs } from '../../../harness/needs.ts'
import { freePort } from '../../../harness/ports.ts'
import { Rtpengine } from '../../../harness/rtpengine.ts'
import { until } from '../../../harness/until.ts'

const sdp = (port: number, protocol = 'RTP/AVP', codecs = '0 101'): string =>
  [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
    ...[`m=audio ${port} ${protocol} ${codecs}`, 'a=rtpmap:101 telephone-event/8000', ''],
  ].join('\r\n')

describe('The rtpengines of a Baton', function () {
  this.timeout(30_000)
  needs('rtpengine')
  const clock = new TimerWheel()
  const told: string[] = []
  let [one, two] = [] as unknown as [Rtpengine, Rtpengine]
  let pool: Rtpengines
  let digitsPort = 0
  const open = (fallback: 'direct' | 'refuse' = 'direct') =>
    Rtpengines.open({
      settings: {
        servers: [one, two].map(({ port }) => ({ host: '127.0.0.1', port })),
        timeoutMs: 300,
        fallback,
        digits: { address: '127.0.0.1', port: digitsPort },
      },
      nodeName: 'node',
      clock,
      changed: ({ name, isUp }) => told.push(`${name} ${isUp}`),
    })

  beforeEach(async function () {
    this.timeout(60_000)
    told.length = 0
    digitsPort = await freePort()
    ;[one, two] = await Promise.all([Rtpengine.start(digitsPort), Rtpengine.start(digitsPort)])
    pool = await open()
    await until('both are up', () => pool.problem === undefined)
  })
  afterEach(async () => {
    await pool.close()
    await Promise.all([one.kill(), two.kill()])
  })
  after(() => {
    clock.clear()
  })

  it('have new sessions on the least loaded one, and none after their end', async () => {
    const sessions = ['a', 'b', 'c', 'd'].map((name) => pool.open(name)!)
    assert.deepEqual(
      pool.servers.map(({ sessions: count, isUp }) => [count, isUp]),
      [
        [2, true],
        [2, true],
      ],
    )
    for (const session of sessions) {
      const value = valueOf(await session.offer('caller', sdp(40_000), { encryption: 'srtp' }))
      assert.match(value, /^m=audio \d+ RTP\/SAVP 0 101\r$/m)
      assert.deepEqual(
        Array.from(value.matchAll(/^a=crypto:\d+ (\S+)/gm), ([, suite]) => suite),
        ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
      )
      assert.doesNotMatch(value, /fingerprint/)
    }
    assert.deepEqual([(await one.sessions()).length, (await two.sessions()).length], [2, 2])
    for (const session of sessions) assert.equal((await session.close()).problem, undefined)
    assert.deepEqual([await one.sessions(), await two.sessions()], [[], []])
    assert.deepEqual(
      pool.servers.map(({ sessions: count }) => count),
      [0, 0],
    )
    assert.deepEqual([pool.counts.get('offer ok'), pool.counts.get('delete ok')], [4, 4])
  })

  it('tell the statistics of each side, play to one side, and hear its digits', async () => {
    const party = createSocket('udp4')
    party.bind(0, '127.0.0.1')
    await once(party, 'listening')
    const session = pool.open('x')!
    const offered = valueOf(await session.offer('caller', sdp(40_000)))
    const forCaller = valueOf(await session.answer('party', sdp(party.address().port)))
    const heard = once(party, 'message')
    const tone = Buffer.concat([wavHeader(8000), Buffer.alloc(16_000, 9)])
    assert.deepEqual(await session.play('party', { bytes: tone }), { value: 1000 })
    const [packet] = (await heard) as [Buffer]
    assert.equal(packet[1]! & 0x7f, 0)
    assert.deepEqual(await session.stopMedia('party'), { value: undefined })
    const pressed = new Promise((resolve) => {
      session.onDigit = (...what) => {
        resolve(what)
      }
    })
    const port = Number(/^m=audio (\d+)/m.exec(offered)?.[1])
    for (let at = 0; at < 3; at++) party.send(digit5(at), port, '127.0.0.1')
    assert.deepEqual(await pressed, ['party', '5'])
    const statistics = await until('the three packets are counted', async () => {
      const now = valueOf(await session.query())

      return now.party?.packets === 3 && now
    })
    assert.equal(statistics.party?.encryption, 'none')
    assert.equal(statistics.caller?.packets, 0)
    assert.match(forCaller, /^m=audio \d+ RTP\/AVP 0 101\r$/m)
    party.close()
    const big = await session.play('party', { bytes: Buffer.alloc(70_000) })
    assert.match(big.problem ?? '', /70000 bytes/)
    assert.equal(valueOf(await session.close()).party?.packets, 3)
  })

  it('leave out one that is dead at once, whose sessions are lost, and ask it again', async () => {
    const session = pool.open('a')!
    assert.equal(session.server, one.address)
    await session.offer('caller', sdp(40_000))
    const lost = new Promise((resolve) => (session.onLost = resolve))
    await one.kill()
    assert.match((await session.query()).problem ?? '', /rtpengine 127\.0\.0\.1:\d+: .*ECONNREFUSED/)
    assert.match(String(await lost), /ECONNREFUSED/)
    assert.equal(pool.open('b')?.server, two.address)
    assert.match(pool.problem ?? '', new RegExp(one.address))
    await one.run()
    await until('the server is up again', () => pool.problem === undefined)
    assert.deepEqual(told.slice(-2), [`${one.address} false`, `${one.address} true`])
    await session.close()
  })

  it('wait for one that hangs no longer than the time-out, and delete its sessions when it goes on', async () => {
    const session = pool.open('a')!
    await session.offer('caller', sdp(40_000))
    await one.hang()
    const before = performance.now()
    assert.match((await session.query()).problem ?? '', /no answer within 300 ms/)
    assert.ok(performance.now() - before < 2000)
    assert.equal(pool.open('b')?.server, two.address)
    await session.close()
    one.goOn()
    await until('the leftover is deleted', async () => (await one.sessions()).length === 0)
  })

  it('tell a session that a server has lost by a restart', async () => {
    const session = pool.open('a')!
    await session.offer('caller', sdp(40_000))
    await one.ask({ command: 'delete', 'call-id': (await one.sessions())[0] })
    const lost = new Promise((resolve) => (session.onLost = resolve))
    assert.match((await session.query()).problem ?? '', /Unknown call-id/)
    assert.equal(await lost, `${one.address} has lost the session`)
  })

  it('are none while all are down', async () => {
    await Promise.all([one.kill(), two.kill()])
    await Promise.all(pool.servers.map((server) => server.command('ping', { command: 'ping' })))
    assert.equal(pool.open('a'), undefined)
  })

  it('delete what a Baton of the same name has left behind, and nothing of others', async () => {
    for (const callId of ['baton-node-abc-1-x', 'baton-other-abc-1-x']) {
      await one.ask({ command: 'offer', 'call-id': callId, 'from-tag': 'caller', sdp: sdp(40_000) })
    }
    await pool.close()
    pool = await open()
    await until('the leftovers are deleted', async () => (await one.sessions()).length === 1)
    assert.deepEqual(await one.sessions(), ['baton-other-abc-1-x'])
  })
})

function valueOf<T>(result: MediaResult<T>): T {
  if (result.problem !== undefined) throw new Error(result.problem)

  return result.value
}

function wavHeader(samples: number): Buffer {
  const header = Buffer.from('RIFF....WAVEfmt ....................data....', 'latin1')
  header.writeUInt32LE(36 + samples * 2, 4)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(8000, 24)
  header.writeUInt32LE(16_000, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.writeUInt32LE(samples * 2, 40)

  return header
}

/** RFC 4733 2.3: the event 5 with the end bit. rtpengine takes an event at the timestamp 0 for one that it had. */
function digit5(at: number): Buffer {
  return Buffer.from([0x80, 101, 0, at, 0, 0, 9, 0, 0, 0, 0, 77, 5, 0x8a, 3, 0xc0])
}

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, it } from 'mocha'
import type { Target } from '../../../engine/flow/index.ts'
import { parseSipUri } from '../../../engine/message/index.ts'
import {
  type Dns,
  type DnsAnswer,
  type DnsRecords,
  type DnsRecordType,
  FailedTargets,
  type Reach,
  Resolver,
  SystemDns,
} from '../../../engine/next-hop/index.ts'
import { FakeClock } from '../fake-clock.ts'

type Zone = Readonly<Record<string, readonly unknown[] | 'fails' | 'never'>>

/** A name server with a zone of the test's own; `NAPTR example.com` and the like are its keys. */
class TestDns implements Dns {
  readonly asked: string[] = []
  zone: Zone
  ttl = 300

  constructor(zone: Zone) {
    this.zone = zone
  }

  async query<T extends DnsRecordType>(type: T, name: string): Promise<DnsAnswer<DnsRecords[T]>> {
    this.asked.push(`${type} ${name}`)
    const records = this.zone[`${type} ${name}`] ?? []
    if (records === 'never') return new Promise(() => undefined)
    await Promise.resolve()
    if (records === 'fails') throw new Error('SERVFAIL')

    return { records: records as readonly DnsRecords[T][], ttl: this.ttl }
  }
}

const everything: Reach = (['udp', 'tcp', 'tls'] as const).map((transport) => ({ transport, family: 4 as const }))
const naptr = (order: number, service: string, replacement: string) => ({
  order,
  preference: 0,
  flags: 's',
  service,
  replacement,
})
const srv = (priority: number, weight: number, name: string, port: number) => ({ priority, weight, name, port })
const show = ({ transport, address, port }: Target) => `${transport}:${address}:${port}`

function resolverOn(
  zone: Zone,
  { reach = everything, ...options }: { reach?: Reach; random?: () => number; timeout?: number } = {},
) {
  const clock = new FakeClock()
  const dns = new TestDns(zone)
  const resolver = new Resolver({ clock, dns, reach: () => reach, random: () => 0.5, ...options })
  const resolve = async (uri: string) => (await resolver.resolve(parseSipUri(uri)!)).map(show)

  return { clock, dns, resolver, resolve }
}

describe('the way from a URI to its targets (RFC 3263)', () => {
  for (const [uri, expected] of [
    ['sip:192.0.2.1', 'udp:192.0.2.1:5060'],
    ['sip:192.0.2.1:5070', 'udp:192.0.2.1:5070'],
    ['sip:192.0.2.1;transport=TCP', 'tcp:192.0.2.1:5060'],
    ['sips:192.0.2.1', 'tls:192.0.2.1:5061'],
    ['sips:192.0.2.1;transport=tcp', 'tls:192.0.2.1:5061'],
    ['sip:[2001:db8::1]:5062', 'udp:2001:db8::1:5062'],
    ['sip:example.com;maddr=192.0.2.9', 'udp:192.0.2.9:5060'],
    ['sip:a@localhost:5090', 'udp:127.0.0.1:5090'],
    ['sip:192.0.2.1;transport=ws', 'ws:192.0.2.1:80'],
  ] as const) {
    it(`${uri} is ${expected}, at once`, () => {
      const { resolver, dns } = resolverOn({})
      const targets = resolver.resolve(parseSipUri(uri)!)
      assert(Array.isArray(targets))
      assert.deepEqual((targets as readonly Target[]).map(show), [expected])
      assert.deepEqual(dns.asked, [])
    })
  }

  it('goes by NAPTR, SRV and address records, in their order', async () => {
    const { resolve } = resolverOn({
      'NAPTR example.com': [
        naptr(90, 'SIP+D2U', '_sip._udp.example.com'),
        naptr(50, 'SIPS+D2T', '_sips._tcp.example.com'),
        naptr(10, 'SIP+D2S', '_sip._sctp.example.com'),
      ],
      'SRV _sips._tcp.example.com': [srv(1, 0, 's2.example.com', 5071), srv(0, 0, 's1.example.com', 5061)],
      'SRV _sip._udp.example.com': [srv(0, 0, 's1.example.com', 5060)],
      'A s1.example.com': ['192.0.2.1', '192.0.2.2'],
      'A s2.example.com': ['192.0.2.3'],
    })
    assert.deepEqual(await resolve('sip:bob@example.com'), [
      'tls:192.0.2.1:5061',
      'tls:192.0.2.2:5061',
      'tls:192.0.2.3:5071',
      'udp:192.0.2.1:5060',
      'udp:192.0.2.2:5060',
    ])
    assert.deepEqual(await resolve('sips:bob@example.com'), [
      'tls:192.0.2.1:5061',
      'tls:192.0.2.2:5061',
      'tls:192.0.2.3:5071',
    ])
  })

  it('goes by the SRV records of our transports when there is no NAPTR', async () => {
    const { resolve } = resolverOn({
      'SRV _sip._tcp.example.com': [srv(0, 0, 's1.example.com', 5080)],
      'A s1.example.com': ['192.0.2.1'],
    })
    assert.deepEqual(await resolve('sip:example.com'), ['tcp:192.0.2.1:5080'])
  })

  it('goes by the addresses of the host when there is no SRV, or a port is written', async () => {
    const { resolve, dns } = resolverOn({ 'A example.com': ['192.0.2.1'] })
    assert.deepEqual(await resolve('sip:example.com'), ['udp:192.0.2.1:5060'])
    assert.deepEqual(await resolve('sips:example.com'), ['tls:192.0.2.1:5061'])
    assert.deepEqual(await resolve('sip:example.com;transport=tcp'), ['tcp:192.0.2.1:5060'])
    dns.asked.length = 0
    assert.deepEqual(await resolve('sip:example.com:5099'), ['udp:192.0.2.1:5099'])
    assert.deepEqual(dns.asked, [])
  })

  it('takes IPv6 and IPv4 as we listen on them', async () => {
    const reach: Reach = [
      { transport: 'udp', family: 6 },
      { transport: 'udp', family: 4 },
    ]
    const { resolve } = resolverOn({ 'A example.com': ['192.0.2.1'], 'AAAA example.com': ['2001:db8::1'] }, { reach })
    assert.deepEqual(await resolve('sip:example.com'), ['udp:2001:db8::1:5060', 'udp:192.0.2.1:5060'])
  })

  it('keeps the name for the certificate to be checked against', async () => {
    const { resolver } = resolverOn({
      'SRV _sips._tcp.example.com': [srv(0, 0, 's1.provider.example', 5061)],
      'A s1.provider.example': ['192.0.2.1'],
    })
    const [target] = await resolver.resolve(parseSipUri('sips:example.com')!)
    assert.equal(target?.serverName, 'example.com')
  })

  it('has no targets where the records say that there is no service, or nothing is known', async () => {
    const { resolve } = resolverOn({ 'SRV _sip._udp.example.com': [srv(0, 0, '.', 0)] })
    assert.deepEqual(await resolve('sip:example.com;transport=udp'), [])
    assert.deepEqual(await resolve('sip:nowhere.example.com'), [])
    assert.deepEqual(await resolve('sip:example.com;transport=sctp'), [])
  })

  it('spreads the load by weight', async () => {
    const records = {
      'SRV _sip._udp.example.com': [srv(0, 10, 'small.example.com', 1), srv(0, 90, 'large.example.com', 2)],
    }
    const hosts = { 'A small.example.com': ['192.0.2.1'], 'A large.example.com': ['192.0.2.2'] }
    let seed = 0
    const { resolve } = resolverOn({ ...records, ...hosts }, { random: () => (seed = (seed + 0.618034) % 1) })
    let small = 0
    for (let i = 0; i < 500; i++) {
      const [first] = await resolve('sip:example.com;transport=udp')
      if (first === 'udp:192.0.2.1:1') small++
    }
    assert(small > 30 && small < 70, `${small} of 500`)
  })

  it('asks once for what many wait for, and again when its time is over', async () => {
    const { resolver, resolve, dns, clock } = resolverOn({ 'A example.com': ['192.0.2.1'] })
    await Promise.all([resolve('sip:example.com:1'), resolve('sip:example.com:2'), resolve('sip:EXAMPLE.com:3')])
    assert.deepEqual(dns.asked, ['A example.com'])
    clock.advance(299_000)
    assert(Array.isArray(resolver.resolve(parseSipUri('sip:example.com:4')!)))
    clock.advance(2_000)
    dns.zone = { 'A example.com': ['192.0.2.2'] }
    assert.deepEqual(await resolve('sip:example.com:5'), ['udp:192.0.2.2:5'])
  })

  it('goes on with what it knew when no server answers', async () => {
    const { resolve, dns, clock } = resolverOn({ 'A example.com': ['192.0.2.1'], 'A other.example.com': 'fails' })
    await resolve('sip:example.com:1')
    clock.advance(301_000)
    dns.zone = { 'A example.com': 'fails' }
    assert.deepEqual(await resolve('sip:example.com:1'), ['udp:192.0.2.1:1'])
    assert.deepEqual(await resolve('sip:other.example.com:1'), [])
  })

  it('waits no longer than it may, and leaves no timer', async () => {
    const { resolve, clock } = resolverOn({ 'A example.com': 'never' }, { timeout: 3000 })
    const targets = resolve('sip:example.com:1')
    clock.advance(3000)
    assert.deepEqual(await targets, [])
    assert.equal(clock.size, 0)
  })
})

describe('targets that have failed', () => {
  it('are tried last, for a while, or until they answer', () => {
    const clock = new FakeClock()
    const failed = new FailedTargets(clock)
    const [first, second] = ['192.0.2.1', '192.0.2.2'].map(
      (address) => ({ transport: 'udp', address, port: 1 }) as const,
    )
    const targets = [first!, second!]
    assert.equal(failed.last(targets), targets)
    failed.failed(first!)
    assert.deepEqual(failed.last(targets), [second, first])
    clock.advance(30_001)
    assert.deepEqual(failed.last(targets), targets)
    failed.failed(first!)
    assert.equal(failed.hasAny, true)
    failed.answered(first!)
    assert.deepEqual([failed.last(targets), failed.hasAny], [targets, false])
  })
})

describe('the DNS client', () => {
  it('asks a name server, and tells a negative answer from no answer', async () => {
    const server = createSocket('udp4')
    server.on('message', (query, { port }) => {
      const type = query.readUInt16BE(query.length - 4 - (query.readUInt16BE(10) > 0 ? 11 : 0))
      server.send(answerTo(query, type), port, '127.0.0.1')
    })
    server.bind(0, '127.0.0.1')
    await once(server, 'listening')
    const dns = new SystemDns({ servers: [`127.0.0.1:${server.address().port}`], timeout: 300 })
    assert.deepEqual(await dns.query('A', 'host.example.test'), { records: ['192.0.2.7'], ttl: 77 })
    assert.deepEqual((await dns.query('SRV', '_sip._udp.example.test')).records, [])
    server.close()
    await once(server, 'close')
    await assert.rejects(dns.query('SRV', '_sip._tcp.example.test'))
  })
})

/** A record for A questions, "no such record" for all others. */
function answerTo(query: Buffer, type: number): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5)
  const isAddress = type === 1
  const header = Buffer.from([query[0]!, query[1]!, 0x81, 0x80, 0, 1, 0, isAddress ? 1 : 0, 0, 0, 0, 0])
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 77, 0, 4, 192, 0, 2, 7])

  return Buffer.concat(isAddress ? [header, question, record] : [header, question])
}

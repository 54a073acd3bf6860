import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { on, once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { type InitialInvite, parseMessage, UserAgent } from '../../../engine/index.ts'
import { OverloadBrake, RefusedInvites, shed as shedWith } from '../../../engine/overload/index.ts'
import { cpuTime } from '../cpu-time.ts'
import { FakeClock } from '../fake-clock.ts'
import { until } from '../../harness/until.ts'

const lines = (firstLine: string, more: readonly string[] = [], to = '<sip:b@h>') => [
  firstLine,
  'Via: SIP/2.0/UDP 192.0.2.9:5070;rport;branch=z9hG4bK-one, SIP/2.0/TCP far.example;branch=z9hG4bK-two',
  'v: SIP/2.0/UDP last.example;branch=z9hG4bK-three',
  'f:  "A, \\"quoted\\" name" <sip:a@h>;tag=1',
  `To: ${to}`,
  'i: call-1',
  'CSeq: 7 INVITE',
  ...more,
]
const message = (all: readonly string[], body = '') => `${all.join('\r\n')}\r\n\r\n${body}`
const plain = message(lines('INVITE sip:b@h SIP/2.0', ['Content-Length: 4']), 'v=0\n')

const full = () => {
  const brake = new OverloadBrake({ rate: 0, lag: 0, calls: 1, emergencyNumbers: ['112'], clock: new FakeClock() })
  brake.calls = () => 1

  return brake
}
const unknown = () => false
const shed = (data: Buffer | string, brake: OverloadBrake, isKnown: Parameters<typeof shedWith>[3]) =>
  shedWith(data, brake, new RefusedInvites(new FakeClock(), 32_000), isKnown)

describe('shedding', () => {
  it('refuses a new INVITE with all that a response must have', () => {
    const { invite, answer } = shed(Buffer.from(plain), full(), unknown)!
    assert.deepEqual([invite.callId, invite.method, invite.toString()], ['call-1', 'INVITE', plain])
    const response = parseMessage(answer().toString())
    assert.ok(response.kind === 'response')
    assert.equal(response.status, 503)
    assert.deepEqual(
      response.list('Via').map((via) => /branch=z9hG4bK-(\w+)/.exec(via)?.[1]),
      ['one', 'two', 'three'],
    )
    assert.equal(response.header('From'), '"A, \\"quoted\\" name" <sip:a@h>;tag=1')
    assert.match(response.header('To') ?? '', /^<sip:b@h>;tag=s-\w+$/)
    assert.deepEqual(
      [response.callId, response.cseq, response.header('Content-Length')],
      ['call-1', { number: 7, method: 'INVITE' }, '0'],
    )
    assert.match(response.header('Retry-After') ?? '', /^\d+$/)
  })

  it('gives each repetition the same tag (RFC 3261 8.2.7)', () => {
    const tags = [1, 2].map(() => shed(plain, full(), unknown)?.answer().toTag)
    assert.ok(tags[0] !== undefined && tags[0] === tags[1])
  })

  it('refuses the repetition of what was refused for as long as a caller repeats, though there is room again', () => {
    const clock = new FakeClock()
    const refused = new RefusedInvites(clock, 32_000)
    const brake = new OverloadBrake({ rate: 0, lag: 0, calls: 1, emergencyNumbers: [], clock })
    let calls = 1
    brake.calls = () => calls
    const first = shedWith(plain, brake, refused, unknown)?.answer()
    calls = 0
    clock.advance(31_000)
    const again = shedWith(plain, brake, refused, unknown)?.answer()
    assert.deepEqual([again?.status, again?.toTag], [503, first?.toTag])
    assert.match(again?.header('Retry-After') ?? '', /^\d+$/)
    assert.deepEqual([...brake.counts], [['calls', 1]], 'a repetition is no other call')
    for (const other of [plain.replace('z9hG4bK-one', 'z9hG4bK-new'), plain.replace('CSeq: 7', 'CSeq: 8')]) {
      assert.equal(shedWith(other, brake, refused, unknown), undefined)
    }
    clock.advance(1_000)
    assert.equal(shedWith(plain, brake, refused, unknown), undefined)
    assert.ok(refused.isEmpty)
    brake.close()
  })

  it('remembers so many refused INVITEs and not more', () => {
    const refused = new RefusedInvites(new FakeClock(), 32_000)
    const brake = full()
    const numbered = (n: number) => plain.replace('i: call-1', `i: call-${n}`)
    for (let n = 0; n < 50_010; n++) shedWith(numbered(n), brake, refused, unknown)?.answer()
    const first = shedWith(numbered(0), brake, refused, unknown)!
    const last = shedWith(numbered(50_009), brake, refused, unknown)!
    assert.deepEqual([refused.has(first.invite), refused.has(last.invite)], [false, true])
    brake.close()
  })

  it('lets on what is in a dialog, what repeats a known INVITE, what is for help and what is no INVITE', () => {
    const passes = {
      'a re-INVITE': message(lines('INVITE sip:b@h SIP/2.0', [], '<sip:b@h>;TAG=2')),
      'a call to a number for help': message(lines('INVITE sip:112@h SIP/2.0')),
      'a call to urn:service:sos': message(lines('INVITE urn:service:sos.police SIP/2.0')),
      'a call with priority': message(lines('INVITE sip:b@h SIP/2.0', ['resource-priority : esnet.1'])),
      'a CANCEL': message(lines('CANCEL sip:b@h SIP/2.0')),
      'an ACK': message(lines('ACK sip:b@h SIP/2.0')),
      'another method': message(lines('INVITED sip:b@h SIP/2.0')),
      'a method that is none': message(lines('INVJTE sip:b@h SIP/2.0')),
      'what has no To': plain.replace('To:', 'Tu:'),
      'what has no end': plain.slice(0, 200),
      'what holds a line end of its own': plain.replace('i: call-1', 'i: call\n-1'),
    }
    for (const [what, text] of Object.entries(passes)) {
      assert.equal(shed(Buffer.from(text), full(), unknown), undefined, what)
    }
    assert.equal(
      shed(plain, full(), ({ via }) => via?.branch === 'z9hG4bK-one'),
      undefined,
    )
    assert.ok(shed(plain.replace('i: call-1', 'i:\r\n call-1'), full(), unknown), 'a folded line is a line')
  })

  it('throws at nothing, and never refuses what the engine would take for something else than a new INVITE', () => {
    const garbled = fc
      .tuple(fc.nat(plain.length), fc.string({ unit: 'binary', maxLength: 12 }), fc.nat(30))
      .map(([at, text, length]) => plain.slice(0, at) + text + plain.slice(at + length))
    fc.assert(
      fc.property(
        fc.oneof(
          garbled,
          fc.string({ unit: 'binary' }).map((text) => `INVITE ${text}`),
        ),
        (text) => {
          const found = shed(Buffer.from(text, 'latin1'), full(), unknown)
          if (!found) return
          const parsed = parseMessage(Buffer.from(text, 'latin1'))
          if (parsed.kind !== 'bad') {
            assert.deepEqual([parsed.kind === 'request' && parsed.method, parsed.toTag], ['INVITE', undefined])
          }
          assert.equal(parseMessage(found.answer().toString()).kind, 'response')
        },
      ),
      { numRuns: 200 },
    )
  })

  it('reads 64 KB of anything in no time', () => {
    for (const piece of ['"', ' ', ';', ',', ':', '\r\n', '\r\n ', 'a:\r\n', '<', '\\']) {
      const text = `INVITE sip:b@h SIP/2.0\r\nTo: ${piece.repeat(65_000 / piece.length)}`
      const best = Math.min(...[1, 2, 3].map(() => cpuTime(() => shed(text, full(), unknown))))
      assert.ok(best < 50, `${JSON.stringify(piece)}: ${best} ms`)
    }
  })
})

describe('a user agent without room', () => {
  let agent: UserAgent
  let brake: OverloadBrake
  let taken: InitialInvite[]
  const clock = new FakeClock()

  beforeEach(async () => {
    brake = new OverloadBrake({ rate: 1, lag: 0, calls: 0, emergencyNumbers: [], clock })
    const address = '127.0.0.1'
    agent = new UserAgent({
      listen: [
        { transport: 'udp', address, port: 0 },
        { transport: 'tcp', address, port: 0 },
      ],
      brake,
    })
    taken = []
    await agent.start({ invite: (invite) => taken.push(invite), request: (request) => request.respond(200) })
  })

  afterEach(async () => {
    brake.close()
    await agent.close()
  })

  const invite = (callId: string, transport = 'UDP') =>
    message([
      'INVITE sip:b@127.0.0.1 SIP/2.0',
      `Via: SIP/2.0/${transport} 192.0.2.1:9;rport;branch=z9hG4bK${callId}`,
      'From: <sip:a@h>;tag=1',
      'To: <sip:b@h>',
      `Call-ID: ${callId}`,
      'CSeq: 1 INVITE',
      'Contact: <sip:a@192.0.2.1:9>',
      'Max-Forwards: 70',
      'Content-Length: 0',
    ])

  it('answers 503 where it came from, serves what it has taken, and counts both', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = agent.listeners.find(({ transport }) => transport === 'udp')!.local
    const seen: string[] = []
    agent.tap = ({ direction, text }) => seen.push(`${direction} ${text.slice(0, 11)}`)
    for (const text of [invite('a'), invite('b'), invite('a')]) socket.send(text, port, '127.0.0.1')
    const signal = AbortSignal.timeout(15_000)
    for await (const [data] of on(socket, 'message', { signal }) as AsyncIterable<[Buffer]>) {
      const response = parseMessage(data)
      assert.ok(response.kind === 'response')
      if (response.status === 100) continue
      assert.deepEqual([response.status, response.callId], [503, 'b'])
      assert.equal(response.via?.params.get('received'), '127.0.0.1')
      break
    }
    socket.close()
    await until('the repetition is in', () => agent.stats.requestsAbsorbed >= 1)
    assert.deepEqual(
      taken.map(({ request }) => request.callId),
      ['a'],
    )
    assert.deepEqual([...brake.counts], [['rate', 1]])
    assert.equal(agent.stats.transport.requestsIn.get('INVITE'), 3)
    assert.equal(agent.stats.transport.responsesOut.get('INVITE 503'), 1)
    assert.equal(agent.state().serverTransactions, 1)
    assert.deepEqual(seen.filter((line) => !line.includes('100')).sort(), [
      'in INVITE sip:',
      'in INVITE sip:',
      'in INVITE sip:',
      'out SIP/2.0 503',
    ])
  })

  it('answers 503 on a connection, too', async () => {
    const { port } = agent.listeners.find(({ transport }) => transport === 'tcp')!.local
    const socket = connect(port, '127.0.0.1')
    socket.write(invite('a', 'TCP') + invite('b', 'TCP'))
    let text = ''
    for await (const chunk of socket) {
      text += String(chunk)
      if (/503[^]*Call-ID: b[^]*\r\n\r\n/.test(text)) break
    }
    assert.equal(taken.length, 1)
  })
})

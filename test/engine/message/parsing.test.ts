import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import {
  createRequest,
  createResponse,
  defaultLimits,
  formatNameAddr,
  headerName,
  type Message,
  Params,
  parseMessage,
  parseNameAddr,
  parseUri,
  parseVia,
  problemOf,
  quote,
  Request,
  splitList,
  statusOf,
  unquote,
  validate,
} from '../../../engine/message/index.ts'
import { cpuTime } from '../cpu-time.ts'
import { invalidMessages } from './torture/rfc4475-invalid.ts'
import { upperLayerMessages } from './torture/rfc4475-upper-layers.ts'
import { validMessages } from './torture/rfc4475-valid.ts'

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
const bytes = fc.string({ unit: byte })
// Header values that we write hold no control character but a tab, and do not begin or end with blanks.
const value = bytes.map((text) => text.replace(/[\0-\x08\n-\x1f\x7f]/g, '').replace(/^[ \t]+|[ \t]+$/g, ''))
const name = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ-019.!_')), minLength: 1 })
const seeds = [...validMessages, ...invalidMessages, ...upperLayerMessages].map(({ text }) => text)

describe('parsing', () => {
  it('gives back what was built, header by header', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), bytes, (headers, body) => {
        const request = createRequest({
          method: 'INFO',
          uri: 'sip:a@b',
          via: 'SIP/2.0/UDP h;branch=z9hG4bK1',
          from: '<sip:f@h>;tag=f',
          to: '<sip:t@h>',
          callId: 'c',
          cseq: 7,
          headers: headers.filter(([each]) => headerName(each).key !== 'content-length'),
          body,
        })
        const parsed = parseMessage(request.toString())
        assert.deepEqual(
          [...parsed.entries()].filter(([each]) => each !== 'Content-Length'),
          [...request.entries()],
        )
        assert.equal(parsed.body, body)
        assert.equal(parsed.toString(), request.toString())
      }),
    )
  })

  it('reaches a fixed point: parse, serialise and parse again say the same, whatever was changed on the wire', () => {
    const edit = fc.record({
      at: fc.nat(3000),
      cut: fc.nat(40),
      insert: fc.oneof(bytes, fc.constantFrom('\r\n', '\r\n ', '"', '<', ':', ',', ';')),
    })
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 4 }), (seed, edits) => {
        let text = seed
        for (const { at, cut, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + cut)
        const message = parseMessage(text)
        look(
          message.via,
          message.from,
          message.to,
          message.contact,
          message.cseq,
          message.maxForwards,
          message.list('Route'),
        )
        if (message.kind === 'bad') return
        if (message.kind === 'request') validate(message)
        problemOf(message)
        assert(text.startsWith(message.toString()))
        message.add('X-Changed', 'yes')
        const again = parseMessage(message.toString())
        assert.equal(again.kind, message.kind)
        const entries = (of: Message) => [...of.entries()].filter(([each]) => each !== 'Content-Length')
        assert.deepEqual(entries(again), entries(message))
        assert.equal(again.body, message.body)
      }),
      { numRuns: 500 },
    )
  })

  it('takes a message apart the same whether it is a string or bytes', () => {
    for (const text of seeds) {
      assert.deepEqual([...parseMessage(Buffer.from(text, 'latin1')).entries()], [...parseMessage(text).entries()])
    }
  })

  for (const [what, text] of [
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['spaces', ' '],
    ['semicolons', ';'],
    ['commas', ','],
    ['angle brackets', '<'],
    ['colons', ':'],
    ['percent signs', '%'],
    ['escapes', '%41'],
    ['ats', '@'],
    ['parameters', ';a=b'],
    ['quoted commas', '","'],
    ['slashes', '/'],
    ['folds', '\r\n '],
    ['folds after spaces', '       \r\n '],
    ['carriage returns', '\r'],
    ['line feeds', '\n'],
    ['short header lines', '\r\na:b'],
    ['lines without a colon', '\r\nab'],
  ] as const) {
    it(`takes time that grows no faster than the message: 64 KB of ${what}`, () => {
      const wholes = readings(text.repeat(Math.floor(60_000 / text.length)))
      for (const [index, quarter] of readings(text.repeat(Math.floor(15_000 / text.length))).entries()) {
        const whole = wholes[index] ?? assert.fail()
        // The best of some: the first are compiled, others meet the garbage collector or share their core. What grows with
        // the square of its message takes seconds, and sixteen times as long as for a quarter of it.
        const best = { quarter: Infinity, whole: Infinity }
        const isLinear = (): boolean => best.whole < 8 * best.quarter + 1
        for (let tries = 0; tries < 3 || (tries < 40 && !isLinear()); tries++) {
          best.quarter = Math.min(best.quarter, cpuTime(quarter))
          best.whole = Math.min(best.whole, cpuTime(whole))
        }
        assert(isLinear(), `${best.whole} ms of CPU, ${best.quarter} ms for a quarter: ${whole.toString()}`)
      }
    })
  }

  it('refuses what is over a limit, by name', () => {
    const head =
      'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n'
    const refused = (text: string, limits: Partial<typeof defaultLimits>) => {
      const message = parseMessage(text, { ...defaultLimits, ...limits })
      assert(message.kind === 'bad')
      assert(message.isAnswerable)
      return [message.status, message.reason]
    }
    assert.deepEqual(refused(`${head}\r\n${'x'.repeat(900)}`, { messageSize: 1000 }), [513, 'larger than 1000 bytes'])
    assert.deepEqual(refused(`${head}X-Long: ${'x'.repeat(900)}\r\n\r\n`, { headerLength: 800 }), [
      513,
      'X-Long is longer than 800 bytes',
    ])
    assert.deepEqual(refused(`${head}${'X: x\r\n'.repeat(10)}\r\n`, { headerCount: 9 }), [513, 'more than 9 headers'])
    assert.deepEqual(refused(`${head}${'v: SIP/2.0/UDP h\r\n'.repeat(3)}\r\n`, { viaCount: 3 }), [
      400,
      'more than 3 Via',
    ])
  })

  it('passes over a line with a CR or LF alone, which others would take for a line end: no header comes out of it', () => {
    for (const text of [
      'X: a\nVia: evil',
      'X: a\rVia: evil',
      'X: a\r\rb',
      'X: a\n b',
      'X: a\nb\r\n c: d',
      '\n\nVia: evil',
    ]) {
      const message = parseMessage(`OPTIONS sip:a@b SIP/2.0\r\n${text}\r\nCall-ID: 1\r\n\r\n`)
      assert(message.kind === 'request', text)
      assert.deepEqual(message.entries(), [['Call-ID', '1']])
      assert.deepEqual(message.passedOver, [{ reason: 'line_break', line: `${text}\r` }])
    }
  })

  it('passes over lines that are no headers, wherever they stand, and a Content-Length that counts line ends not sent', () => {
    for (const first of ['OPTIONS sip:a@b SIP/2.0', 'SIP/2.0 200 OK', 'ACK sip:a@b SIP/2.0']) {
      const lines = ['X-Genesys(1): 1', 'no colon', ': no name', 'Call-ID: 1', 'Bad Name: 2', 'l: 7']
      const message = parseMessage(`${first}\r\n${lines.join('\r\n')}\r\n\r\nv=0`)
      assert(message.kind !== 'bad')
      assert.deepEqual(message.entries(), [
        ['Call-ID', '1'],
        ['Content-Length', '7'],
      ])
      assert.equal(message.body, 'v=0')
      assert.equal(message.passedOver.length, 5)
      assert(!message.add('X', '1').toString().includes('Genesys'))
    }
  })

  it('refuses no ACK, BYE or CANCEL, and drops no response, for what is over a limit or for a wrong Content-Length', () => {
    const long = `X-Long: ${'x'.repeat(9000)}\r\n`
    const wrong = ['l: x\r\n', 'l: -1\r\n', 'l: 0\r\nl: 0\r\n']
    for (const first of ['BYE sip:a@b SIP/2.0', 'CANCEL sip:a@b SIP/2.0', 'ACK sip:a@b SIP/2.0', 'SIP/2.0 200 OK']) {
      for (const text of [long, ...wrong, 'a: b\r\n'.repeat(300)]) {
        assert.notEqual(
          parseMessage(`${first}\r\nCall-ID: 1\r\n${text}\r\n`).kind,
          'bad',
          `${first} ${text.slice(0, 9)}`,
        )
        assert.equal(parseMessage(`INVITE sip:a@b SIP/2.0\r\nCall-ID: 1\r\n${text}\r\n`).kind, 'bad')
      }
      // RFC 3261 18.3: a response whose body was cut off is discarded.
      assert.equal(parseMessage(`${first}\r\nl: 99\r\n\r\nv=0`).kind === 'bad', first.startsWith('SIP'))
    }
  })

  it('counts Vias one by one, on however many lines they stand, and limits the start line', () => {
    const vias = (count: number) => `Via: ${Array(count).fill('SIP/2.0/UDP "a,b"<,>').join(',')}\r\n`
    const kind = (text: string) => parseMessage(`OPTIONS sip:a@b SIP/2.0\r\n${text}\r\n`)
    assert.equal(kind(vias(35) + vias(35)).kind, 'request')
    for (const text of [vias(71), vias(35) + vias(36)]) {
      const refused = kind(text)
      assert(refused.kind === 'bad')
      assert.equal(refused.reason, 'more than 70 Via')
    }
    const long = parseMessage(`INVITE sip:${'a'.repeat(8192)}@b SIP/2.0\r\nCall-ID: 1\r\n\r\n`)
    assert(long.kind === 'bad')
    assert.deepEqual([long.status, long.reason], [414, 'the start line is longer than 8192 bytes'])
  })

  it('counts a body in bytes', () => {
    const message = parseMessage(Buffer.from('SIP/2.0 200 OK\r\nl: 5\r\n\r\ncafé', 'utf8'))
    assert(message.kind === 'response')
    assert.equal(Buffer.from(message.body, 'latin1').toString(), 'café')
  })
})

/** Everything that reads text of a peer's. */
function readings(noise: string): (() => unknown)[] {
  const limits = { ...defaultLimits, headerLength: 65_536 }
  const read = (header: string): void => {
    const message = parseMessage(`OPTIONS sip:a@b SIP/2.0\r\n${header}${noise}\r\nl: 0\r\n\r\n`, limits)
    look(message.via, message.from, message.to, message.contact, message.cseq, message.maxForwards)
    problemOf(message)
    if (message.kind === 'request') validate(message)
  }

  return [
    ...['Via: ', 'From: "', 'To: <', 'm: ', 'CSeq: ', 'X: ', ''].map((header) => () => read(header)),
    () => parseUri(`sip:${noise}`),
    () => parseUri(`sip:a@b;${noise}`),
    () => parseUri(`sip:a@b?x=${noise}`),
    () => parseUri(`tel:+1${noise}`),
    () => parseNameAddr(noise),
    () => parseVia(`SIP/2.0/UDP h${noise}`),
    () => splitList(noise),
    () => unquote(`"${noise}"`),
    () => quote(noise),
    () => statusOf(noise),
    () => statusOf(`SIP/2.0 ${noise}`),
  ]
}

describe('the parts of a message', () => {
  it('cannot make headers of their own or steer a terminal, wherever their control characters come from', () => {
    const message = new Request('INFO', 'sip:a@b')
    message.add('X-A', '1\r\nEvil: 1').set('X-B', '2\nEvil: 2').add('X-C', '3\rEvil: 3')
    message.add('X-G', 'a\0b\x01c\x0bd\x1b[31me\x7ff\tZo\xc3\xab')
    message.add('X-D\r\nEvil', '4').set('Evil: 5\r\nX-E', '5').add('X F', '6').add('', '7')
    assert.equal(
      message.toString(),
      'INFO sip:a@b SIP/2.0\r\nX-A: 1 Evil: 1\r\nX-B: 2 Evil: 2\r\nX-C: 3 Evil: 3\r\n' +
        'X-G: a b c d [31me f\tZo\xc3\xab\r\nContent-Length: 0\r\n\r\n',
    )
    const answer = createResponse(message, 486, 'Busy\r\nEvil: 6 \x1b[31m')
    assert.match(answer.toString(), /^SIP\/2\.0 486 Busy Evil: 6 {2}\[31m\r\n/)
    const head = 'Via: SIP/2.0/UDP h\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INFO\r\n'
    const bad = parseMessage(`INFO sip:a@b SIP/2.0\r\n${head}From: x\rEvil: 1\r\n\r\n`)
    assert(bad.kind === 'request')
    assert.equal(validate(bad)?.reason, 'Bad Request (From is missing)')
    assert(!createResponse(bad, 400).toString().includes('Evil'))
    assert.equal(parseMessage(`SIP/2.0 200 OK\nEvil: 1\r\n${head}\r\n`).kind, 'bad')
  })

  it('keep whatever they are given', () => {
    fc.assert(
      fc.property(value, bytes, (displayName, parameter) => {
        const clean = (text: string) => text.replace(/[\r\n]/g, ' ')
        const text = formatNameAddr({ displayName, uri: 'sip:a@b', params: Params.none.with('tag', parameter) })
        const parsed = parseNameAddr(text)
        assert.equal(parsed?.displayName ?? '', clean(displayName))
        assert.equal(parsed?.params.get('tag'), clean(parameter))
      }),
    )
  })

  it('come out of a list between commas that are outside quotes and brackets', () => {
    assert.deepEqual(splitList('<sip:a@b?x=1,2>, "a,\\",b" <sip:c@d>;x="y,z" ,e'), [
      '<sip:a@b?x=1,2>',
      '"a,\\",b" <sip:c@d>;x="y,z"',
      'e',
    ])
    assert.deepEqual(splitList(''), [])
  })

  it('of a sipfrag: its status line (RFC 3420)', () => {
    assert.deepEqual(statusOf('SIP/2.0 180 Ringing\r\n'), { status: 180, reason: 'Ringing' })
    assert.deepEqual(statusOf('SIP/2.0 486\r\nContact: x'), { status: 486, reason: '' })
    for (const text of ['', 'SIP/2.0 99 x', 'INVITE sip:a@b SIP/2.0', '200 OK']) assert.equal(statusOf(text), undefined)
  })

  it('can be changed while the others stay as they came', () => {
    const text =
      'OPTIONS sip:a@b SIP/2.0\r\nv:SIP/2.0/UDP h;rport,SIP/2.0/UDP i\r\nX-A :  1\r\nx-a:2\r\nf: <sip:a@b>\r\nl:0\r\n\r\n'
    const message = parseMessage(text)
    message.replaceVia({ ...message.via!, params: message.via!.params.with('rport', '9') })
    assert.equal(message.via?.params.get('rport'), '9')
    message.set('x-A', ['3', '4']).remove('From')
    assert.equal(
      message.toString(),
      'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;rport=9,SIP/2.0/UDP i\r\nx-A: 3\r\nx-A: 4\r\nContent-Length: 0\r\n\r\n',
    )
    assert.equal(message.from, undefined)
  })
})

// Values are parsed when they are looked at.
function look(...values: unknown[]): void {
  assert(values.length > 0)
}

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { outputName, parseSipText, bracketed, replaceLocalHost } from '../../../engine/drachtio/protocol/sip-text.ts'
import { createServerLog } from '../../../engine/drachtio/server-log.ts'
import { Outbox, Outboxes } from '../../../engine/drachtio/protocol/frames.ts'
import { Writable } from 'node:stream'
import { once } from 'node:events'
import { RawClient } from './raw-client.ts'
import { secret, Stage } from './stage.ts'

describe('an application that sends random frames', () => {
  it('gets one answer for each message, and does not disturb other applications', async () => {
    let defects = 0
    const log = { ...createServerLog('error', () => undefined), error: () => (defects += 1) }
    const stage = await Stage.set({ log })
    const client = await RawClient.authenticated(stage.adminPort, secret)
    const over = client.closed()
    const kind = fc.constantFrom('sip', 'route', 'remove_route', 'ping', 'proxy')
    const word = fc.constantFrom('', '|', 'x', 'a;from-tag=b', '|sip:h', 'invite', 'serial', '2s', 'CANCEL', '\u00e9')
    const start = fc.constantFrom(
      'INVITE sip:x@127.0.0.1:9 SIP/2.0',
      'OPTIONS tel:+1 SIP/2.0',
      'SUBSCRIBE sip:127.0.0.1:9 SIP/2.0',
      'ACK x SIP/2.0',
      'SIP/2.0 200 OK',
      'SIP/2.0 999',
      'hello',
      '',
    )
    const line = fc.constantFrom(
      'From: <sip:a@localhost>;tag=1',
      'To: <',
      'Contact: *',
      'CSeq: x',
      'Call-ID: ',
      'Max-Forwards: -1',
      ': no name',
      'Bad Name: 1',
      'Session-Expires: ;',
      'Require: 100rel',
      '',
    )
    const text = fc.tuple(start, fc.array(line, { maxLength: 5 }), fc.constantFrom('', 'v=0\r\n', '\u0000\ud83d\ude00'))
    await fc.assert(
      fc.asyncProperty(kind, fc.array(word, { maxLength: 9 }), text, async (what, fields, [first, lines, body]) => {
        const message = `${what}|${fields.join('|')}\r\n${[first, ...lines].join('\r\n')}\r\n\r\n${body}`
        const fresh = client.socket.closed ? await RawClient.authenticated(stage.adminPort, secret) : client
        const answered = fresh.ask(message)
        await Promise.race([answered, fresh === client ? over : fresh.closed()])
        if (fresh !== client) fresh.socket.destroy()
      }),
      { numRuns: 300 },
    )
    assert.equal(defects, 0)
    client.socket.destroy()
    await stage.clear()
  })
})

describe('a SIP message of an application', () => {
  it('is read tolerantly: blank lines and headers that the engine writes are left out, the rest is the body', () => {
    const text = parseSipText(
      'INVITE sip:x SIP/2.0\r\nv: mine\r\nRoute: <sip:y>\r\nx-One: 1\r\n\n\rSubject :  two \r\nl: 7\r\n\r\na\r\n\r\nb',
    )
    assert.ok(text?.kind === 'request')
    assert.deepEqual(text.headers, [
      ['x-One', '1'],
      ['Subject', 'two'],
    ])
    assert.equal(text.body, 'a\r\n\r\nb')
  })

  it('has registered header names in canonical form, others with capitals, and X- names unchanged', () => {
    const written = [
      'call-id',
      'CSEQ',
      'm',
      'www-authenticate',
      'some-header',
      'X-mine',
      'x-mine',
      'p-asserted-identity',
    ]
    assert.deepEqual(written.map(outputName), [
      'Call-ID',
      'CSeq',
      'Contact',
      'WWW-Authenticate',
      'Some-Header',
      'X-mine',
      'x-mine',
      'P-Asserted-Identity',
    ])
  })

  it('has the local address for localhost, and for no other host', () => {
    const here = '10.0.0.9:5060'
    for (const [value, becomes] of [
      ['<sip:a@localhost>', '<sip:a@10.0.0.9:5060>'],
      ['sip:localhost:5070;transport=tcp', 'sip:10.0.0.9:5060;transport=tcp'],
      ['"localhost" <sip:a@localhost.example>', '"localhost" <sip:a@localhost.example>'],
    ] as const) {
      assert.equal(replaceLocalHost(value, here), becomes)
    }
    assert.equal(bracketed('sip:a@b;transport=tcp;tag=7'), '<sip:a@b;transport=tcp>;tag=7')
    assert.equal(bracketed('*'), '*')
  })
})

describe('frames to an application', () => {
  it('are written once in a turn of the event loop, in order', async () => {
    const writes: string[] = []
    const stream = new Writable({
      write: (chunk: Buffer, _, done) => {
        writes.push(chunk.toString('latin1'))
        done()
      },
    })
    const outbox = new Outbox(stream, new Outboxes(), () => undefined)
    for (const payload of ['one', 'two', 'three']) outbox.send(payload)
    assert.deepEqual(writes, [])
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(writes, ['3#one3#two5#three'])
    outbox.send('last')
    outbox.end()
    await once(stream, 'finish')
    assert.deepEqual(writes.slice(1), ['4#last'])
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import {
  formatUri,
  isTelUri,
  Params,
  parseNameAddr,
  parseSipUri,
  parseUri,
  sameUri,
  withoutTag,
} from '../../../engine/message/index.ts'

const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })

describe('a SIP URI', () => {
  it('is taken apart', () => {
    const uri = parseSipUri(
      'sips:+1-415;phone-context=x:se%63ret@[2001:db8::1]:5071;transport=TLS;lr?Replaces=a%40b%3Bto-tag%3D1&x=',
    )
    assert(uri)
    assert.equal(uri.scheme, 'sips')
    assert.equal(uri.user, '+1-415;phone-context=x')
    assert.equal(uri.password, 'secret')
    assert.equal(uri.host, '2001:db8::1')
    assert.equal(uri.port, 5071)
    assert.deepEqual(
      [...uri.params],
      [
        ['transport', 'TLS'],
        ['lr', ''],
      ],
    )
    assert.deepEqual(uri.headers, [
      ['Replaces', 'a@b;to-tag=1'],
      ['x', ''],
    ])
  })

  for (const text of [
    'sip:',
    'sip:@host',
    'sip:a@',
    'sip:a@b@c',
    'sip:a b@c',
    'sip:host:port',
    'sip:host:99999',
    'sip:host:0',
    'sip:[2001:db8::1',
    'sip:[host]',
    'sip:2001:db8::1',
    'sip:host;;lr',
    'sip:host;=x',
    'sip:host?',
    'sip:host?name',
    'sip:a%4@host',
    '<sip:a@b>',
    'noscheme',
    ':x',
    'tel:',
    'tel:+',
    'tel:+12ab',
    'tel:alice',
  ]) {
    it(`is not ${text}`, () => assert.equal(parseUri(text), undefined))
  }

  it('decodes escapes in its parameters, once (RFC 4475 esc01)', () => {
    const uri = parseSipUri('sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31')
    assert.equal(uri?.user, 'caller')
    assert.equal(uri.params.has('lr'), true)
    assert.equal(uri.params.get('name'), 'value%41')
  })

  it('is formatted with every byte that needs it escaped, once', () => {
    const uri = {
      user: 'front desk@home',
      host: '::1',
      port: 5060,
      params: Params.noneOfUri.with('transport', 'tcp').with('lr').with('x', 'a;b'),
      headers: [['X-Caller', '+1 415;100%']] as const,
    }
    assert.equal(
      formatUri(uri),
      'sip:front%20desk%40home@[::1]:5060;transport=tcp;lr;x=a%3Bb?X-Caller=+1%20415%3B100%25',
    )
  })

  it('has the parts it was made of, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.record({
          user: bytes.filter((text) => text !== ''),
          password: bytes,
          value: bytes,
          name: bytes.filter((text) => text !== ''),
        }),
        ({ user, password, value, name }) => {
          const params = Params.noneOfUri.with('p', value)
          const uri = parseSipUri(formatUri({ user, password, host: 'example.com', params, headers: [[name, value]] }))
          assert.deepEqual(
            [uri?.user, uri?.password, uri?.params.get('p'), uri?.headers],
            [user, password, value, [[name, value]]],
          )
        },
      ),
    )
  })

  const equivalent = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['tel:+1-415-555-0100', 'tel:+1(415)5550100'],
  ] as const
  const different = [
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:a%3Bb@host', 'sip:a;b@host'],
    ['sip:a@host', 'sips:a@host'],
    ['tel:+14155550100', 'tel:+14155550100;ext=1'],
  ] as const
  for (const [a, b] of equivalent) {
    it(`${a} equals ${b} (RFC 3261 19.1.4)`, () => assert.equal(sameUri(parseUri(a)!, parseUri(b)!), true))
  }
  for (const [a, b] of different) {
    it(`${a} differs from ${b}`, () => assert.equal(sameUri(parseUri(a)!, parseUri(b)!), false))
  }
})

describe('a tel URI', () => {
  it('is read without its visual separators (RFC 3966)', () => {
    const uri = parseUri('TEL:+1-415-555-0100;ext=12')
    assert(uri && isTelUri(uri))
    assert.equal(uri.number, '+14155550100')
    assert.equal(uri.params.get('ext'), '12')
  })

  it('may be a local number with its context', () => {
    const uri = parseUri('tel:7042;phone-context=example.com')
    assert(uri && isTelUri(uri))
    assert.deepEqual([uri.number, uri.params.get('phone-context')], ['7042', 'example.com'])
  })
})

describe('a name-addr', () => {
  it('keeps URI parameters and header parameters apart', () => {
    const bracketed = parseNameAddr('"Ann, \\"the\\" boss" <sip:a@b;lr>;tag=1;text="x;y"')
    assert.deepEqual([bracketed?.displayName, bracketed?.uri], ['Ann, "the" boss', 'sip:a@b;lr'])
    assert.deepEqual(
      [...bracketed!.params],
      [
        ['tag', '1'],
        ['text', 'x;y'],
      ],
    )
    const bare = parseNameAddr('sip:a@b;tag=1')
    assert.deepEqual([bare?.displayName, bare?.uri, bare?.params.get('tag')], [undefined, 'sip:a@b', '1'])
  })

  for (const [text, displayName] of [
    ['Doe, John <sip:a@b>', 'Doe, John'],
    ['john@corp.example <sip:a@b>', 'john@corp.example'],
    ['WIRELESS: CALLER <sip:a@b>', 'WIRELESS: CALLER'],
    ['""unknown"" <sip:a@b>', 'unknown'],
    ['"a" b <sip:a@b>', 'a b'],
  ] as const) {
    it(`may lack quotes around its display name: ${text}`, () => {
      assert.deepEqual([parseNameAddr(text)?.displayName, parseNameAddr(text)?.uri], [displayName, 'sip:a@b'])
      assert.equal(withoutTag(`${text};tag=1;x=y`), `"${displayName}" <sip:a@b>;x=y`)
    })
  }

  for (const [text, rest] of [
    ['"a;tag=evil;x=1" <sip:a@b>;tag=1', '"a;tag=evil;x=1" <sip:a@b>'],
    ['"a;tag=evil" <sip:a@b;tag=of-uri>', '"a;tag=evil" <sip:a@b;tag=of-uri>'],
    ['"a\\";tag=x" <sip:a@b>;TAG=1;epid=2', '"a\\";tag=x" <sip:a@b>;epid=2'],
    ['Ann Lee <sip:a@b> ; tag = 1 ', 'Ann Lee <sip:a@b>'],
    ['<sip:a@b>;q="x;tag=2";tag=1', '<sip:a@b>;q="x;tag=2"'],
    ['sip:a@b;user=phone;tag=1', 'sip:a@b;user=phone'],
    ['<sip:a@b', '<sip:a@b'],
  ] as const) {
    it(`loses its tag and nothing else: ${text}`, () => assert.equal(withoutTag(text), rest))
  }

  for (const text of [
    '',
    '<>',
    '<sip:a@b',
    '"a <sip:a@b>',
    '"a" sip:a@b',
    '"a <sip:a@b>;x="y',
    '< sip:a@b>',
    '<sip:a@b>x',
    '<sip:a@b>;',
  ]) {
    it(`is not ${text || 'nothing'}`, () => assert.equal(parseNameAddr(text), undefined))
  }
})

import type { Chance } from './chance.ts'

const numbers = ['0', '-1', '1', '65536', '2147483648', '4294967296', '99999999999999999999999', '', '0x10', '1e9', '٣']
const pieces = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\0',
    '\t',
    ' ',
    '"',
    '\\',
    '<',
    '>',
    '@',
    ';',
    ',',
    ':',
    '?',
    '=',
    '%',
    '%00',
    '%zz',
    '[',
    ']',
    '[::1]',
  ],
  ...[
    '\r\n\r\n',
    '\r\n ',
    '\xff\xfe',
    '\xc3\xa9',
    ';tag=',
    ';lr',
    ';rport',
    ';branch=z9hG4bK',
    'sip:',
    'SIP/2.0',
    'sips:',
    'tel:+1',
  ],
  ...[
    'Content-Length: 99999999\r\n',
    'Require: replaces\r\n',
    'l: 0\r\n',
    'v: SIP/2.0/UDP h\r\n',
    'Max-Forwards: 0\r\n',
  ],
  ...[
    'Record-Route: <sip:127.0.0.1:5090;lr>\r\n',
    'Contact: *\r\n',
    'Contact: <sip:127.0.0.1:1>\r\n',
    'Session-Expires: 90\r\n',
  ],
  ...['Replaces: x;to-tag=1;from-tag=2\r\n', 'RSeq: 1\r\n', 'Require: 100rel\r\n', 'Supported: 100rel, timer\r\n'],
]
const methods = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'INFO',
  'REFER',
  'NOTIFY',
  'UPDATE',
  'PRACK',
  'MESSAGE',
  'X',
]

type Mutation = (text: string, chance: Chance, other: string) => string

/** From `at` on, what `length` holds is replaced. */
const splice = (text: string, at: number, length: number, by: string): string =>
  text.slice(0, at) + by + text.slice(at + length)

const lineAt = (text: string, chance: Chance): [start: number, end: number] => {
  const start = text.lastIndexOf('\r\n', chance.below(text.length)) + 2
  const end = text.indexOf('\r\n', start)

  return [start < 2 ? 0 : start, end < 0 ? text.length : end + 2]
}

const mutations: readonly Mutation[] = [
  // A byte becomes another.
  (text, chance) => splice(text, chance.below(text.length), 1, String.fromCharCode(chance.below(256))),
  // Something is put in, for what was there or beside it.
  (text, chance) => splice(text, chance.below(text.length + 1), chance.below(3), chance.of(pieces)),
  // A part is missing, comes twice, or is very long.
  (text, chance) => splice(text, chance.below(text.length), chance.below(40), ''),
  (text, chance) => {
    const at = chance.below(text.length)

    return splice(text, at, 0, text.slice(at, at + chance.below(80)))
  },
  (text, chance) => splice(text, chance.below(text.length), 0, chance.of(pieces).repeat(chance.below(300))),
  // It ends too early.
  (text, chance) => text.slice(0, chance.below(text.length + 1)),
  // A line is missing, comes twice, elsewhere, or is another message's.
  (text, chance) => {
    const [start, end] = lineAt(text, chance)

    return splice(text, start, end - start, '')
  },
  (text, chance) => {
    const [start, end] = lineAt(text, chance)

    return splice(text, start, 0, text.slice(start, end))
  },
  (text, chance) => {
    const [start, end] = lineAt(text, chance)
    const [to] = lineAt(text, chance)

    return splice(text, to, 0, text.slice(start, end))
  },
  (text, chance, other) => {
    const [start, end] = lineAt(other, chance)
    const [to, after] = lineAt(text, chance)

    return splice(text, to, chance.is(0.5) ? after - to : 0, other.slice(start, end))
  },
  // A number becomes another.
  (text, chance) => {
    const from = chance.below(text.length)
    const at = text.slice(from).search(/\d/)
    if (at < 0) return text
    const [digits = ''] = /^\d+/.exec(text.slice(from + at)) ?? []

    return splice(text, from + at, digits.length, chance.of(numbers))
  },
  // Another method, here and in CSeq or in one of them.
  (text, chance) => {
    const [method = ''] = /^[A-Z]+/.exec(text) ?? []
    if (method === '' || method === 'SIP') return text
    const by = chance.of(methods)

    return chance.is(0.7) ? text.replaceAll(method, by) : by + text.slice(method.length)
  },
  // Another status.
  (text, chance) => text.replace(/^SIP\/2.0 \d{3}/, `SIP/2.0 ${100 + chance.below(600)}`),
  // The body of another.
  (text, _, other) => {
    const end = text.indexOf('\r\n\r\n')
    const from = other.indexOf('\r\n\r\n')

    return end < 0 || from < 0 ? text : text.slice(0, end) + other.slice(from)
  },
]

/** One to four things go wrong with a message; `other` lends its parts. */
export function mutate(text: string, chance: Chance, other: string): string {
  let mutated = text
  for (let left = 1 + chance.below(4); left > 0 && mutated !== ''; left--) {
    mutated = chance.of(mutations)(mutated, chance, other)
  }

  return mutated
}

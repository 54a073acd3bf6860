import assert from 'node:assert/strict'

import {
  allPassedOver,
  createResponse,
  defaultLimits,
  parseMessage,
  parseNameAddr,
  parseSipUri,
  type Request,
  sameUri,
  splitList,
  withoutTag,
} from '../../engine/index.ts'
import { parseReplaces } from '../../engine/dialog/dialog-table.ts'
import { requestRoute } from '../../engine/dialog/dialog-state.ts'
import { parseSessionExpires } from '../../engine/dialog/session-timer.ts'
import { parseDigest } from '../../engine/digest/index.ts'
import { deliveredText, bracketed, replaceLocalHost, parseSipText } from '../../engine/drachtio/protocol/sip-text.ts'
import { skimInvite } from '../../engine/overload/shedding.ts'
import { noteSource } from '../../engine/transport/response-routing.ts'
import { headerValueProblem, normaliseNumber, safeHeaderValue } from '../../routes/index.ts'
import { hostsOf } from '../../routes/plan/private-hosts.ts'
import { referTo } from '../../routes/plan/target-uri.ts'
import { routeProblem } from '../../routes/schema/uri.ts'
import { userToUser } from '../../routes/table/render.ts'
import { agentHeaders, factsOf, identify, callOriginOf } from '../../server/legs/caller.ts'
import { ladderText } from '../../server/calls/ladder-text.ts'
import { releaseCause, answered } from '../../server/legs/termination.ts'
import { needsNewOffer, held, isHeld, mirrorsHold, resumed } from '../../server/media/session-state.ts'
import { SessionOrigin } from '../../server/media/session-origin.ts'
import { sessionBodyProblem, sessionOf } from '../../server/sip/body-part.ts'
import { isEncrypted } from '../../server/media/srtp.ts'
import { withSrtp, withoutSrtp } from '../../server/media/srtp.ts'
import { isComplete } from '../../server/rehearsal/rehearsal.ts'
import { ReceivedRequest } from '../../server/sip/received.ts'
import { decode, encode, readable } from '../../server/sip/text.ts'
import { byeCancels, readRefer, refersCancel } from '../../server/transfer/agent-refer.ts'
import { referIdOf } from '../../server/transfer/refer-event.ts'
import { cpuTime } from '../engine/cpu-time.ts'

const wholeBytes = 64 * 1024
const wholeBoundMs = 2
/** A try may meet the compiler, the garbage collector or another process: the best of some tells. */
const fewTries = 3
const manyTries = 40

const noises = [
  ...[
    '"',
    '\\',
    ' ',
    '\t',
    ';',
    ',',
    '<',
    '>',
    ':',
    '%',
    '@',
    '?',
    '&',
    '=',
    '/',
    '0',
    'a',
    '+',
    '(',
    '[',
    '\xe9',
    '.',
  ],
  ...[';tag=', ';tag=x', ';a=b', '%3C', '%41', '","', '<sip:', '<sip:a@b>,', '&a=b', '?a=b', 'sip:', 'tel:', '=pass'],
  ...[
    '\r\n',
    '\r\n ',
    '\n',
    '\r',
    'm=audio 0 RTP/AVP 0\r\n',
    'm=',
    'a=x\r\n',
    'a=sendonly\r\n',
    'o=- 1 1 ',
    '\r\n--x',
    ' ;',
  ],
  ...[
    'SIP;',
    'cause=',
    ';index=1',
    ';id=',
    '\xc3\xa9',
    'X-A: b\r\n',
    'refer-to:',
    'CSeq:',
    '$',
    '${',
    'localhost',
    '@localhost',
  ],
]

interface Reader {
  what: string
  /** What stands before and behind the noise. */
  around?: [before: string, behind: string][]
  read: (text: string) => unknown
}

const origin = { transport: 'udp', remote: { address: '192.0.2.1', port: 5060 } } as const
const limits = { ...defaultLimits, headerLength: wholeBytes * 2, messageSize: wholeBytes * 2, viaCount: wholeBytes * 2 }

function requestWith(name: string, value: string, body = ''): Request {
  const head = [
    'INVITE sip:+14155550100@b SIP/2.0',
    'Via: SIP/2.0/UDP h;branch=z9hG4bK1',
    ...['From', 'To', 'Call-ID', 'CSeq'].filter((each) => each !== name).map((each) => `${each}: ${usual[each] ?? ''}`),
    `${name}: ${value.replaceAll(/[\r\n]/g, ' ')}`,
  ]
  const message = parseMessage(`${head.join('\r\n')}\r\nl: ${body.length}\r\n\r\n${body}`, limits)
  assert.ok(message.kind === 'request')

  return message
}

const usual: Record<string, string> = { From: '<sip:a@b>;tag=1', To: '<sip:b@c>', 'Call-ID': '1', CSeq: '1 INVITE' }
const received = (name: string, value: string, body?: string) =>
  new ReceivedRequest(requestWith(name, value, body), origin)
const inAddress: Reader['around'] = [
  ['', ''],
  ['"', '" <sip:a@b>;tag=1'],
  ['<sip:', '@b>;tag=1'],
  ['<sip:a@b>', ''],
]
const inSession: Reader['around'] = [
  ['', ''],
  ['v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\nm=audio 0', '\r\na=x\r\n'],
  ['v=0\r\nm=', ' x'],
]
const pinned = { project: 'p', environment: 'e', version: 1 } as never
const leg = {
  leg: 'caller',
  direction: 'in',
  local: '',
  remote: '',
  transport: 'udp',
  at: new Date(0).toISOString(),
} as const

const readers: Reader[] = [
  { what: 'a message', read: (text) => allPassedOver(parseMessage(text, limits)) },
  {
    what: 'a message that goes to an application',
    around: [['INVITE sip:a@b SIP/2.0\r\n', '\r\n\r\n']],
    read: (text) => deliveredText(parseMessage(text, limits)),
  },
  { what: 'an INVITE that is shed', around: [['INVITE sip:a@b SIP/2.0\r\n', '\r\n\r\n']], read: skimInvite },
  { what: 'a name-addr', around: inAddress, read: parseNameAddr },
  { what: 'an address without its tag', around: inAddress, read: withoutTag },
  { what: 'a list', read: splitList },
  {
    what: 'a URI',
    around: [
      ['sip:', ''],
      ['sip:a@b;', ''],
      ['sip:a@b?a=', ''],
      ['sip:', '@b'],
    ],
    read: (text) => {
      const uri = parseSipUri(text)
      if (uri) sameUri(uri, uri)
    },
  },
  {
    what: 'a Via',
    around: [
      ['SIP/2.0/UDP h;', ''],
      ['SIP/2.0/UDP ', ''],
    ],
    read: (text) => {
      const request = requestWith('v', text)
      noteSource(request, { ...origin, reliable: false }, 'auto')
      createResponse(request, 200, undefined, 'x')
    },
  },
  { what: 'Replaces', around: [['a;to-tag=', ';from-tag=1']], read: parseReplaces },
  { what: 'a route set', around: [['<sip:', '>']], read: (text) => requestRoute('sip:a@b', [text, text]) },
  {
    what: 'Session-Expires',
    around: [
      ['', ''],
      ['1800', 'x'],
    ],
    read: parseSessionExpires,
  },
  {
    what: 'credentials',
    around: [
      ['Digest ', ''],
      ['Digest a="', '"'],
    ],
    read: parseDigest,
  },
  { what: 'a message of an application', read: parseSipText },
  { what: 'an address of an application', around: inAddress, read: (text) => replaceLocalHost(bracketed(text), 'h:1') },
  {
    what: 'who calls: From',
    around: inAddress,
    read: (text) => identify(received('From', text), 'US'),
  },
  {
    what: 'who calls: P-Asserted-Identity',
    around: inAddress,
    read: (text) => identify(received('P-Asserted-Identity', text), 'US'),
  },
  {
    what: 'where a call came from',
    around: inAddress,
    read: (text) => callOriginOf(received('P-Asserted-Identity', text), 'baton-1'),
  },
  {
    what: 'why a call ended',
    around: [
      ['', ''],
      ['Q.850;', ''],
    ],
    read: (text) => releaseCause(answered('hangup'), [['Reason', text]]),
  },
  {
    what: 'what an agent is told',
    read: (text) => {
      const request = received('X-Any', text)
      agentHeaders(request, '1', pinned)
      factsOf('1', request, identify(request, undefined))
    },
  },
  {
    what: 'a number',
    around: [
      ['', ''],
      ['sip:', '@b'],
      ['<sip:', ''],
      ['tel:1;phone-context=', ''],
    ],
    read: (text) => normaliseNumber(text, { country: 'US', format: 'without_plus' }),
  },
  {
    what: 'a route',
    around: [
      ['sip:', ''],
      ['sip:', '@b'],
      ['sip:a@', ''],
      ['tel:', ''],
    ],
    read: (text) => [routeProblem(text), hostsOf(text)],
  },
  {
    what: 'a header value',
    read: (text) => [headerValueProblem(text), safeHeaderValue(text), referTo('sip:a@b', [['X', text]])],
  },
  { what: 'User-to-User', read: (text) => userToUser(text, {} as never) },
  {
    what: 'a REFER',
    around: inAddress,
    read: (text) => [readRefer(received('Refer-To', text)), refersCancel(received('Refer-To', text))],
  },
  {
    what: 'Event',
    around: [
      ['refer;', ''],
      ['refer;id="', '"'],
    ],
    read: (text) => referIdOf(received('Event', text)),
  },
  {
    what: 'Reason',
    around: [
      ['', ''],
      ['SIP', ''],
      ['SIP;', 'x'],
    ],
    read: (text) => byeCancels({ by: 'peer', request: received('Reason', text) }),
  },
  {
    what: 'a body',
    around: [
      ['', ''],
      ['--x\r\nContent-Type: application/sdp\r\n\r\n', '\r\n--x--'],
    ],
    read: (text) => sessionOf(received('c', 'multipart/mixed;boundary=x', text)),
  },
  {
    what: 'the type of a body',
    around: [
      ['', ''],
      ['multipart/mixed', ''],
      ['multipart/mixed;boundary="', ''],
    ],
    read: (text) => [sessionOf(received('c', text, 'x')), sessionBodyProblem(received('c', text, 'x'))],
  },
  {
    what: 'the state of a session',
    around: inSession,
    read: (text) => [held(text), isHeld(text), mirrorsHold(text, text), resumed(text), isEncrypted(text)],
  },
  { what: 'a change of session', around: inSession, read: (text) => needsNewOffer(text, `${text}x`, text) },
  { what: 'the keys of a session', around: inSession, read: (text) => [withoutSrtp(text), withSrtp(text)] },
  {
    what: 'the origin of a session',
    around: [...inSession, ['o=', ''], ['v=0\r\no=- 1 ', ' IN IP4 127.0.0.1\r\n']],
    read: (text) => {
      const session = new SessionOrigin()
      for (const sdp of [text, `${text}x`, `${text}y`]) session.send(sdp)
    },
  },
  { what: 'bytes', read: (text) => [readable(decode(text)), encode(decode(text))] },
  {
    what: 'a ladder',
    around: [
      ['INVITE sip:a@b SIP/2.0\r\n', ''],
      ['REFER sip:a@b SIP/2.0\r\nX-', ''],
    ],
    read: (text) => [ladderText({ messages: [{ ...leg, text }] }), isComplete({ messages: [{ ...leg, text }] })],
  },
]

describe('what reads text from outside', () => {
  for (const { what, around = [['', '']], read } of readers) {
    it(`takes time that grows no faster than the text: ${what}`, () => {
      for (const noise of noises) {
        for (const [before, behind] of around as [string, string][]) {
          const text = (bytes: number) => before + noise.repeat(Math.floor(bytes / noise.length)) + behind
          const problem = problemOf(read, text(wholeBytes), text(wholeBytes / 4))
          assert.equal(problem, undefined, `${JSON.stringify(before)}, 64 KB of ${JSON.stringify(noise)}: ${problem}`)
        }
      }
    })
  }
})

/** What grows with the square of its text takes sixteen times as long as for a quarter of it, on however slow a machine. */
function problemOf(read: Reader['read'], whole: string, quarter: string): string | undefined {
  const best = { whole: Infinity, quarter: Infinity }
  for (let tries = 0; tries < manyTries; tries++) {
    best.whole = Math.min(
      best.whole,
      cpuTime(() => read(whole)),
    )
    if (best.whole < wholeBoundMs) return undefined
    if (tries < fewTries) continue
    best.quarter = Math.min(
      best.quarter,
      cpuTime(() => read(quarter)),
    )
    if (best.whole < 8 * best.quarter) return undefined
  }

  return `${best.whole} ms of CPU, ${best.quarter} ms for a quarter`
}

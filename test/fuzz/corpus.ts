import { readdirSync, readFileSync } from 'node:fs'
import { invalidMessages } from '../engine/message/torture/rfc4475-invalid.ts'
import { upperLayerMessages } from '../engine/message/torture/rfc4475-upper-layers.ts'
import { validMessages } from '../engine/message/torture/rfc4475-valid.ts'
import { ipv6Messages } from '../engine/message/torture/rfc5118.ts'

const scenarios = new URL('../../sipp-scenarios/', import.meta.url)

/** Messages to begin with, as binary strings: the torture messages of RFC 4475 and RFC 5118, what our SIPp scenarios send, and some of our own. */
export function corpus(): string[] {
  const torture = [validMessages, invalidMessages, upperLayerMessages, ipv6Messages].flat().map(({ text }) => text)

  return [...torture, ...fromScenarios(), ...ofOurOwn]
}

/** What SIPp would send, its keywords filled in. */
function fromScenarios(): string[] {
  const messages = new Set<string>()
  for (const name of readdirSync(scenarios)) {
    if (!name.endsWith('.xml')) continue
    const xml = readFileSync(new URL(name, scenarios), 'latin1')
    for (const [, text = ''] of xml.matchAll(/<!\[CDATA\[([^]*?)\]\]>/g)) messages.add(filled(text))
  }

  return [...messages]
}

const keywords: Readonly<Record<string, string>> = {
  service: '+14155550100',
  transport: 'UDP',
  remote_ip: '127.0.0.1',
  remote_port: '5060',
  local_ip: '127.0.0.1',
  local_port: '5090',
  call_id: 'sipp@127.0.0.1',
  branch: 'z9hG4bK-sipp',
  cseq: '1',
}

function filled(text: string): string {
  const lines = text.trim().split(/\r?\n/)
  const message = lines.map((line) => line.trim()).join('\r\n')
  const whole = message
    .replace(/\[(last_\w+:?|len|\w+)[^\]\n]*\]/g, (_, key: string) => keywords[key] ?? '7')
    .replace(/^Content-Length:.*\r\n/im, '')

  return whole.includes('\r\n\r\n') ? whole : `${whole}\r\n\r\n`
}

const head = [
  'Via: SIP/2.0/UDP 127.0.0.1:5090;rport;branch=z9hG4bKown',
  'From: "Ann" <sip:+14155550123@127.0.0.1:5090>;tag=own',
  'To: <sip:+14155550100@127.0.0.1>',
  'Call-ID: own@127.0.0.1',
  'Contact: <sip:ann@127.0.0.1:5090>',
  'Max-Forwards: 70',
]

const message = (start: string, cseq: string, lines: readonly string[], body = ''): string =>
  [start, ...head, `CSeq: ${cseq}`, ...lines, `Content-Length: ${body.length}`, '', body].join('\r\n')

const session = [
  'v=0',
  'o=- 3747 461 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40376 RTP/AVP 8 0 101',
  'a=rtpmap:101 telephone-event/8000',
  'a=sendrecv',
  '',
].join('\r\n')

const ofOurOwn = [
  message('INVITE sip:+14155550100@127.0.0.1 SIP/2.0', '1 INVITE', ['Content-Type: application/sdp'], session),
  message('INVITE tel:+14155550100 SIP/2.0', '1 INVITE', ['Require: 100rel', 'Session-Expires: 90;refresher=uac']),
  message('INVITE sip:b@127.0.0.1 SIP/2.0', '1 INVITE', ['Replaces: own@127.0.0.1;to-tag=a;from-tag=own;early-only']),
  message('INVITE sip:b@127.0.0.1 SIP/2.0', '1 INVITE', ['Join: own@127.0.0.1;to-tag=a;from-tag=own']),
  message('REFER sip:b@127.0.0.1 SIP/2.0', '2 REFER', [
    'Refer-To: <sip:front-desk@h?X-Account=7&Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>',
  ]),
  message(
    'NOTIFY sip:b@127.0.0.1 SIP/2.0',
    '3 NOTIFY',
    ['Event: refer;id=2', 'Subscription-State: active;expires=60', 'Content-Type: message/sipfrag;version=2.0'],
    'SIP/2.0 180 Ringing\r\nContact: <sip:x@y>\r\n',
  ),
  message('SUBSCRIBE sip:b@127.0.0.1 SIP/2.0', '3 SUBSCRIBE', ['Event: refer', 'Expires: 0']),
  message('INFO sip:b@127.0.0.1 SIP/2.0', '4 INFO', ['Content-Type: application/dtmf-relay'], 'Signal=5\r\n'),
  message('UPDATE sip:b@127.0.0.1 SIP/2.0', '5 UPDATE', ['Content-Type: application/sdp'], session),
  message('PRACK sip:b@127.0.0.1 SIP/2.0', '6 PRACK', ['RAck: 1 1 INVITE']),
  message('CANCEL sip:b@127.0.0.1 SIP/2.0', '1 CANCEL', ['Reason: SIP;cause=200;text="elsewhere"']),
  message('REGISTER sip:127.0.0.1 SIP/2.0', '1 REGISTER', ['Expires: 3600', 'Authorization: Digest username="u"']),
  message('SIP/2.0 183 Session Progress', '1 INVITE', ['RSeq: 1', 'Require: 100rel'], session),
  message('SIP/2.0 401 Unauthorized', '1 INVITE', ['WWW-Authenticate: Digest realm="r",nonce="n",qop="auth,auth-int"']),
  session,
  'SIP/2.0 200 OK\r\n',
  '\r\n\r\n',
]

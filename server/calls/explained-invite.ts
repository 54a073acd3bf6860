import { formatHostPort, randomToken, type Flow } from '../../engine/index.ts'
import { headerNameProblem, type PinnedTable } from '../../routes/index.ts'
import type { Trunk } from '../../config/index.ts'
import { encode, encodeLine } from '../sip/text.ts'

/** What is known of a call that is explained; everything else is as it often is. */
export interface ExplainedCaller {
  /** A number, or a SIP URI. */
  caller?: string | undefined
  callerName?: string | undefined
  /** The dialled number; the environment's first one when left out. */
  called?: string | undefined
  /** Headers of the INVITE. */
  headers?: Readonly<Record<string, string>> | undefined
  /** From, without its tag; made of `caller` and `callerName` when left out. */
  from?: string | undefined
  /** Contact; the caller at the trunk's address when left out. */
  contact?: string | undefined
  /** The session description that the caller offers; an ordinary one when left out. */
  session?: string | undefined
}

/** Audio as callers offer it: in the clear, or by SRTP with keys in the session (RFC 4568). */
export type MediaProfile = 'RTP/AVP' | 'RTP/SAVP'

/** The INVITE that such a caller sends by this flow. */
export function explainedInvite(caller: ExplainedCaller, pinned: PinnedTable, flow: Flow, callId: string): string {
  const { host, port } = flow.advertised
  const own = formatHostPort(host, port)
  const called = userOf(caller.called ?? pinned.numbers[0] ?? 'unknown')
  const headers = Object.entries(caller.headers ?? {}).filter(([name]) => isOfCaller(name))
  const hops = headers.some(([name]) => name.toLowerCase() === 'max-forwards') ? [] : [['Max-Forwards', '70']]
  const session = caller.session ?? ''
  const lines = [
    ['Via', `SIP/2.0/${flow.transport.toUpperCase()} ${hostOf(flow)};branch=z9hG4bK${randomToken()};rport`],
    ...hops,
    ['From', `${fromOf(caller, flow)};tag=${randomToken()}`],
    ['To', `<sip:${called}@${own}>`],
    ['Call-ID', callId],
    ['CSeq', '1 INVITE'],
    ['Contact', contactOf(caller, flow)],
    ...headers,
    ...(session === '' ? [] : [['Content-Type', 'application/sdp']]),
    ['Content-Length', String(session.length)],
  ]
  const head = lines.map(([name = '', value = '']) => `${name}: ${encodeLine(value)}\r\n`).join('')

  return `INVITE sip:${called}@${own} SIP/2.0\r\n${head}\r\n${session}`
}

export function contactOf({ caller, contact }: ExplainedCaller, flow: Flow): string {
  if (contact !== undefined) return contact.includes('<') ? contact : `<${contact}>`
  const user = caller === undefined || isUri(caller) ? '' : `${userOf(caller)}@`

  return `<sip:${user}${hostOf(flow)}>`
}

/** A caller's session as it often is. */
export function sessionOf({ session }: ExplainedCaller, { remote: { address } }: Flow, profile: MediaProfile): string {
  if (session !== undefined) return encode(session.replace(/\r?\n/g, '\r\n'))
  const key = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}`
  const family = address.includes(':') ? 'IP6' : 'IP4'
  const lines = [
    'v=0',
    `o=- 1 1 IN ${family} ${address}`,
    's=-',
    `c=IN ${family} ${address}`,
    't=0 0',
    `m=audio 10000 ${profile} 0 8 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    ...(profile === 'RTP/SAVP' ? [key] : []),
    'a=sendrecv',
  ]

  return `${lines.join('\r\n')}\r\n`
}

/** An address that a trunk's calls may come from. */
export function addressOf({ peers }: Trunk, family: 4 | 6): string | undefined {
  const peer = peers.find((each) => each.includes(':') === (family === 6))
  const [address = '', bits] = peer?.split('/') ?? []
  if (peer === undefined || bits === undefined || Number(bits) === (family === 6 ? 128 : 32)) return peer && address
  if (family === 6) return address.endsWith('::') ? `${address}1` : address

  return address.replace(/\.0$/, '.1')
}

function fromOf({ caller, callerName, from }: ExplainedCaller, flow: Flow): string {
  if (from !== undefined) return from.includes('<') ? from : `<${from}>`
  const name = callerName === undefined || callerName === '' ? '' : `"${callerName.replace(/["\\]/g, '\\$&')}" `
  if (caller === undefined || caller === '') return `${name}<sip:anonymous@anonymous.invalid>`

  return `${name}<${isUri(caller) ? caller : `sip:${userOf(caller)}@${formatHostPort(flow.remote.address, undefined)}`}>`
}

function hostOf({ remote }: Flow): string {
  return formatHostPort(remote.address, remote.port)
}

function isUri(text: string): boolean {
  return /^(?:sips?|tel):/i.test(text)
}

// RFC 3261 25.1: what a user part may hold as it is.
function userOf(text: string): string {
  return text.replace(/[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g, (found) => encodeURIComponent(found))
}

const ofInvite = new Set(['content-type', 'content-length', 'require', 'replaces', 'content-disposition'])

/** A header that an operator may give the call: none that says what the INVITE itself is. */
function isOfCaller(name: string): boolean {
  const lower = name.toLowerCase()

  return lower === 'max-forwards' || (headerNameProblem(name) === undefined && !ofInvite.has(lower))
}

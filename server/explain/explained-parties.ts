import {
  createRequest,
  createResponse,
  type FarSide,
  type Flow,
  parseMessage,
  randomToken,
  type Request,
  type Response,
  type UnwiredTransports,
  formatHostPort,
} from '../../engine/index.ts'
import { headerNameProblem, type PinnedTable } from '../../routes/index.ts'
import type { Trunk } from '../../config/index.ts'
import { encode, encodeLine } from '../sip/text.ts'

/** A request that Baton would send. */
export interface SentRequest {
  readonly method: string
  readonly to: 'caller' | 'destination'
  /** The message as it is sent, one character for each byte. */
  readonly text: string
}

/**
 * The caller, the agent and every destination of an explained call. The agent answers, and the caller accepts re-INVITEs; each
 * REFER, and each INVITE to a destination, is refused, so that the transfer tries every attempt of its plan.
 */
export class ExplainedParties implements FarSide {
  /** The caller's Contact, and the session of all parties. */
  caller = { contact: '', session: '' }
  /** Gets each request of the transfer once: not again when it is sent by another transport or to another address. */
  readonly #onRequest: (request: SentRequest) => void
  readonly #invited = new Set<string>()
  /** The INVITE that the agent gets, one character for each byte. */
  agentInvite = ''
  /** Baton's transports. */
  transports: UnwiredTransports | undefined
  #callId = ''
  #isConnected = false
  #connected: (problem?: string) => void = () => undefined

  constructor(onRequest: (request: SentRequest) => void) {
    this.#onRequest = onRequest
  }

  /** Sends the caller's INVITE. Resolves when the agent has answered, or with the response that refuses the call. */
  call(invite: string, callId: string, flow: Flow): Promise<string | undefined> {
    this.#callId = callId

    return new Promise((resolve) => {
      this.#connected = resolve
      this.transports?.deliver(invite, flow)
    })
  }

  sent(text: string, flow: Flow): void {
    const message = parseMessage(text)
    // The response arrives after the sender's own task.
    queueMicrotask(() => {
      if (message.kind === 'response') this.#answered(message, flow)
      else if (message.kind === 'request') this.#request(message, text, flow)
    })
  }

  /** Baton's response to the caller's INVITE. */
  #answered(response: Response, flow: Flow): void {
    const { status, reason, cseq } = response
    if (status < 200 || cseq?.method !== 'INVITE') return
    if (status >= 300) {
      this.#connected(`${status} ${reason}`)
      return
    }
    this.transports?.deliver(ackOf(response), flow)
    this.#isConnected = true
    this.#connected()
  }

  #request(request: Request, text: string, flow: Flow): void {
    const { method, callId } = request
    if (method === 'ACK') return
    const to = callId === this.#callId ? 'caller' : 'destination'
    const isInDialog = request.toTag !== undefined
    if (method === 'INVITE' && !isInDialog && !this.#isConnected) {
      this.agentInvite = text
      this.#respond(request, flow, 200, `<${request.uri}>`)
      return
    }
    const isKnown = method === 'INVITE' && !isInDialog && this.#invited.has(callId)
    if (!isKnown && (to === 'caller' || !isInDialog)) this.#onRequest({ method, to, text })
    if (method === 'INVITE' && !isInDialog) {
      this.#invited.add(callId)
      this.#respond(request, flow, 503)
    } else if (method === 'REFER') this.#respond(request, flow, 500)
    else this.#respond(request, flow, 200, this.caller.contact)
  }

  #respond(request: Request, flow: Flow, status: number, contact?: string): void {
    const response = createResponse(request, status, undefined, randomToken())
    if (contact !== undefined) response.add('Contact', contact)
    if (request.method === 'INVITE' && status === 200) {
      response.add('Content-Type', 'application/sdp')
      response.body = this.caller.session
    }
    this.transports?.deliver(response.toString(), flow)
  }
}

/** The ACK of a 200 (RFC 3261 13.2.2.4). */
function ackOf(success: Response): string {
  return createRequest({
    method: 'ACK',
    uri: success.contact?.uri ?? 'sip:invalid',
    via: `SIP/2.0/UDP caller.invalid;branch=z9hG4bK${randomToken()}`,
    from: success.header('From') ?? '',
    to: success.header('To') ?? '',
    callId: success.callId,
    cseq: success.cseq?.number ?? 1,
  }).toString()
}

/** The facts of an explained call; usual values stand for the others. */
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
  /** Contact; the caller's number at the trunk's address when left out. */
  contact?: string | undefined
  /** The session description that the caller offers; a usual one when left out. */
  session?: string | undefined
}

/** The caller's audio: RTP, or SRTP with keys in the session (RFC 4568). */
export type MediaProfile = 'RTP/AVP' | 'RTP/SAVP'

/** The INVITE of such a caller on this flow. */
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

/** The caller's session, or a usual one. */
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

/** An address among a trunk's peers. */
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

// RFC 3261 25.1: the characters of a user part that are not escaped.
function userOf(text: string): string {
  return text.replace(/[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g, (found) => encodeURIComponent(found))
}

const ofInvite = new Set(['content-type', 'content-length', 'require', 'replaces', 'content-disposition'])

/** Whether an operator may set this header: not those that describe the INVITE itself. */
function isOfCaller(name: string): boolean {
  const lower = name.toLowerCase()

  return lower === 'max-forwards' || (headerNameProblem(name) === undefined && !ofInvite.has(lower))
}

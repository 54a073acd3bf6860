import { createRequest, createResponse, parseMessage, type Request, type Response } from '../../engine/index.ts'
import type { Chance } from './chance.ts'

const session = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 0',
  'a=sendrecv',
  '',
].join('\r\n')

const statuses = [
  100, 180, 183, 200, 200, 200, 202, 302, 401, 403, 405, 407, 408, 420, 481, 486, 487, 491, 500, 503, 603,
]
const methods = ['INFO', 'NOTIFY', 'NOTIFY', 'UPDATE', 'INVITE', 'REFER', 'MESSAGE', 'OPTIONS', 'PRACK', 'BYE', 'BYE']
const sipfrags = [
  'SIP/2.0 100 Trying\r\n',
  'SIP/2.0 180 Ringing',
  'SIP/2.0 200 OK\r\n',
  'SIP/2.0 486 Busy Here\r\n',
  'x',
]
const most = 400

/** Everybody that the fuzzed one talks with: answers what it sends, and goes on from its answers, so that calls live. */
export class FarSide {
  readonly #chance: Chance
  readonly #waiting: string[] = []
  #serial = 0

  constructor(chance: Chance) {
    this.#chance = chance
  }

  get hasSomething(): boolean {
    return this.#waiting.length > 0
  }

  /** The next message: mostly in order, at times one that overtakes, or that comes again. */
  next(): string {
    const chance = this.#chance
    const at = chance.is(0.8) ? 0 : chance.below(this.#waiting.length)
    const [message = ''] = chance.is(0.9) ? this.#waiting.splice(at, 1) : [this.#waiting[at] ?? '']

    return message
  }

  /** An INVITE or another request that begins something. */
  begins(): void {
    const chance = this.#chance
    const serial = ++this.#serial
    this.#say(
      createRequest({
        method: chance.is(0.85) ? 'INVITE' : chance.of(methods),
        uri: chance.is(0.9) ? 'sip:+14155550100@127.0.0.1' : 'sip:+19@127.0.0.1',
        via: `SIP/2.0/UDP 127.0.0.1:5090;rport;branch=z9hG4bKf${serial}`,
        from: `<sip:+14155550123@127.0.0.1:5090>;tag=f${serial}`,
        to: '<sip:+14155550100@127.0.0.1>',
        callId: `fuzz-${serial}`,
        cseq: 1,
        contact: '<sip:peer@127.0.0.1:5090>',
        headers: [
          ['Content-Type', 'application/sdp'],
          ['Supported', '100rel, timer'],
          ...(chance.is(0.1) ? ([['Session-Expires', '90;refresher=uas']] as const) : []),
          ...(chance.is(0.05) ? ([['Require', '100rel']] as const) : []),
          ...(chance.is(0.1) ? ([['Record-Route', '<sip:127.0.0.1:5091;lr>, <sip:127.0.0.1:5092>']] as const) : []),
        ],
        ...(chance.is(0.9) && { body: session }),
      }),
    )
  }

  /** What the fuzzed one has sent. */
  hears(data: Buffer): void {
    if (this.#waiting.length > most) return
    const message = parseMessage(data)
    if (message.kind === 'bad') {
      throw new Error(`it sent what is no SIP message (${message.reason}):\n${data.toString('latin1')}`)
    }
    if (message.kind === 'request') this.#answer(message)
    else this.#goOn(message)
  }

  #answer(request: Request): void {
    const chance = this.#chance
    if (request.method === 'ACK' || chance.is(0.1)) return
    const isInvite = request.method === 'INVITE'
    const likely = (): number => (isInvite && chance.is(0.4) ? 180 : 200)
    const status = chance.is(0.5) ? likely() : chance.of(statuses)
    this.#respond(request, status)
    if (status < 200) this.#respond(request, chance.is(0.8) ? 200 : chance.of(statuses))
    if (isInvite && chance.is(0.3)) this.#inDialogOf(request)
    if (request.method === 'REFER' && chance.is(0.8)) {
      this.#inDialogOf(request, 'NOTIFY')
      this.#inDialogOf(request, 'NOTIFY')
    }
  }

  #respond(request: Request, status: number): void {
    const chance = this.#chance
    const response = createResponse(request, status, undefined, request.toTag ?? `t${chance.below(3)}`)
    response.add('Contact', chance.is(0.9) ? '<sip:agent@127.0.0.1:5090>' : '<sip:x@host.invalid;transport=tcp>')
    if (status === 401) response.add('WWW-Authenticate', 'Digest realm="r", nonce="n", qop="auth"')
    if (status > 100 && status < 200 && chance.is(0.2)) response.add('Require', '100rel').add('RSeq', '1')
    if (request.method === 'INVITE' && chance.is(0.9)) {
      response.add('Content-Type', 'application/sdp')
      response.body = session
    }
    this.#say(response)
  }

  #goOn(response: Response): void {
    const chance = this.#chance
    const { status } = response
    const cseq = response.cseq
    if (!cseq) return
    if (cseq.method === 'INVITE' && status < 200) {
      if (chance.is(0.1)) this.#inDialog(response, 'CANCEL', cseq.number, response.header('Via'))
      else if (response.has('RSeq')) this.#inDialog(response, 'PRACK', cseq.number + 1)
    } else if (cseq.method === 'INVITE' && !chance.is(0.05)) {
      this.#inDialog(response, 'ACK', cseq.number, status < 300 ? undefined : response.header('Via'))
    }
    if (status >= 200 && status < 300 && cseq.method !== 'BYE' && chance.is(0.6)) {
      this.#inDialog(response, chance.of(methods), cseq.number + 1)
    }
  }

  #inDialog(response: Response, method: string, cseq: number, via?: string): void {
    this.#request(method, {
      from: response.header('From') ?? '',
      to: response.header('To') ?? '',
      callId: response.callId,
      cseq,
      via,
      uri: response.contact?.uri ?? 'sip:127.0.0.1',
    })
  }

  #inDialogOf(request: Request, method = this.#chance.of(methods)): void {
    this.#request(method, {
      from: `${request.header('To') ?? ''}${request.toTag === undefined ? `;tag=t${this.#chance.below(3)}` : ''}`,
      to: request.header('From') ?? '',
      callId: request.callId,
      cseq: ++this.#serial,
      uri: request.contact?.uri ?? 'sip:127.0.0.1',
    })
  }

  #request(
    method: string,
    {
      via,
      ...parts
    }: { from: string; to: string; callId: string; cseq: number; uri: string; via?: string | undefined },
  ): void {
    const chance = this.#chance
    const hasSession = (method === 'INVITE' || method === 'UPDATE') && chance.is(0.8)
    const sipfrag = method === 'NOTIFY' ? chance.of(sipfrags) : undefined
    this.#say(
      createRequest({
        ...parts,
        method,
        via: via ?? `SIP/2.0/UDP 127.0.0.1:5090;rport;branch=z9hG4bKf${++this.#serial}`,
        contact: '<sip:peer@127.0.0.1:5090>',
        headers: [
          ...(method === 'REFER' ? ([['Refer-To', '<sip:front-desk@baton>']] as const) : []),
          ...(method === 'PRACK' ? ([['RAck', `1 ${parts.cseq - 1} INVITE`]] as const) : []),
          ...(sipfrag === undefined
            ? []
            : ([
                ['Event', 'refer'],
                ['Subscription-State', chance.is(0.5) ? 'active;expires=60' : 'terminated;reason=noresource'],
                ['Content-Type', 'message/sipfrag'],
              ] as const)),
          ...(hasSession ? ([['Content-Type', 'application/sdp']] as const) : []),
        ],
        ...(hasSession && { body: session }),
        ...(sipfrag !== undefined && { body: sipfrag }),
      }),
    )
  }

  #say(message: Request | Response): void {
    this.#waiting.push(message.toString())
  }
}

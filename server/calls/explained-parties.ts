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
} from '../../engine/index.ts'

/** A request of Baton's, as its bytes would be. */
export interface SentRequest {
  readonly method: string
  readonly to: 'caller' | 'destination'
  /** One character a byte. */
  readonly text: string
}

/**
 * The caller, the agent and every destination of a call that is explained. The agent answers and the caller's session can be
 * moved; each REFER, and each INVITE to a destination, is refused, so that everything is tried that a transfer may come to.
 */
export class ExplainedParties implements FarSide {
  /** The caller's Contact, and its session, which all others have as well. */
  caller = { contact: '', session: '' }
  /** Told of each request of the transfer, once: not when it is sent again by another transport or to another address. */
  readonly #hear: (request: SentRequest) => void
  readonly #invited = new Set<string>()
  /** Baton's end of the wire. */
  transports: UnwiredTransports | undefined
  #callId = ''
  #isConnected = false
  #connected: (problem?: string) => void = () => undefined

  constructor(hear: (request: SentRequest) => void) {
    this.#hear = hear
  }

  /** The caller calls, by this INVITE. Resolves when it talks to the agent; with why it does not, when it is refused. */
  call(invite: string, callId: string, flow: Flow): Promise<string | undefined> {
    this.#callId = callId

    return new Promise((resolve) => {
      this.#connected = resolve
      this.transports?.deliver(invite, flow)
    })
  }

  sent(text: string, flow: Flow): void {
    const message = parseMessage(text)
    // A sender is told of the answer when its own turn is over.
    queueMicrotask(() => {
      if (message.kind === 'response') this.#answered(message, flow)
      else if (message.kind === 'request') this.#request(message, text, flow)
    })
  }

  /** Baton's answer to the caller's INVITE. */
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
      this.#respond(request, flow, 200, `<${request.uri}>`)
      return
    }
    const isKnown = method === 'INVITE' && !isInDialog && this.#invited.has(callId)
    if (!isKnown && (to === 'caller' || !isInDialog)) this.#hear({ method, to, text })
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

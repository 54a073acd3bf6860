import { isIP, type Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import {
  type DialogState,
  type DigestSession,
  endsDialog,
  isSuccess,
  overlapRefusal,
  parseSipUri,
  refreshTarget,
  type Request,
  RequestAuthorization,
  routeOf,
  speaksFor,
  takeRemoteCSeq,
  targetRefreshers,
  tooShortSession,
} from '../../../engine/index.ts'
import { LocalResponse } from '../local-response.ts'
import { ReceivedRequest } from '../received.ts'
import type { DialogEvents, SendOptions, SipDialog, SipEndReason, SipRequest, SipResponse } from '../stack.ts'
import { decode } from '../text.ts'
import type { AdapterContext, RequestReceiver } from './adapter-context.ts'
import { inviteCapabilities, optionsCapabilities, unsupported, outgoing } from './outgoing-text.ts'
import { type DrachtioResponse, OutgoingRequest, type RequestShape } from './drachtio-outgoing-request.ts'
import { DrachtioReinvite, DrachtioRequest, originOf } from './drachtio-request.ts'

interface DialogParts {
  /** The server's identifier of the dialog. */
  id: string
  state: DialogState
  socket: Socket
  /** The address that its INVITE, or the 2xx to ours, came from. */
  peer: string
  /** Answers the peer's challenges to our requests. */
  digest: DigestSession | undefined
  /** Sends the ACK of the 2xx that made it, if that is due. */
  ack?: Srf.Acknowledge | undefined
}

/** A dialog on a drachtio server, which writes its requests and keeps its timers. The state that is kept here decides what the port's user gets. */
export class DrachtioDialog implements SipDialog, RequestReceiver {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  readonly socket: Socket
  readonly #context: AdapterContext
  readonly #events: DialogEvents
  readonly #id: string
  readonly #state: DialogState
  readonly #initialTarget: string
  /** The CSeq of the peer's INVITE, if that made the dialog. */
  readonly #initialCSeq: number | undefined
  readonly #peer: string
  readonly #digest: DigestSession | undefined
  readonly #pending = new Map<OutgoingRequest, string>()
  /** Takes the ACK of a re-INVITE, by its CSeq. */
  readonly #awaited = new Map<number, (ack: SipRequest) => void>()
  #ack: Srf.Acknowledge | undefined
  #isReinviting = false
  #peerInvite: DrachtioReinvite | undefined
  /** Sends the BYE that waits for the ACK of our 2xx (RFC 3261 15). */
  #heldBye: (() => void) | undefined
  #awaitsAck: boolean
  #hasSentRefer = false
  /** The log has told of a request from an unknown source. */
  #hasWarned = false
  #ended = false
  #heardAt: number

  constructor(context: AdapterContext, parts: DialogParts, events: DialogEvents) {
    this.#context = context
    this.#events = events
    this.#id = parts.id
    this.callId = decode(parts.state.callId)
    this.localTag = decode(parts.state.localTag)
    this.remoteTag = decode(parts.state.remoteTag)
    this.socket = parts.socket
    this.#state = parts.state
    this.#initialTarget = parts.state.remoteTarget
    this.#initialCSeq = parts.state.remoteCSeqs[0]
    this.#peer = parts.peer
    this.#digest = parts.digest
    this.#ack = parts.ack
    this.#awaitsAck = this.#initialCSeq !== undefined
    this.#heardAt = context.clock.now()
    context.dialogs.set(parts.id, this)
  }

  get remoteTarget(): string {
    return decode(this.#state.remoteTarget)
  }

  get silence(): number {
    return this.#context.clock.now() - this.#heardAt
  }

  get ended(): boolean {
    return this.#ended
  }

  request(method: string, options: SendOptions = {}): Promise<SipResponse> {
    if (this.#ended) return this.#local(481)
    if (method === 'REFER') this.#hasSentRefer = true

    return this.#send(method, options)
  }

  async reinvite(options: SendOptions = {}): Promise<SipResponse> {
    if (this.#ended) return this.#local(481)
    // RFC 3261 14.1, which neither the server nor the library enforces.
    if (this.#isReinviting || this.#peerInvite) return this.#local(491)
    this.#isReinviting = true
    return this.#send('INVITE', options)
  }

  ack(options?: SendOptions): void {
    const ack = this.#ack
    if (!ack || !this.#context.connection.isUp(this.socket)) return
    this.#ack = undefined
    ack(outgoing(options))
  }

  async bye(options: SendOptions = {}): Promise<SipResponse> {
    if (this.#ended) return this.#local(481)
    // A 2xx of the peer's must be acknowledged before the BYE, or the peer repeats it until its timer ends.
    this.ack()
    this.#end()
    if (this.#awaitsAck && this.#context.connection.isUp(this.socket)) {
      await new Promise<void>((resolve) => (this.#heldBye = resolve))
    }
    const response = await this.#send('BYE', options)
    this.#forget()

    return response
  }

  connectionLost(): void {
    this.#forget()
    this.#heldBye?.()
    this.#stackEnded('connection_lost')
  }

  /** The peer's BYE has come. */
  endedByPeer(request: SipRequest): void {
    this.#forget()
    if (this.#ended) return
    // RFC 5057 4.1: the BYE ends the session and not what a REFER began, whose response may come after it.
    for (const [pending, method] of [...this.#pending]) if (method === 'REFER') this.#pending.delete(pending)
    this.#end()
    this.#events.ended({ by: 'peer', request })
  }

  /** The call was given up while it was being answered: the server has told the peer so. */
  neverMade(): void {
    this.#forget()
    this.#awaitsAck = false
    this.#heldBye?.()
    this.#end()
  }

  /** There is no such dialog: it was never confirmed, or the server has lost it. */
  refused(): void {
    this.#forget()
    this.#awaitsAck = false
    this.#heldBye?.()
    this.#stackEnded('refused')
  }

  receive(req: Srf.Req, res: Srf.Res, message: Request): void {
    if (!this.#isOfPeer(req, message)) {
      this.#refuse(req, res, message)
      return
    }
    this.#heardAt = this.#context.clock.now()
    const { method } = message
    if (method === 'ACK') this.#acknowledged(message, req)
    else if (method === 'BYE') this.#byeCame(req, res, message)
    else this.#requestCame(req, res, message)
  }

  /**
   * Tags can be overheard: a request that changes a call is taken from its peer alone. The server ends a dialog with its BYE
   * before it hands the BYE over: to refuse that BYE would leave a call that neither side could end.
   */
  #isOfPeer({ source, source_address }: Srf.Req, { method }: Request): boolean {
    const { sources } = this.#context
    if (!sources?.checksPeers || source !== 'network' || method === 'BYE') return true
    const from = unbracketed(source_address)
    const { nextHop } = routeOf(this.#state)
    const known = [this.#peer, parseSipUri(this.#state.remoteTarget)?.host ?? '', parseSipUri(nextHop)?.host ?? '']

    return known.map(unbracketed).some((address) => isIP(address) !== 0 && speaksFor(from, address, sources))
  }

  #refuse(req: Srf.Req, res: Srf.Res, message: Request): void {
    if (!this.#hasWarned) {
      const fields = { callId: this.callId, method: message.method, address: req.source_address }
      this.#context.log.warn('a request in a dialog came from elsewhere than its peer, and was refused', fields)
    }
    this.#hasWarned = true
    if (message.method !== 'ACK') new DrachtioRequest(this.#context, req, res, message).respond(403)
  }

  #requestCame(req: Srf.Req, res: Srf.Res, message: Request): void {
    const { method } = message
    const cseq = message.cseq?.number ?? 0
    const request = () => new DrachtioRequest(this.#context, req, res, message)
    const missing = unsupported(message)
    const tooShort = tooShortSession(message, this.#context.minSession)
    if (this.#ended) {
      // RFC 5057 2: the subscription outlives the call.
      if (method === 'NOTIFY' && this.#hasSentRefer) this.#events.request(request())
      else request().respond(481)
    } else if (missing !== '') request().respond(420, { headers: [['Unsupported', missing]] })
    else if (tooShort !== undefined) request().respond(422, { headers: tooShort })
    else if (!this.#takes(method, cseq)) {
      request().respond(500, { reason: 'CSeq Is Lower Than Before' })
    } else {
      if (method === 'INVITE') this.#reinviteCame(req, res, message)
      // RFC 3262: the server has matched the PRACK to a response of ours.
      else if (method === 'PRACK') request().respond(200)
      // An OPTIONS asks whether the dialog is alive, or for the capabilities of this user agent, not of the other leg.
      else if (method === 'OPTIONS') request().respond(200, { headers: optionsCapabilities })
      else {
        if (method === 'UPDATE') refreshTarget(this.#state, message)
        this.#events.request(request())
      }
    }
  }

  /** Some transferees number the NOTIFYs of a REFER by themselves, and not in the space of the dialog (RFC 3261 12.2.2). */
  #takes(method: string, cseq: number): boolean {
    return takeRemoteCSeq(this.#state, cseq) || (method === 'NOTIFY' && this.#hasSentRefer)
  }

  /** RFC 3261 14.2: one at a time, which the server does not enforce. */
  #reinviteCame(req: Srf.Req, res: Srf.Res, message: Request): void {
    if (this.#peerInvite || this.#isReinviting) {
      const refusal = new DrachtioRequest(this.#context, req, res, message)
      const { status, headers } = overlapRefusal(this.#peerInvite ? 'peer' : 'us')
      refusal.respond(status, { headers })
      return
    }
    refreshTarget(this.#state, message)
    const cseq = message.cseq?.number ?? 0
    const awaitAck = (onAck: (ack: SipRequest) => void): void => {
      this.#awaited.set(cseq, onAck)
    }
    const reinvite = new DrachtioReinvite(this.#context, [req, res, message], awaitAck, () => {
      this.#peerInvite = undefined
    })
    this.#peerInvite = reinvite
    // While the re-INVITE is pending, the library emits the UPDATEs of this call on it, and answers 500 without a listener.
    this.#context.connection.onUpdate(req, (update, response, received) => {
      this.receive(update, response, received)
    })
    this.#events.reinvite(reinvite)
  }

  #acknowledged(message: Request, req: Srf.Req): void {
    const cseq = message.cseq?.number ?? 0
    const ack = new ReceivedRequest(message, originOf(req, message))
    const onAck = this.#awaited.get(cseq)
    this.#awaited.delete(cseq)
    if (cseq === this.#initialCSeq && this.#awaitsAck) {
      this.#awaitsAck = false
      this.#heldBye?.()
      if (!this.#ended) this.#events.ack?.(ack)
    } else {
      onAck?.(ack)
    }
  }

  #byeCame(req: Srf.Req, res: Srf.Res, message: Request): void {
    if (req.source === 'application') {
      this.#forget()
      this.#awaitsAck = false
      this.#heldBye?.()
      this.#stackEnded(reasonOf(message))
      return
    }
    new DrachtioRequest(this.#context, req, res, message).respond(200)
    this.endedByPeer(new ReceivedRequest(message, originOf(req, message)))
  }

  #send(method: string, options: SendOptions): Promise<SipResponse> {
    return new Promise((resolve) => {
      const isInvite = method === 'INVITE'
      const shape = {
        ...{ method, callId: this.callId, dialogId: this.#id, lines: isInvite ? inviteCapabilities : [] },
        // The server keeps the first Contact as its target.
        ...(this.#state.remoteTarget !== this.#initialTarget && { uri: this.remoteTarget }),
        ...this.#authorization(method),
      }
      const request = new OutgoingRequest(this.#context, this.socket, shape, options, {
        final: (response, received) => {
          this.#pending.delete(request)
          if (isInvite) this.#isReinviting = false
          if (!response.local) this.#heardAt = this.#context.clock.now()
          if (received) this.#answered(method, response, received)
          resolve(response)
          this.#endIfGone(method, response)
        },
        update: (req, res, received) => {
          this.receive(req, res, received)
        },
        // A re-INVITE that ended with its dialog: no user acknowledges its 2xx.
        late: (_response, { ack }) => {
          ack(outgoing())
        },
      })
      if (method !== 'BYE') this.#pending.set(request, method)
      request.send()
    })
  }

  /** Credentials for the challenges that the peer has sent. Only the server knows the address of a next hop that is a name. */
  #authorization(method: string): Pick<RequestShape, 'authorization' | 'authorized'> {
    if (!this.#digest) return {}
    const { requestUri, nextHop } = routeOf(this.#state)
    const authorization = new RequestAuthorization(this.#digest, nextHop)
    const address = parseSipUri(nextHop)?.host ?? ''

    return { authorization, authorized: authorization.preemptive({ method, uri: requestUri }, address) }
  }

  #answered(method: string, { status }: SipResponse, { ack, message }: DrachtioResponse): void {
    if (!isSuccess(status) || !targetRefreshers.has(method)) return
    refreshTarget(this.#state, message)
    if (method === 'INVITE') this.#ack = ack
  }

  #endIfGone(method: string, { status, local }: SipResponse): void {
    if (!endsDialog(method, status) || this.#ended) return
    this.#context.guard.run(() => this.bye())
    this.#events.ended({
      by: 'stack',
      reason: local && !this.#context.connection.isUp(this.socket) ? 'connection_lost' : 'refused',
    })
  }

  #stackEnded(reason: SipEndReason): void {
    if (this.#ended) return
    this.#end()
    this.#events.ended({ by: 'stack', reason })
  }

  #end(): void {
    this.#ended = true
    this.#awaited.clear()
    // The server does not tell how these end (RFC 3261 15.1.2 for the peer's).
    for (const [request, method] of [...this.#pending]) request.settle(method === 'INVITE' ? 487 : 481)
    this.#peerInvite?.respond(487)
  }

  #forget(): void {
    const { dialogs, late } = this.#context
    if (dialogs.get(this.#id) !== this) return
    dialogs.delete(this.#id)
    if (this.#hasSentRefer) late.add(this.#id, this)
  }

  #local(status: number): Promise<SipResponse> {
    return Promise.resolve(new LocalResponse(status, this.callId))
  }
}

function unbracketed(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/** The reason for which the server sent a BYE by itself. */
function reasonOf(bye: Request): SipEndReason {
  const reason = bye.header('Reason') ?? ''
  if (reason.includes('ACK timeout')) return 'ack_timeout'
  if (reason.includes('Session timer expired')) return 'session_expired'

  return reason.includes('onnection lost') ? 'connection_lost' : 'refused'
}

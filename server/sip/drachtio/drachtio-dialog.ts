import { isIP, type Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import {
  type DigestSession,
  type Message,
  parseSipUri,
  type Request,
  RequestAuthorization,
  requestRoute,
  speaksFor,
} from '../../../engine/index.ts'
import { ReceivedRequest } from '../received.ts'
import type { SipDialog, SipDialogEnd, DialogEvents, SendOptions, SipRequest, SipResponse } from '../stack.ts'
import { decode } from '../text.ts'
import { inviteCapabilities, optionsCapabilities, tooShortSession, unsupported } from './capabilities.ts'
import { DrachtioReinvite, DrachtioRequest, originOf } from './drachtio-request.ts'
import { LocalResponse } from '../local-response.ts'
import { OutgoingRequest, type RequestShape, type DrachtioResponse } from './drachtio-outgoing-request.ts'
import { outgoing, hasHost } from './outgoing-text.ts'
import type { RequestReceiver, AdapterContext } from './adapter-context.ts'

interface DialogParts {
  /** The server's id of it. */
  id: string
  callId: string
  localTag: string
  remoteTag: string
  remoteTarget: string
  /** The address that its INVITE, or its 2xx to ours, came from. */
  peer: string
  /** Route values of our requests, in order. */
  routeSet: readonly string[]
  /** Answers the peer's challenges to our requests. */
  digest: DigestSession | undefined
  socket: Socket
  /** The CSeq of the peer's INVITE, if that made it. */
  initial?: number
  /** Sends the ACK of the 2xx that made it, if that is due. */
  ack?: Srf.Acknowledge
}

/** How long after the end of a call a NOTIFY of our REFER is still heard. Milliseconds. */
const lateNotifyGraceMs = 2000

// RFC 3261 12.2.1.2, as RFC 5057 5.1 narrows it: these speak for the dialog.
const targetRefreshers = new Set(['INVITE', 'UPDATE'])

/** A dialog as the port has it. The server keeps its route set, its CSeq and its timers; order and target are kept here, too. */
export class DrachtioDialog implements SipDialog, RequestReceiver {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  readonly socket: Socket
  readonly #context: AdapterContext
  readonly #events: DialogEvents
  readonly #id: string
  readonly #initialTarget: string
  readonly #initial: number | undefined
  readonly #peer: string
  readonly #routeSet: readonly string[]
  readonly #digest: DigestSession | undefined
  readonly #pending = new Map<OutgoingRequest, string>()
  /** Who waits for the ACK of a re-INVITE, by its CSeq. */
  readonly #awaited = new Map<number, (ack: SipRequest) => void>()
  #remoteTarget: string
  #remoteCSeq: number | undefined
  #ack: Srf.Acknowledge | undefined
  #isReinviting = false
  #peerInvite: DrachtioReinvite | undefined
  /** Until the ACK of our 2xx no BYE may go out (RFC 3261 15): this sends the one that waits. */
  #heldBye: (() => void) | undefined
  #awaitsAck: boolean
  #hasSentRefer = false
  /** Whether the log has told of a stranger's request. */
  #hasWarned = false
  #ended = false
  #heardAt: number

  constructor(context: AdapterContext, parts: DialogParts, events: DialogEvents) {
    this.#context = context
    this.#events = events
    this.#id = parts.id
    this.callId = parts.callId
    this.localTag = parts.localTag
    this.remoteTag = parts.remoteTag
    this.socket = parts.socket
    this.#initialTarget = parts.remoteTarget
    this.#remoteTarget = parts.remoteTarget
    this.#initial = parts.initial
    this.#peer = parts.peer
    this.#routeSet = parts.routeSet
    this.#digest = parts.digest
    this.#remoteCSeq = parts.initial
    this.#ack = parts.ack
    this.#awaitsAck = parts.initial !== undefined
    this.#heardAt = context.clock.now()
    context.dialogs.set(parts.id, this)
  }

  get remoteTarget(): string {
    return this.#remoteTarget
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
    // RFC 3261 14.1, which neither the server nor the library minds.
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
    // What the peer has accepted must be acknowledged before it is ended, or it repeats its 2xx for ever.
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
   * Tags can be overheard: what changes a call is taken from its peer alone. The server has ended a dialog whose BYE comes
   * before it asks anybody: to refuse that BYE would leave a call that neither side could end.
   */
  #isOfPeer({ source, source_address }: Srf.Req, { method }: Request): boolean {
    const { sources } = this.#context
    if (!sources?.checksPeers || source !== 'network' || method === 'BYE') return true
    const from = unbracketed(source_address)
    const { nextHop } = requestRoute(this.#remoteTarget, this.#routeSet)
    const known = [this.#peer, parseSipUri(this.#remoteTarget)?.host ?? '', parseSipUri(nextHop)?.host ?? '']

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
    else if (this.#isOutOfOrder(method, cseq)) {
      request().respond(500, { reason: 'CSeq Is Lower Than Before' })
    } else {
      this.#remoteCSeq = Math.max(cseq, this.#remoteCSeq ?? 0)
      if (method === 'INVITE') this.#reinviteCame(req, res, message)
      // RFC 3262: the server has matched it.
      else if (method === 'PRACK') request().respond(200)
      // A peer asks whether its dialog is alive, or what its user agent can do: ours, and not that of the other leg.
      else if (method === 'OPTIONS') request().respond(200, { headers: optionsCapabilities })
      else {
        if (method === 'UPDATE') this.#refreshTarget(message)
        this.#events.request(request())
      }
    }
  }

  /** Some transferees number the NOTIFYs of a REFER by themselves, and not in the space of the dialog (RFC 3261 12.2.2). */
  #isOutOfOrder(method: string, cseq: number): boolean {
    if (method === 'NOTIFY' && this.#hasSentRefer) return false

    return this.#remoteCSeq !== undefined && cseq < this.#remoteCSeq
  }

  /** RFC 3261 14.2: one at a time, which the server does not see to. */
  #reinviteCame(req: Srf.Req, res: Srf.Res, message: Request): void {
    if (this.#peerInvite || this.#isReinviting) {
      const refusal = new DrachtioRequest(this.#context, req, res, message)
      if (this.#peerInvite) refusal.respond(500, { headers: [['Retry-After', String(Math.floor(Math.random() * 11))]] })
      else refusal.respond(491)
      return
    }
    this.#refreshTarget(message)
    const cseq = message.cseq?.number ?? 0
    const awaitAck = (onAck: (ack: SipRequest) => void): void => {
      this.#awaited.set(cseq, onAck)
    }
    const reinvite = new DrachtioReinvite(this.#context, [req, res, message], awaitAck, () => {
      this.#peerInvite = undefined
    })
    this.#peerInvite = reinvite
    // While it waits, the library hands it the UPDATEs of this call, and answers 500 when nobody listens.
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
    if (cseq === this.#initial && this.#awaitsAck) {
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
        // The server remembers the first Contact alone, unless it is told.
        ...(this.#remoteTarget !== this.#initialTarget && { uri: this.#remoteTarget }),
        ...this.#authorization(method),
      }
      const request = new OutgoingRequest(this.#context, this.socket, shape, options, {
        final: (response, way) => {
          this.#pending.delete(request)
          if (isInvite) this.#isReinviting = false
          if (!response.local) this.#heardAt = this.#context.clock.now()
          if (way) this.#answered(method, response, way)
          resolve(response)
          this.#endIfGone(method, response)
        },
        update: (req, res, received) => {
          this.receive(req, res, received)
        },
        // A re-INVITE that ended with its dialog: nobody else acknowledges its 2xx.
        late: (_response, { ack }) => {
          ack(outgoing())
        },
      })
      if (method !== 'BYE') this.#pending.set(request, method)
      request.send()
    })
  }

  /** What is known of the peer's challenges. The address of a next hop that is a name is the server's to know. */
  #authorization(method: string): Pick<RequestShape, 'authorization' | 'authorized'> {
    if (!this.#digest) return {}
    const { requestUri, nextHop } = requestRoute(this.#remoteTarget, this.#routeSet)
    const authorization = new RequestAuthorization(this.#digest, nextHop)
    const address = parseSipUri(nextHop)?.host ?? ''

    return { authorization, authorized: authorization.preemptive({ method, uri: requestUri }, address) }
  }

  #answered(method: string, { status }: SipResponse, { ack, message }: DrachtioResponse): void {
    if (status >= 300 || !targetRefreshers.has(method)) return
    this.#refreshTarget(message)
    if (method === 'INVITE') this.#ack = ack
  }

  #endIfGone(method: string, { status, local }: SipResponse): void {
    const isGone = status === 481 || status === 408
    if (!targetRefreshers.has(method) || !isGone || this.#ended) return
    this.#context.guard.run(() => this.bye())
    this.#events.ended({
      by: 'stack',
      reason: local && !this.#context.connection.isUp(this.socket) ? 'connection_lost' : 'refused',
    })
  }

  #stackEnded(reason: (SipDialogEnd & { by: 'stack' })['reason']): void {
    if (this.#ended) return
    this.#end()
    this.#events.ended({ by: 'stack', reason })
  }

  #end(): void {
    this.#ended = true
    this.#awaited.clear()
    // The server would never tell how these end (RFC 3261 15.1.2 for the peer's).
    for (const [request, method] of [...this.#pending]) request.settle(method === 'INVITE' ? 487 : 481)
    this.#peerInvite?.respond(487)
  }

  #forget(): void {
    const { dialogs, late, clock } = this.#context
    if (dialogs.get(this.#id) !== this) return
    dialogs.delete(this.#id)
    if (!this.#hasSentRefer) return
    late.set(this.#id, this)
    clock.after(lateNotifyGraceMs, () => late.delete(this.#id))
  }

  #refreshTarget(message: Message): void {
    const uri = message.contact?.uri
    if (uri !== undefined && hasHost(uri)) this.#remoteTarget = decode(uri)
  }

  #local(status: number): Promise<SipResponse> {
    return Promise.resolve(new LocalResponse(status, this.callId))
  }
}

function unbracketed(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/** Why the server sent a BYE by itself, in its words. */
function reasonOf(bye: Request): (SipDialogEnd & { by: 'stack' })['reason'] {
  const reason = bye.header('Reason') ?? ''
  if (reason.includes('ACK timeout')) return 'ack_timeout'
  if (reason.includes('Session timer expired')) return 'session_expired'

  return reason.includes('onnection lost') ? 'connection_lost' : 'refused'
}

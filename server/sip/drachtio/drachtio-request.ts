import type { Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import { isSuccess, onOneLine, reasonPhrase, type Request, type Transport } from '../../../engine/index.ts'
import { ReceivedRequest } from '../received.ts'
import type { IncomingReinvite, IncomingRequest, SendOptions, SipRequest } from '../stack.ts'
import { responseCapabilities, outgoing } from './outgoing-text.ts'
import { transportOf } from './frame.ts'
import { fits, type CancellableInvite, type AdapterContext, type PendingRequest } from './adapter-context.ts'

/** A request that waits for its final response. */
export class DrachtioRequest implements IncomingRequest, PendingRequest {
  request: SipRequest
  readonly socket: Socket
  /** The request as the engine's parser reads it. */
  readonly message: Request
  protected readonly context: AdapterContext
  protected readonly req: Srf.Req
  readonly #res: Srf.Res
  #isAnswered = false

  constructor(context: AdapterContext, req: Srf.Req, res: Srf.Res, message: Request) {
    this.context = context
    this.req = req
    this.#res = res
    this.message = message
    this.socket = req.socket
    this.request = new ReceivedRequest(message, originOf(req, message))
    context.pendingRequests.add(this)
  }

  get isAnswered(): boolean {
    return this.#isAnswered
  }

  respond(status: number, options?: SendOptions): void {
    this.send(status, options)
  }

  connectionLost(): void {
    this.finished()
  }

  /** Nothing can be sent any more. */
  protected finished(): void {
    this.#isAnswered = true
    this.context.pendingRequests.delete(this)
  }

  /** `refused` is called when the server does not send the response: it has answered by itself, or has lost the request. */
  protected send(status: number, options: SendOptions = {}, refused?: () => void): void {
    if (this.#isAnswered) return
    if (status >= 200) this.finished()
    const { context, message } = this
    // A BYE that the server sent by itself has no answer.
    if (this.req.source === 'application' || !context.connection.isUp(this.socket)) return
    const sent = outgoing(options, [...responseCapabilities(message, status), ...product(context)])
    if (fits(context, `${status} to ${message.method}`, this.request.callId, sent)) {
      this.#transmit(status, options.reason, sent, refused)
    } else if (status >= 200) {
      this.#transmit(500, 'Response Too Large', { headers: {} }, refused)
    }
  }

  /** `res.send` throws at any status that the library does not know. */
  #transmit(status: number, reason: string | undefined, sent: Srf.Outgoing, refused?: () => void): void {
    const res = this.#res
    res.status = status
    res.reason = reason === undefined ? reasonPhrase(status) : onOneLine(reason)
    this.context.connection.agent.sendResponse(res, sent, (error) => {
      if (error && refused) this.context.deliveries.deliver(refused)
    })
  }
}

/** A re-INVITE. */
export class DrachtioReinvite extends DrachtioRequest implements IncomingReinvite, CancellableInvite {
  onCancel: () => void = () => undefined
  readonly #awaitAck: (onAck: (ack: SipRequest) => void) => void
  readonly #over: () => void

  /** `over` is called with the final response. `awaitAck` keeps the function that takes the ACK of our 2xx. */
  constructor(
    context: AdapterContext,
    [req, res, message]: [Srf.Req, Srf.Res, Request],
    awaitAck: (onAck: (ack: SipRequest) => void) => void,
    over: () => void,
  ) {
    super(context, req, res, message)
    this.#awaitAck = awaitAck
    this.#over = over
    context.invites.set(req.stackTxnId, this)
  }

  override respond(status: number, options?: SendOptions, onAck?: (ack: SipRequest) => void): void {
    if (onAck && isSuccess(status) && !this.isAnswered) this.#awaitAck(onAck)
    super.respond(status, options)
  }

  /** The server has answered 487. */
  cancelled(): void {
    if (this.isAnswered) return
    this.finished()
    this.onCancel()
  }

  protected override finished(): void {
    super.finished()
    this.context.invites.delete(this.req.stackTxnId)
    this.#over()
  }
}

/** The source of a request. */
export function originOf(req: Srf.Req, { via }: Request) {
  return {
    transport: transportOf(req.protocol) ?? transportOf(via?.transport) ?? ('udp' satisfies Transport),
    remote: { address: req.source_address, port: req.source_port },
  }
}

function product({ userAgent }: AdapterContext): [string, string][] {
  return [['Server', userAgent]]
}

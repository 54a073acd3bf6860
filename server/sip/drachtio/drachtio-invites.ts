import type { Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import {
  DigestSession,
  randomToken,
  type Request,
  remoteTargetIn,
  RequestAuthorization,
  requestUriOf,
  uacDialog,
  uasDialog,
} from '../../../engine/index.ts'
import { deferRequest } from '../defer-request.ts'
import { EndedDialog, LocalResponse } from '../local-response.ts'
import { ReceivedRequest } from '../received.ts'
import type {
  SipDialog,
  DialogEvents,
  DialogOptions,
  IncomingInvite,
  SendOptions,
  SipRequest,
  InviteEvents,
  InviteOptions,
  OutgoingInvite,
  SipResponse,
} from '../stack.ts'
import { decode, encodeCredentials, encodeLine } from '../text.ts'
import { DrachtioDialog } from './drachtio-dialog.ts'
import { DrachtioRequest, originOf } from './drachtio-request.ts'
import type { CancellableInvite, AdapterContext } from './adapter-context.ts'
import { inviteCapabilities, outgoing, type OutgoingHeaders, requestUri } from './outgoing-text.ts'
import {
  OutgoingRequest,
  type OutgoingUser,
  type RequestShape,
  type DrachtioResponse,
} from './drachtio-outgoing-request.ts'
import { transportOf } from './frame.ts'

/** An INVITE that begins a call. */
export class DrachtioInvite extends DrachtioRequest implements IncomingInvite, CancellableInvite {
  onCancel: (cancel?: SipRequest) => void = () => undefined
  onUnacknowledged: () => void = () => undefined
  readonly #localTag = randomToken()
  #dialog: DrachtioDialog | undefined

  constructor(context: AdapterContext, req: Srf.Req, res: Srf.Res, message: Request) {
    super(context, req, res, message)
    // The tag is made here, so that the dialog is known before the server reports that the 2xx has been sent.
    res.headers.to = `${res.headers.to ?? ''};tag=${this.#localTag}`
    context.invites.set(req.stackTxnId, this)
    // Until the final response, the library emits the UPDATEs of this call on the INVITE (RFC 3311 5.2).
    context.connection.onUpdate(req, (update, response, received) => {
      deferRequest(new DrachtioRequest(context, update, response, received))
    })
  }

  progress(status: number, options?: SendOptions): void {
    this.respond(status, options)
  }

  accept(options: DialogOptions, events: DialogEvents): SipDialog {
    const { message, req, context, socket } = this
    const { credentials } = options
    const { transport } = originOf(req, message)
    const state = uasDialog(message, this.#localTag, transport)
    const callId = decode(state.callId)
    if (this.isAnswered) return new EndedDialog(state, new LocalResponse(481, callId))
    const dialog = new DrachtioDialog(
      context,
      {
        // drachtio-server's own name for a dialog, which it never changes.
        id: `${callId};from-tag=${decode(state.remoteTag)}`,
        state,
        socket,
        peer: req.source_address,
        digest: credentials && new DigestSession(encodeCredentials(credentials)),
      },
      events,
    )
    this.#dialog = dialog
    this.send(200, options, () => {
      context.invites.delete(req.stackTxnId)
      dialog.refused()
    })

    return dialog
  }

  reject(status: number, options?: SendOptions): void {
    this.respond(status, options)
  }

  /** The server has answered 487 to the INVITE, and 200 to the CANCEL. */
  cancelled(cancel: Request): void {
    const request = new ReceivedRequest(cancel, originOf(this.req, cancel))
    this.context.invites.delete(this.req.stackTxnId)
    // Our 2xx has crossed the CANCEL, or waited for a PRACK: no dialog was ever confirmed.
    if (this.#dialog) this.#dialog.neverMade()
    else if (this.isAnswered) return
    else this.finished()
    this.onCancel(request)
  }

  override connectionLost(): void {
    const wasAnswered = this.isAnswered
    super.connectionLost()
    if (!wasAnswered) this.onCancel()
  }

  protected override finished(): void {
    super.finished()
    // A CANCEL may have crossed our 2xx.
    if (!this.#dialog) this.context.invites.delete(this.req.stackTxnId)
  }
}

/** An INVITE of ours that begins a call. */
export class DrachtioOutgoingInvite implements OutgoingInvite, OutgoingUser {
  readonly callId: string
  readonly #context: AdapterContext
  readonly #events: InviteEvents
  readonly #request: OutgoingRequest
  readonly #digest: DigestSession | undefined

  constructor(
    context: AdapterContext,
    socket: Socket,
    shape: RequestShape,
    options: InviteOptions,
    events: InviteEvents,
  ) {
    this.callId = shape.callId
    this.#context = context
    this.#events = events
    this.#digest = shape.authorization?.session
    this.#request = new OutgoingRequest(context, socket, shape, options, this)
    this.#request.send()
  }

  cancel(options?: SendOptions): void {
    this.#request.cancel(options)
  }

  trying(): void {
    if (!this.#request.isCancelled) this.#events.trying?.()
  }

  provisional(response: SipResponse): void {
    if (!this.#request.isCancelled) this.#events.progress(response)
  }

  retried(response: SipResponse): void {
    this.#events.retried?.(response)
  }

  final(response: SipResponse, received: DrachtioResponse | undefined): void {
    const { isCancelled } = this.#request
    if (received && response.status < 300) {
      const { message } = received
      const hasDialog = remoteTargetIn(message) !== undefined && message.toTag !== undefined
      if (!isCancelled && hasDialog) this.#accepted(response, received)
      else {
        this.late(response, received)
        // RFC 3261 12.1.2, 8.1.1.8: without a To tag and a Contact with a SIP URI there is no dialog.
        this.#events.failed(new LocalResponse(isCancelled ? 487 : 502, this.callId))
      }
      return
    }
    // A user that has cancelled gets 487, not a time-out.
    this.#events.failed(response.local && isCancelled ? new LocalResponse(487, this.callId) : response)
  }

  /** A 2xx that comes too late for its user is acknowledged and ended. */
  late(_response: SipResponse, received: DrachtioResponse): void {
    if (!this.#context.connection.isUp(this.#request.socket)) return
    received.ack(outgoing())
    this.#context.guard.run(async () => {
      // Otherwise the server sends the BYE itself, right after our ACK.
      if (!(await this.#request.cancelTaken())) await this.#dialog(received, noDialogEvents).bye()
    })
  }

  /** RFC 3311: an UPDATE in an early dialog, which the port's user does not have. */
  update(req: Srf.Req, res: Srf.Res, message: Request): void {
    deferRequest(new DrachtioRequest(this.#context, req, res, message))
  }

  #accepted(response: SipResponse, received: DrachtioResponse): void {
    this.#events.accepted(response, this.#dialog(received, this.#events.dialog, received.ack))
  }

  #dialog(
    { message, dialogId, source }: DrachtioResponse,
    events: DialogEvents,
    ack?: Srf.Acknowledge,
  ): DrachtioDialog {
    const { socket } = this.#request
    // The server keeps the target where the 2xx names none.
    const state = uacDialog(message, '', transportOf(message.via?.transport))

    return new DrachtioDialog(
      this.#context,
      { id: dialogId, state, socket, peer: source, digest: this.#digest, ack },
      events,
    )
  }
}

/** The parts of a request outside any dialog. */
export function shapeOf(method: string, uri: string, callId: string, options: InviteOptions): RequestShape {
  const { from, to, nextHop, maxForwards, credentials } = options
  const lines: [string, string][] = [
    ...(from === undefined ? [] : [['From', encodeLine(from)] as [string, string]]),
    // The server would write a Request-URI without the brackets that its parameters need.
    ['To', encodeLine(to ?? `<${requestUriOf(uri)}>`)],
    ['Call-ID', encodeLine(callId)],
    ...(maxForwards === undefined ? [] : [['Max-Forwards', String(maxForwards)] as [string, string]]),
  ]
  const capabilities: OutgoingHeaders = method === 'INVITE' ? inviteCapabilities : []
  const target = requestUri(uri.replace(/[\s\0-\x1f\x7f]+/g, ''), nextHop)

  return {
    ...{ method, callId, lines: [...lines, ...capabilities] },
    ...(target !== undefined && { uri: target }),
    authorization:
      credentials && new RequestAuthorization(new DigestSession(encodeCredentials(credentials)), nextHop ?? uri),
    ...(nextHop !== undefined && { nextHop: nextHop.replace(/[\s\0-\x1f\x7f|]+/g, '') }),
  }
}

/** For a dialog that ends as soon as it has begun. */
const noDialogEvents: DialogEvents = {
  request: (request) => {
    request.respond(481)
  },
  reinvite: (invite) => {
    invite.respond(481)
  },
  ended: () => undefined,
}

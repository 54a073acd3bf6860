import type { Socket } from 'node:net'
import {
  DigestSession,
  remoteTargetIn,
  type Request,
  RequestAuthorization,
  requestUriOf,
  type Response,
} from '../../../engine/index.ts'
import type Srf from 'drachtio-srf'
import { deferRequest } from '../defer-request.ts'
import type { DialogEvents, InviteEvents, InviteOptions, OutgoingInvite, SendOptions, SipResponse } from '../stack.ts'
import { decode, encodeCredentials, encodeLine } from '../text.ts'
import { inviteCapabilities } from './capabilities.ts'
import { DrachtioDialog } from './drachtio-dialog.ts'
import { DrachtioRequest } from './incoming-request.ts'
import { LocalResponse } from '../local-response.ts'
import { OutgoingRequest, type OutgoingUser, type Shape, type Way } from './outgoing-request.ts'
import { outgoing, type Lines } from './outgoing-text.ts'
import { requestUri } from './request-uri.ts'
import type { Site } from './site.ts'

/** An INVITE of ours that begins a call. */
export class DrachtioOutgoingInvite implements OutgoingInvite, OutgoingUser {
  readonly callId: string
  readonly #site: Site
  readonly #events: InviteEvents
  readonly #request: OutgoingRequest
  readonly #digest: DigestSession | undefined

  constructor(site: Site, socket: Socket, shape: Shape, options: InviteOptions, events: InviteEvents) {
    this.callId = shape.callId
    this.#site = site
    this.#events = events
    this.#digest = shape.authorization?.session
    this.#request = new OutgoingRequest(site, socket, shape, options, this)
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

  final(response: SipResponse, way: Way | undefined): void {
    const { isCancelled } = this.#request
    if (way && response.status < 300) {
      const { message } = way
      const hasDialog = remoteTargetIn(message) !== undefined && message.toTag !== undefined
      if (!isCancelled && hasDialog) this.#accepted(response, way)
      else {
        this.late(response, way)
        // RFC 3261 12.1.2, 8.1.1.8: without a To tag and a Contact with a SIP URI there is no dialog to talk in.
        this.#events.failed(new LocalResponse(isCancelled ? 487 : 502, this.callId))
      }
      return
    }
    // Who gave up is told that it was given up, not that nobody came to say so.
    this.#events.failed(response.local && isCancelled ? new LocalResponse(487, this.callId) : response)
  }

  /** Accepted when nobody waits for it any more: it is acknowledged and ended. */
  late(_response: SipResponse, way: Way): void {
    if (!this.#site.connection.isUp(this.#request.socket)) return
    way.ack(outgoing())
    this.#site.guard.run(async () => {
      // Otherwise the server sends the BYE itself, right after our ACK.
      if (!(await this.#request.cancelTaken())) await this.#dialog(way, silent).bye()
    })
  }

  /** RFC 3311: before there is a dialog that anybody here knows of. */
  update(req: Srf.Req, res: Srf.Res, message: Request): void {
    deferRequest(new DrachtioRequest(this.#site, req, res, message))
  }

  #accepted(response: SipResponse, way: Way): void {
    this.#events.accepted(response, this.#dialog(way, this.#events.dialog, way.ack))
  }

  #dialog({ message, dialogId, source }: Way, events: DialogEvents, ack?: Srf.Acknowledge): DrachtioDialog {
    const parts = partsOf(message)

    return new DrachtioDialog(
      this.#site,
      {
        ...{
          ...parts,
          id: dialogId,
          peer: source,
          callId: this.callId,
          socket: this.#request.socket,
          digest: this.#digest,
        },
        ...(ack && { ack }),
      },
      events,
    )
  }
}

function partsOf(message: Response) {
  return {
    localTag: decode(message.fromTag ?? ''),
    remoteTag: decode(message.toTag ?? ''),
    remoteTarget: decode(message.contact?.uri ?? ''),
    routeSet: message.list('Record-Route').reverse(),
  }
}

/** A request outside any dialog: who it is from and to, and where it goes. */
export function shapeOf(method: string, uri: string, callId: string, options: InviteOptions): Shape {
  const { from, to, nextHop, maxForwards, credentials } = options
  const lines: [string, string][] = [
    ...(from === undefined ? [] : [['From', encodeLine(from)] as [string, string]]),
    // The server would write a Request-URI without the brackets that its parameters need.
    ['To', encodeLine(to ?? `<${requestUriOf(uri)}>`)],
    ['Call-ID', encodeLine(callId)],
    ...(maxForwards === undefined ? [] : [['Max-Forwards', String(maxForwards)] as [string, string]]),
  ]
  const capabilities: Lines = method === 'INVITE' ? inviteCapabilities : []
  const target = requestUri(uri.replace(/[\s\0-\x1f\x7f]+/g, ''), nextHop)

  return {
    ...{ method, callId, lines: [...lines, ...capabilities] },
    ...(target !== undefined && { uri: target }),
    authorization:
      credentials && new RequestAuthorization(new DigestSession(encodeCredentials(credentials)), nextHop ?? uri),
    ...(nextHop !== undefined && { nextHop: nextHop.replace(/[\s\0-\x1f\x7f|]+/g, '') }),
  }
}

/** Of a dialog that is over before it begins. */
const silent: DialogEvents = {
  request: (request) => {
    request.respond(481)
  },
  reinvite: (invite) => {
    invite.respond(481)
  },
  ended: () => undefined,
}

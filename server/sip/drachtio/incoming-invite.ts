import type Srf from 'drachtio-srf'
import { DigestSession, randomToken, type Request } from '../../../engine/index.ts'
import { deferRequest } from '../defer-request.ts'
import { EndedDialog } from '../ended-dialog.ts'
import { ReceivedRequest } from '../received.ts'
import type { Dialog, DialogEvents, DialogOptions, IncomingInvite, SendOptions, SipRequest } from '../stack.ts'
import { decode, encodeCredentials } from '../text.ts'
import { DrachtioDialog } from './drachtio-dialog.ts'
import { DrachtioRequest, originOf } from './incoming-request.ts'
import { LocalResponse } from '../local-response.ts'
import type { Cancellable, Site } from './site.ts'

/** An INVITE that begins a call. */
export class DrachtioInvite extends DrachtioRequest implements IncomingInvite, Cancellable {
  onCancel: (cancel?: SipRequest) => void = () => undefined
  onUnacknowledged: () => void = () => undefined
  readonly #localTag = randomToken()
  #dialog: DrachtioDialog | undefined

  constructor(site: Site, req: Srf.Req, res: Srf.Res, message: Request) {
    super(site, req, res, message)
    // Of our choice, so that the dialog is known before the server says that the 2xx has been sent.
    res.headers.to = `${res.headers.to ?? ''};tag=${this.#localTag}`
    site.invites.set(req.stackTxnId, this)
    // Until we have answered, the library hands it the UPDATEs of this call (RFC 3311 5.2).
    site.connection.onUpdate(req, (update, response, received) => {
      deferRequest(new DrachtioRequest(site, update, response, received))
    })
  }

  progress(status: number, options?: SendOptions): void {
    this.respond(status, options)
  }

  accept(options: DialogOptions, events: DialogEvents): Dialog {
    const { message, req, site, socket } = this
    const { credentials } = options
    const parts = {
      callId: this.request.callId,
      localTag: this.#localTag,
      remoteTag: decode(message.fromTag ?? ''),
      remoteTarget: decode(message.contact?.uri ?? ''),
    }
    if (this.isAnswered) return new EndedDialog(parts, new LocalResponse(481, parts.callId))
    const dialog = new DrachtioDialog(
      site,
      // drachtio-server's own way to name a dialog, which it never changes.
      {
        ...{ ...parts, id: `${parts.callId};from-tag=${parts.remoteTag}`, socket, initial: message.cseq?.number ?? 0 },
        peer: req.source_address,
        routeSet: message.list('Record-Route'),
        digest: credentials && new DigestSession(encodeCredentials(credentials)),
      },
      events,
    )
    this.#dialog = dialog
    this.send(200, options, () => {
      site.invites.delete(req.stackTxnId)
      dialog.refused()
    })

    return dialog
  }

  reject(status: number, options?: SendOptions): void {
    this.respond(status, options)
  }

  /** The server has answered 487 to it, and 200 to the CANCEL. */
  cancelled(cancel: Request): void {
    const request = new ReceivedRequest(cancel, originOf(this.req, cancel))
    this.site.invites.delete(this.req.stackTxnId)
    // Our 2xx has met the CANCEL half-way, or waited for a PRACK, and lost: no dialog was ever confirmed.
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
    // One that was accepted may still turn out to have been cancelled.
    if (!this.#dialog) this.site.invites.delete(this.req.stackTxnId)
  }
}

import type { ClientRequest } from '../dialog/index.ts'
import type { Response } from '../message/index.ts'
import type { Leg } from './leg.ts'
import { Outgoing } from './outgoing.ts'
import { agreedByPeer } from '../dialog/session-timer.ts'
import { type RequestText, valueOf } from './sip-text.ts'

/** A request of a client's in one of its dialogs: what its responses mean to the leg. */
export class OutgoingInDialog extends Outgoing {
  readonly #leg: Leg
  readonly #method: string
  readonly #text: RequestText
  /** Made before the request could be announced. */
  #unsent: Response | undefined

  constructor(leg: Leg, method: string, text: RequestText) {
    super(leg.exchange, leg.client, leg.id)
    this.#leg = leg
    this.#method = method
    this.#text = text
  }

  /** `request` as it was sent; undefined when it could not be. */
  begin(frameId: string, request: ClientRequest | undefined): void {
    if (request) {
      if (this.#method === 'BYE') this.#leg.report?.stopped('normal-release', 'application', request.request)
      this.announce(frameId, request)
    } else if (this.#unsent) {
      this.announceUnsent(frameId, this.#method, this.#leg.dialog?.remoteTarget ?? '', this.#unsent)
    }
  }

  override response(response: Response): void {
    const { status } = response
    if (status >= 200) this.#finished(response)
    super.response(response)
  }

  override unanswered(response: Response): void {
    this.#unsent = response
    this.#finished(response)
    super.unanswered(response)
  }

  #finished(response: Response): void {
    const { status } = response
    if (this.#method === 'BYE') this.#released(status)
    else if (status < 300 && (this.#method === 'INVITE' || this.#method === 'UPDATE')) this.#refreshed(response)
    else if (this.#isLastNotify) this.#leg.drop()
  }

  /** A challenged BYE may come again with credentials; if it does not, the dialog is over all the same. */
  #released(status: number): void {
    const { dialog } = this.#leg
    if (status !== 401 && status !== 407) {
      this.#leg.remove()
      return
    }
    dialog?.resume()
    const { clock, timers } = this.exchange.core
    clock.after(64 * timers.t1, () => {
      if (dialog && !dialog.ended) this.#leg.drop()
    })
  }

  #refreshed(response: Response): void {
    this.#leg.noteLocalSdp(this.#text.body)
    const agreed = agreedByPeer(response, this.exchange.core.minSession)
    // An UPDATE that says nothing of timers leaves them as they are.
    if (agreed || this.#method === 'INVITE') this.#leg.keepAlive(agreed)
  }

  get #isLastNotify(): boolean {
    const state = valueOf(this.#text.headers, 'Subscription-State') ?? ''

    return this.#method === 'NOTIFY' && this.#leg.isSubscription && /^\s*terminated/i.test(state)
  }
}

import {
  agreedByPeer,
  type Dialog,
  type SessionAgreement,
  SessionTimer,
  type SessionTimerUser,
} from '../dialog/index.ts'
import type { Response } from '../message/index.ts'
import type { ServerContext } from './server-context.ts'

/** The dialog of a session. */
export interface SessionOwner {
  readonly context: ServerContext
  readonly sipDialog: Dialog | undefined
}

/** The session of an application's dialog: its local description, and the timer that keeps it alive (RFC 4028). */
export class ApplicationSession implements SessionTimerUser {
  readonly #owner: SessionOwner
  readonly #timer: SessionTimer
  #agreed: SessionAgreement | undefined
  #localSdp = ''

  constructor(owner: SessionOwner) {
    this.#owner = owner
    this.#timer = new SessionTimer(owner.context.core.clock, this)
  }

  /** Keeps the last session description that was sent, for refreshes. */
  noteLocalSdp(body: string): void {
    if (body.startsWith('v=0')) this.#localSdp = body
  }

  /** A 2xx has been sent to the peer's INVITE or UPDATE. An UPDATE without Session-Expires leaves the timer as it is. */
  accepted(method: string, agreed: SessionAgreement | undefined): void {
    if (agreed || method === 'INVITE') this.#start(agreed)
  }

  /** The peer's 2xx to an INVITE or UPDATE has come. */
  acceptedByPeer(method: string, response: Response): void {
    this.accepted(method, agreedByPeer(response, this.#minSession))
  }

  stop(): void {
    this.#timer.stop()
  }

  /** Sends a re-INVITE with the local description (RFC 4028 10); the application is not told. */
  refresh(): void {
    const { sipDialog } = this.#owner
    const agreed = this.#agreed
    if (!sipDialog || !agreed) return
    const headers: [string, string][] = [
      ['Session-Expires', `${agreed.expires};refresher=uac`],
      ['Min-SE', String(this.#minSession)],
    ]
    sipDialog.send(
      'INVITE',
      { headers, body: this.#localSdp },
      {
        response: (response) => {
          if (response.status < 200) return
          if (response.status >= 300) {
            this.#refused(response)
            return
          }
          sipDialog.ack()
          this.#start(agreedByPeer(response, this.#minSession) ?? agreed)
        },
        unanswered: (response) => {
          this.#refused(response)
        },
      },
    )
  }

  expired(): void {
    this.#owner.sipDialog?.endByStack('session_expired')
  }

  #start(agreed: SessionAgreement | undefined): void {
    this.#agreed = agreed
    this.#timer.start(agreed)
  }

  /** RFC 4028 10: after 408 and 481 the dialog is gone; after any other refusal the session lives to the end of its interval. */
  #refused(refusal: Response): void {
    const { status } = refusal
    const { sipDialog } = this.#owner
    if (!sipDialog || sipDialog.ended) return
    if (status === 408 || status === 481) sipDialog.endByStack('session_expired')
    else this.#timer.retry(refusal, sipDialog.initiatedBy)
  }

  get #minSession(): number {
    return this.#owner.context.core.minSession
  }
}

import { headerNames, type Request, type Response } from '../message/index.ts'
import type { RequestUser } from './client-request.ts'
import type { Dialog } from './dialog.ts'
import { agreedByPeer, agreeOnTimer, type SessionAgreement, SessionTimer, type SessionUser } from './session-timer.ts'

/** Keeps the session of one dialog alive by itself, and ends it when the peer no longer does (RFC 4028). */
export class SessionKeeper implements SessionUser {
  readonly #dialog: Dialog
  /** Made for the first session that is agreed to be kept alive. */
  #timer: SessionTimer | undefined
  #agreed: SessionAgreement | undefined
  #peerTakesUpdate = false

  constructor(dialog: Dialog) {
    this.#dialog = dialog
  }

  /** Agrees, in our 2xx to an INVITE or UPDATE, to what the peer asked for. */
  answer(request: Request, response: Response): void {
    if (!request.has(headerNames.sessionExpires)) {
      // 7.2: without it there is no timer any more.
      this.#start(undefined, request)
      return
    }
    const peerRefreshes = hasTag(request, 'Supported', 'timer')
    const { header, timer } = agreeOnTimer(request, response.entries(), peerRefreshes ? 'uac' : 'uas', this.#shortest)
    if (header !== undefined) response.add('Session-Expires', header)
    // 9: the peer must know that it is to refresh.
    if (timer?.refresher === 'peer' && peerRefreshes) response.add('Require', 'timer')
    this.#start(timer, request)
  }

  /** Takes what the peer's 2xx to an INVITE or UPDATE of ours agrees to. */
  agreed(response: Response): void {
    this.#start(agreedByPeer(response, this.#shortest), response)
  }

  /** Says in an INVITE or UPDATE of ours that the session goes on as agreed. */
  offer(request: Request): void {
    if (!this.#agreed || request.has(headerNames.sessionExpires)) return
    const { expires, refresher } = this.#agreed
    request.add('Session-Expires', `${expires};refresher=${refresher === 'us' ? 'uac' : 'uas'}`)
  }

  stop(): void {
    this.#timer?.stop()
  }

  expired(): void {
    this.#dialog.endByStack('session_expired')
  }

  get #shortest(): number {
    return this.#dialog.core.minSession
  }

  #start(agreed: SessionAgreement | undefined, message: Request | Response): void {
    this.#agreed = agreed
    if (agreed && message.has(headerNames.allow)) this.#peerTakesUpdate = hasTag(message, 'Allow', 'update')
    if (agreed) this.#timer ??= new SessionTimer(this.#dialog.core.clock, this)
    this.#timer?.start(agreed)
  }

  // 7.4: an UPDATE leaves the session description alone; a re-INVITE repeats the last one.
  refresh(): void {
    if (this.#dialog.ended || !this.#agreed) return
    const method = this.#peerTakesUpdate ? 'UPDATE' : 'INVITE'
    const user: RequestUser = {
      response: (response) => {
        const { status } = response
        if (status >= 200 && status < 300 && method === 'INVITE') this.#dialog.ack()
        else if (status >= 300) this.#refused(method, response)
      },
      unanswered: (response) => {
        this.#refused(method, response)
      },
    }
    this.#dialog.send(method, method === 'INVITE' ? { body: this.#dialog.localDescription } : {}, user)
  }

  /** RFC 4028 10. That the dialog is gone (408, 481) is for the dialog to judge, which ends it. */
  #refused(method: 'UPDATE' | 'INVITE', refusal: Response): void {
    const { status } = refusal
    if (this.#dialog.ended || status === 408 || status === 481) return
    if (method === 'UPDATE' && (status === 405 || status === 501)) {
      this.#peerTakesUpdate = false
      this.refresh()
    } else this.#timer?.retry(refusal)
  }
}

function hasTag(message: Request | Response, header: string, tag: string): boolean {
  return message.list(header).some((one) => one.toLowerCase() === tag)
}

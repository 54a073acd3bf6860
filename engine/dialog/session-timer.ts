import type { Clock, Timer } from '../clock/index.ts'
import { isSuccess, headerNames, Params, type Request, type Response } from '../message/index.ts'
import type { RequestUser } from './client-request.ts'
import type { Dialog } from './dialog.ts'

/** RFC 4028 4: the shortest session interval that anybody may ask for, in seconds. */
export const shortestSession = 90

/** A session that ends unless it is refreshed (RFC 4028). */
export interface SessionAgreement {
  /** Seconds. */
  expires: number
  refresher: 'us' | 'peer'
}

interface SessionExpires {
  expires: number
  refresher: string | undefined
}

/** The value of Session-Expires. Undefined when it is missing or malformed. */
export function parseSessionExpires(value: string | undefined): SessionExpires | undefined {
  if (value === undefined) return undefined
  const [, digits, rest] = /^\s*(\d{1,9})\s*(;.*)?$/.exec(value) ?? []
  if (digits === undefined) return undefined

  return {
    expires: Number(digits),
    refresher: Params.parse(rest ?? '')
      ?.get('refresher')
      ?.toLowerCase(),
  }
}

/** What our 2xx to a peer's INVITE or UPDATE agrees to; `header` is the Session-Expires to add to it, if any. */
export function agreeOnTimer(
  request: Request,
  headers: Iterable<readonly [name: string, value: string]>,
  defaultRefresher: 'none' | 'uac' | 'uas',
  shortest: number,
): { header?: string; timer?: SessionAgreement } {
  for (const [name, value] of headers) {
    const said = name === 'Session-Expires' ? parseSessionExpires(value) : undefined
    if (said) return { timer: agreement(said.expires, said.refresher === 'uas', shortest) }
  }
  const offered = parseSessionExpires(request.header(headerNames.sessionExpires))
  const refresher = offered?.refresher ?? (defaultRefresher === 'none' ? undefined : defaultRefresher)
  if (!offered || refresher === undefined) return {}

  return {
    header: `${offered.expires};refresher=${refresher}`,
    timer: agreement(offered.expires, refresher === 'uas', shortest),
  }
}

/** What a peer's 2xx to our INVITE agrees to: we refresh unless it says that it will. */
export function agreedByPeer(response: Response, shortest: number): SessionAgreement | undefined {
  const said = parseSessionExpires(response.header(headerNames.sessionExpires))

  return said && agreement(said.expires, said.refresher !== 'uas', shortest)
}

function agreement(expires: number, isOurs: boolean, shortest: number): SessionAgreement {
  return { expires: Math.max(expires, shortest), refresher: isOurs ? 'us' : 'peer' }
}

/** Who keeps a session alive. */
export interface SessionUser {
  refresh(): void
  expired(): void
}

/** A refresh that is sent later than this before the interval's end would hardly be answered in time. Milliseconds. */
const minAnswerTimeMs = 500

/**
 * How long after a refusal the session is refreshed again, with so much of its interval left: after a 491 as RFC 3261 14.1
 * says, otherwise after Retry-After where that is in time, or else in the middle of what is left. Undefined when no answer
 * would come in time any more. Milliseconds.
 */
function refreshRetryMs(refusal: Response, leftMs: number): number | undefined {
  const retryAfter = /^\s*(\d{1,9})/.exec(refusal.header('Retry-After') ?? '')?.[1]
  const wanted =
    refusal.status === 491
      ? 2100 + Math.random() * 1900
      : retryAfter === undefined
        ? Infinity
        : Math.max(Number(retryAfter) * 1000, minAnswerTimeMs)
  const delay = wanted <= leftMs - minAnswerTimeMs ? wanted : Math.max(leftMs / 2, minAnswerTimeMs)

  return delay < leftMs ? delay : undefined
}

/** The timer of one session (RFC 4028 10): it expires at the end of its interval, whoever refreshes it and whatever becomes of that. */
export class SessionTimer {
  readonly #clock: Clock
  readonly #user: SessionUser
  /** The next refresh, when it is ours to send. */
  #refresh: Timer | undefined
  /** The end of the interval; of a session that is ours to refresh, from the first try on. */
  #end: Timer | undefined
  #endsAt = 0

  constructor(clock: Clock, user: SessionUser) {
    this.#clock = clock
    this.#user = user
  }

  /** Begins anew; without an agreement there is none any more. */
  start(agreed: SessionAgreement | undefined): void {
    this.stop()
    if (!agreed) return
    const whole = agreed.expires * 1000
    if (agreed.refresher === 'peer') {
      this.#expireAfter(whole)
      return
    }
    // Not all at the same moment, when many calls began together.
    const mostJitter = Math.min(5000, whole / 10)
    const half = whole / 2 + Math.round((Math.random() * 2 - 1) * mostJitter)
    this.#refresh = this.#clock.after(half, () => {
      this.#expireAfter(whole - half)
      this.#user.refresh()
    })
  }

  /** A refresh was refused: the session lives on until its interval ends (RFC 4028 10), and is refreshed again before. */
  retry(refusal: Response): void {
    if (!this.#end) return
    const delay = refreshRetryMs(refusal, this.#endsAt - this.#clock.now())
    this.#refresh?.cancel()
    this.#refresh = delay === undefined ? undefined : this.#clock.after(delay, () => this.#user.refresh())
  }

  stop(): void {
    this.#refresh?.cancel()
    this.#end?.cancel()
    this.#refresh = this.#end = undefined
  }

  #expireAfter(ms: number): void {
    this.#endsAt = this.#clock.now() + ms
    this.#end = this.#clock.after(ms, () => {
      this.stop()
      this.#user.expired()
    })
  }
}

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
        if (isSuccess(status) && method === 'INVITE') this.#dialog.ack()
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

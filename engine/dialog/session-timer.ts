import { headerNames, isSuccess, Params, retryAfterSeconds, type Request, type Response } from '../message/index.ts'
import type { Clock, Timer } from '../clock/index.ts'
import type { Additions, Core, RequestUser } from './core.ts'
import { glareDelayMs, targetRefreshers } from './dialog-state.ts'

/** The shortest session interval that there may be, in seconds (RFC 4028 4). */
export const shortestSession = 90

/** A session that ends unless it is refreshed (RFC 4028). */
export interface SessionAgreement {
  /** Seconds. */
  expires: number
  refresher: 'us' | 'peer'
}

interface SessionExpires {
  expires: number
  refresher: 'uac' | 'uas' | undefined
}

/** The value of Session-Expires. Undefined when it is missing or malformed. A refresher other than uac and uas is none (RFC 4028 4). */
export function parseSessionExpires(value: string | undefined): SessionExpires | undefined {
  if (value === undefined) return undefined
  const [, digits, rest] = /^\s*(\d{1,9})\s*(;.*)?$/.exec(value) ?? []
  if (digits === undefined) return undefined

  const refresher = Params.parse(rest ?? '')
    ?.get('refresher')
    ?.toLowerCase()

  return { expires: Number(digits), refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined }
}

/** The headers of the 422 to a request with too short a session interval; undefined for any other request (RFC 4028 6). */
export function tooShortSession(request: Request, shortest: number): [name: string, value: string][] | undefined {
  if (!targetRefreshers.has(request.method)) return undefined
  const offered = parseSessionExpires(request.header(headerNames.sessionExpires))

  return offered && offered.expires < shortest ? [['Min-SE', String(shortest)]] : undefined
}

/** The headers of a request that goes out again after a 422, with the interval that its Min-SE asks for (RFC 4028 7.3). */
export function raisedInterval(refusal: Response, request: Request): [name: string, value: string][] | undefined {
  const least = refusal.status === 422 ? parseSessionExpires(refusal.header('Min-SE'))?.expires : undefined
  if (least === undefined) return undefined
  const offered = parseSessionExpires(request.header(headerNames.sessionExpires))
  const refresher = offered?.refresher === undefined ? '' : `;refresher=${offered.refresher}`

  return [
    ['Session-Expires', `${Math.max(least, offered?.expires ?? 0)}${refresher}`],
    ['Min-SE', String(least)],
  ]
}

/** The interval and refresher that our 2xx to a peer's INVITE or UPDATE agrees to; `header` is the Session-Expires to add to it, if any (RFC 4028 9). */
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

/** The interval and refresher that a peer's 2xx to our INVITE agrees to: we refresh unless the 2xx says that the peer does (RFC 4028 7.2). */
export function agreedByPeer(response: Response, shortest: number): SessionAgreement | undefined {
  const said = parseSessionExpires(response.header(headerNames.sessionExpires))

  return said && agreement(said.expires, said.refresher !== 'uas', shortest)
}

function agreement(expires: number, isOurs: boolean, shortest: number): SessionAgreement {
  return { expires: Math.max(expires, shortest), refresher: isOurs ? 'us' : 'peer' }
}

export interface SessionTimerUser {
  /** A refresh is due. */
  refresh(): void
  /** The session interval is over. */
  expired(): void
}

/** A refresh that is sent later than this before the interval's end would hardly be answered in time. */
const minAnswerTimeMs = 500
/** How far refreshes are spread around the middle of the interval, at most. */
const maxRefreshJitterMs = 5000
/** The sessions of all calls that a process takes up are refreshed within this. */
const maxResumeMs = 60_000

/**
 * How long after a refusal the session is refreshed again, with so much of its interval left: as the refusal says where that
 * is in time, or else in the middle of what is left. Undefined when no answer would come in time any more.
 */
function refreshRetryMs(refusal: Response, callIdOwner: 'us' | 'peer', leftMs: number): number | undefined {
  const wanted = requestedDelayMs(refusal, callIdOwner)
  const delay = wanted <= leftMs - minAnswerTimeMs ? wanted : Math.max(leftMs / 2, minAnswerTimeMs)

  return delay < leftMs ? delay : undefined
}

function requestedDelayMs(refusal: Response, callIdOwner: 'us' | 'peer'): number {
  if (refusal.status === 491) return glareDelayMs(callIdOwner)
  const seconds = retryAfterSeconds(refusal)

  return seconds === undefined ? Infinity : Math.max(seconds * 1000, minAnswerTimeMs)
}

/** The timer of one session (RFC 4028 10): it expires at the end of its interval, whether a refresh was refused or never came. */
export class SessionTimer {
  readonly #clock: Clock
  readonly #user: SessionTimerUser
  /** The next refresh, when it is ours to send. */
  #refresh: Timer | undefined
  /** The end of the interval; of a session that is ours to refresh, from the first try on. */
  #end: Timer | undefined
  #endsAt = 0

  constructor(clock: Clock, user: SessionTimerUser) {
    this.#clock = clock
    this.#user = user
  }

  /** Begins a new interval; without an agreement the session has no timer. */
  start(agreed: SessionAgreement | undefined): void {
    this.stop()
    if (!agreed) return
    const whole = agreed.expires * 1000
    if (agreed.refresher === 'peer') {
      this.#expireAfter(whole)
      return
    }
    // Calls that began together are not refreshed at the same moment.
    const jitter = Math.min(maxRefreshJitterMs, whole / 10)
    const half = whole / 2 + Math.round((Math.random() * 2 - 1) * jitter)
    this.#refresh = this.#clock.after(half, () => {
      this.#expireAfter(whole - half)
      this.#user.refresh()
    })
  }

  /** Begins an interval whose last refresh is not known: ours is sent within `maxResumeMs`, spread over all sessions. */
  resume(agreed: SessionAgreement): void {
    this.start(agreed)
    if (agreed.refresher === 'peer') return
    this.#refresh?.cancel()
    const whole = agreed.expires * 1000
    this.#refresh = this.#clock.after(Math.random() * Math.min(maxResumeMs, whole / 4), () => {
      this.#expireAfter(whole / 2)
      this.#user.refresh()
    })
  }

  /** A refresh was refused: the session lives on until its interval ends (RFC 4028 10), and is refreshed again before. */
  retry(refusal: Response, callIdOwner: 'us' | 'peer'): void {
    if (!this.#end) return
    const delay = refreshRetryMs(refusal, callIdOwner, this.#endsAt - this.#clock.now())
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

/** The dialog of a session that is kept alive. */
export interface SessionDialog {
  readonly core: Pick<Core, 'clock' | 'minSession'>
  readonly ended: boolean
  /** The side whose INVITE made the dialog, and its Call-ID. */
  readonly initiatedBy: 'us' | 'peer'
  /** The session description that we sent last. */
  readonly localDescription: string
  send(method: string, options: Additions, user: RequestUser): unknown
  ack(): unknown
  endByStack(reason: 'session_expired'): void
}

/** Keeps the session of one dialog alive, and ends the dialog when the peer no longer refreshes it (RFC 4028). */
export class SessionKeeper implements SessionTimerUser {
  readonly #dialog: SessionDialog
  /** Made for the first session that has a timer. */
  #timer: SessionTimer | undefined
  #agreed: SessionAgreement | undefined
  #peerAllowsUpdate = false

  constructor(dialog: SessionDialog) {
    this.#dialog = dialog
  }

  /** Agrees in our 2xx to the session interval of the peer's INVITE or UPDATE. */
  answer(request: Request, response: Response): void {
    if (!request.has(headerNames.sessionExpires)) {
      // RFC 4028 9: a 2xx without Session-Expires ends the session timer.
      this.#start(undefined, request)
      return
    }
    const peerRefreshes = hasTag(request, 'Supported', 'timer')
    const { header, timer } = agreeOnTimer(request, response.entries(), peerRefreshes ? 'uac' : 'uas', this.#shortest)
    if (header !== undefined) response.add('Session-Expires', header)
    // RFC 4028 9: Require tells the peer that it is the refresher.
    if (timer?.refresher === 'peer' && peerRefreshes) response.add('Require', 'timer')
    this.#start(timer, request)
  }

  /** Takes the session interval of the peer's 2xx to our INVITE or UPDATE. */
  agreed(response: Response): void {
    this.#start(agreedByPeer(response, this.#shortest), response)
  }

  /** Puts the agreed session interval into our INVITE or UPDATE. */
  offer(request: Request): void {
    if (!this.#agreed || request.has(headerNames.sessionExpires)) return
    const { expires, refresher } = this.#agreed
    request.add('Session-Expires', `${expires};refresher=${refresher === 'us' ? 'uac' : 'uas'}`)
  }

  stop(): void {
    this.#timer?.stop()
  }

  /** The session as the next process needs it. */
  get kept(): (SessionAgreement & { byUpdate: boolean }) | undefined {
    return this.#agreed && { ...this.#agreed, byUpdate: this.#peerAllowsUpdate }
  }

  /** Goes on with a session of the process before. A refresh that is ours is due soon, since the last one may be long ago. */
  restore(kept: SessionKeeper['kept']): void {
    if (!kept) return
    const { expires, refresher, byUpdate } = kept
    this.#agreed = { expires, refresher }
    this.#peerAllowsUpdate = byUpdate
    this.#timer = new SessionTimer(this.#dialog.core.clock, this)
    this.#timer.resume(this.#agreed)
  }

  expired(): void {
    this.#dialog.endByStack('session_expired')
  }

  get #shortest(): number {
    return this.#dialog.core.minSession
  }

  #start(agreed: SessionAgreement | undefined, message: Request | Response): void {
    this.#agreed = agreed
    if (agreed && message.has(headerNames.allow)) this.#peerAllowsUpdate = hasTag(message, 'Allow', 'update')
    if (agreed) this.#timer ??= new SessionTimer(this.#dialog.core.clock, this)
    this.#timer?.start(agreed)
  }

  // RFC 4028 7.4: an UPDATE leaves the session description alone; a re-INVITE repeats the last one.
  refresh(): void {
    if (this.#dialog.ended || !this.#agreed) return
    const method = this.#peerAllowsUpdate ? 'UPDATE' : 'INVITE'
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

  /** RFC 4028 10. After 408 and 481 the dialog ends itself. */
  #refused(method: 'UPDATE' | 'INVITE', refusal: Response): void {
    const { status } = refusal
    if (this.#dialog.ended || status === 408 || status === 481) return
    if (method === 'UPDATE' && (status === 405 || status === 501)) {
      this.#peerAllowsUpdate = false
      this.refresh()
    } else this.#timer?.retry(refusal, this.#dialog.initiatedBy)
  }
}

function hasTag(message: Request | Response, header: string, tag: string): boolean {
  return message.list(header).some((one) => one.toLowerCase() === tag)
}

import { headerNames, Params, type Request, type Response } from '../message/index.ts'
import type { Clock, Timer } from '../transaction/index.ts'

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

/** The timer of one session (RFC 4028 10). */
export class SessionTimer {
  readonly #clock: Clock
  readonly #user: SessionUser
  #timer: Timer | undefined

  constructor(clock: Clock, user: SessionUser) {
    this.#clock = clock
    this.#user = user
  }

  /** Begins anew; without an agreement there is none any more. */
  start(agreed: SessionAgreement | undefined): void {
    this.stop()
    if (!agreed) return
    const whole = agreed.expires * 1000
    // Not all at the same moment, when many calls began together.
    const most = Math.min(5000, whole / 10)
    const jitter = Math.round((Math.random() * 2 - 1) * most)
    this.#timer =
      agreed.refresher === 'us'
        ? this.#clock.after(whole / 2 + jitter, () => this.#user.refresh())
        : this.#clock.after(whole, () => this.#user.expired())
  }

  /** A refresh met another one: once more, after the time that RFC 3261 14.1 gives the owner of a Call-ID at most. */
  retry(): void {
    this.stop()
    this.#timer = this.#clock.after(2100 + Math.random() * 1900, () => this.#user.refresh())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}

import {
  isoTime,
  retryAfterSeconds,
  type Endpoint,
  type FailedResponse,
  type NextHopAddresses,
  type Target,
  type Transport,
} from '../../engine/index.ts'
import { causeOf, isOwnFault } from '../sip/local-response.ts'
import type { SipResponse } from '../sip/stack.ts'
import type { AddressHealth } from './address-health.ts'
import type { WatchedTarget } from './target.ts'

/** A target that gets no call now. */
export interface ClosedTarget {
  /** For people, such as `gateway sip:192.0.2.10 is down since 14:02 (no answer to OPTIONS)`. */
  readonly why: string
  /** An operator has taken it out: it gets no call, even where no other target is left. */
  readonly isTakenOut: boolean
  /** For the metrics. */
  readonly reason: 'target_down' | 'taken_out'
}

/** How calls use the targets. */
export interface TargetHealth {
  /** Why a URI is to be passed over; undefined when it may be called. */
  closed(uri: string): ClosedTarget | undefined
  /** A call is not sent to a URI, for this reason. */
  refused(uri: string, reason: string): void
  /** An INVITE is sent to a URI; undefined when the configuration does not name it. */
  begin(uri: string): TargetCall | undefined
}

/** @param now milliseconds since the epoch, by the clock of the target */
export function closedTarget(target: WatchedTarget, now: number): ClosedTarget | undefined {
  const { closedBecause } = target
  if (closedBecause === undefined) return undefined
  const { kind, uri, state, since, isTakenOut } = target
  const words = { half_open: 'being tried by another call', draining: 'draining', disabled: 'disabled' } as const
  const how = state in words ? words[state as keyof typeof words] : 'down'

  return {
    why: `${kind} ${uri} is ${how} since ${timeOf(since, now)} (${closedBecause})`,
    isTakenOut,
    reason: isTakenOut ? 'taken_out' : 'target_down',
  }
}

/** `14:02` of a moment, and its date when that is not today's, in UTC as all times of Baton. */
function timeOf(moment: number, now: number): string {
  const [text, today] = [isoTime(moment), isoTime(now)]
  const time = text.slice(11, 16)

  return text.slice(0, 10) === today.slice(0, 10) ? time : `${text.slice(0, 10)} ${time}`
}

/**
 * One call on a target, from its INVITE to its end: what it meets until then decides of the state of the address that it is
 * sent to.
 */
export class TargetCall implements NextHopAddresses {
  readonly #target: WatchedTarget
  /** Where the INVITE was sent last; undefined before the name has been looked up, unless there is only one address. */
  #address: AddressHealth | undefined
  /** The addresses of a name that the INVITE has been sent to. */
  #tried: AddressHealth[] | undefined
  #isTrial = false
  /** A long INVITE goes by TCP where the address is one of UDP (RFC 3261 18.1.1): a refusal of that says nothing. */
  #isDetour = false
  #hasEnded = false

  constructor(target: WatchedTarget) {
    this.#target = target
    target.calls += 1
    const { addresses } = target
    if (addresses.length === 1) this.#beginOn(addresses[0])
  }

  /** For the INVITE, where the target's host is a name; a host that is an address needs no choice. */
  get addresses(): NextHopAddresses | undefined {
    return this.#target.isNamed ? this : undefined
  }

  /** The addresses that are not down, or all where all are; none to which the INVITE has been sent. */
  choose(found: readonly Target[]): readonly Target[] {
    const target = this.#target
    target.resolved(found)
    const { addresses } = target
    const isAllDown = !addresses.some((each) => each.isOpen || this.#isTriedOn(each))

    return found.filter((at) => {
      const address = target.addressAt(at)
      if (!address || this.#tried?.includes(address)) return false

      return isAllDown || address.isOpen || this.#isTriedOn(address)
    })
  }

  sentTo(transport: Transport, { address, port }: Endpoint): void {
    const { addresses } = this.#target
    const exact = this.#target.addressAt({ transport, address, port })
    const found = exact ?? addresses.find(({ at }) => at?.address === address && at.port === port)
    if (!found) return
    this.#isDetour = !exact
    if (exact) (this.#tried ??= []).push(exact)
    if (found !== this.#address) this.#beginOn(found)
  }

  failed(response: FailedResponse): void {
    if (!this.#isDetour && !this.#hasEnded) this.#judge(response, false)
  }

  /** A provisional response beyond 100 has come. */
  heard(response: SipResponse): void {
    if (!this.#hasEnded) this.#noteAnswer(response)
  }

  /**
   * The final response to the INVITE, from 200 on. Busy, declined, not found and the like are the callee's: they show that the
   * target is well. @param isHeard whether any response has come before, 100 included
   */
  responded(response: SipResponse, isHeard: boolean): void {
    if (!this.#hasEnded) this.#judge(response, isHeard)
  }

  /** No response has come to the INVITE in time, not even 100. */
  silent(): void {
    if (!this.#hasEnded) this.#noteFailure('no response to INVITE')
  }

  /** Idempotent: the leg has ended, or was never up. */
  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#target.calls -= 1
    this.#endTrial()
  }

  #beginOn(address: AddressHealth | undefined): void {
    this.#endTrial()
    this.#address = address
    this.#isTrial = address?.begin() ?? false
  }

  #judge(response: FailedResponse, isHeard: boolean): void {
    const { status, local, reason } = response
    if (!local) {
      const retryAfterMs = status === 503 ? (retryAfterSeconds(response) ?? 0) * 1000 : 0
      if (retryAfterMs > 0) this.#noteFailure(`503 ${reason} with Retry-After: ${retryAfterMs / 1000}`, retryAfterMs)
      else this.#noteAnswer(response)
    } else if (status === 408 && !isHeard) this.#noteFailure('no response to INVITE')
    else if (status === 503 && !isOwnFault(response)) this.#noteFailure(causeOf(response) ?? 'no connection')
    else this.#endTrial()
  }

  #isTriedOn(address: AddressHealth): boolean {
    return this.#isTrial && address === this.#address
  }

  /** Where the INVITE was sent to no address, the response counts for all addresses of the name. */
  #noteAnswer({ status, reason }: FailedResponse): void {
    this.#isTrial = false
    const address = this.#address
    if (address?.isKnownWell === true) return
    const what = `${status} ${reason}`
    if (address) address.noteAnswer(what)
    else for (const each of this.#target.addresses) each.noteAnswer(what)
  }

  #noteFailure(what: string, retryAfterMs = 0): void {
    this.#isTrial = false
    if (this.#address) this.#address.noteFailure(what, retryAfterMs)
    else for (const each of this.#target.addresses) each.noteFailure(what, retryAfterMs)
  }

  #endTrial(): void {
    if (this.#isTrial) this.#address?.endTrial()
    this.#isTrial = false
  }
}

import { isSecure, type Clock, type Timer } from '../../engine/index.ts'
import { causeOf, isOwnFault } from '../sip/local-response.ts'
import type { SipResponse, SipStack } from '../sip/stack.ts'
import type { AddressHealth } from './address-health.ts'
import type { WatchedTarget } from './target.ts'
import { hopUri } from './targets.ts'
import { probeOfUses } from './target-use.ts'

/** The first OPTIONS of a target is sent within this time of the start, or within its interval. */
const maxFirstWaitMs = 10_000
/** Each wait is longer or shorter than the interval by up to this share of it, so that targets are not asked in unison. */
const jitter = 0.1
/**
 * A target that another Baton asks is asked here when no result has come from there for these shares of the interval: a little
 * more than the other Baton's longest wait.
 */
const othersWaitShare = 1.15
const othersJitterShare = 0.25
/** For this share of an interval after one Baton has asked, no other one does. */
const leaseShare = 0.85

export interface ProbesOptions {
  stack: Pick<SipStack, 'request' | 'resolve' | 'peerExpiry'>
  clock: Clock
  /** Seconds between two OPTIONS where a probe names no interval; 0: none. */
  usualInterval: number
  /** From 0 to below 1. */
  random: () => number
  /** Whether this Baton may ask the target at this interval, or another one has; without it, each is asked. */
  mayAsk?: (target: WatchedTarget, leaseMs: number) => Promise<boolean>
  /** Gets the results, once the target has them. */
  asked?: (target: WatchedTarget, results: readonly ProbeResult[], intervalMs: number) => void
}

/** Asks targets by OPTIONS whether they answer (RFC 3261 11), each at its interval. */
export class Probes {
  readonly #options: ProbesOptions
  readonly #timers = new Map<WatchedTarget, Timer>()
  readonly #asking = new Map<WatchedTarget, Promise<void>>()

  constructor(options: ProbesOptions) {
    this.#options = options
  }

  /** Follows a target that is new, or whose uses have changed. */
  watch(target: WatchedTarget): void {
    const { random, usualInterval } = this.#options
    const { interval, downAfter, upAfter, backOff } = probeOfUses(target.uses, usualInterval)
    const wasProbed = target.isProbed
    target.thresholds = { downAfter, upAfter, backOffMs: backOff * 1000 }
    target.isProbed = interval > 0
    if (interval === 0) this.forget(target)
    else if (!wasProbed) this.#askAfter(target, random() * Math.min(interval * 1000, maxFirstWaitMs))
  }

  /** Idempotent. */
  forget(target: WatchedTarget): void {
    this.#timers.get(target)?.cancel()
    this.#timers.delete(target)
  }

  /** Another Baton has asked a target, or is about to: it is asked here if no result comes from there. */
  postpone(target: WatchedTarget): void {
    const timer = this.#timers.get(target)
    if (!timer) return
    timer.cancel()
    this.#askAfter(target, this.#intervalMs(target) * (othersWaitShare + othersJitterShare * this.#options.random()))
  }

  /** Sends OPTIONS. Resolves once the target has noted its responses, or that none came in time. */
  probe(target: WatchedTarget): Promise<void> {
    const running = this.#asking.get(target)
    if (running) return running
    const asking = this.#probe(target).finally(() => this.#asking.delete(target))
    this.#asking.set(target, asking)

    return asking
  }

  #intervalMs(target: WatchedTarget): number {
    return probeOfUses(target.uses, this.#options.usualInterval).interval * 1000
  }

  #askAfter(target: WatchedTarget, ms: number): void {
    const timer = this.#options.clock.after(ms, () => {
      const intervalMs = this.#intervalMs(target)
      this.#askAfter(target, intervalMs * (1 - jitter + 2 * jitter * this.#options.random()))
      void this.#askInTurn(target, intervalMs)
    })
    this.#timers.set(target, timer)
  }

  async #askInTurn(target: WatchedTarget, intervalMs: number): Promise<void> {
    const { mayAsk } = this.#options
    if (mayAsk && !(await mayAsk(target, intervalMs * leaseShare))) this.postpone(target)
    else if (this.#timers.has(target)) await this.probe(target)
  }

  /** Each address that the target's name has is asked: a server of an SRV record may be down where another is up. */
  async #probe(target: WatchedTarget): Promise<void> {
    const found = target.isNamed ? await this.#options.stack.resolve(hopUri(target.uri)) : []
    target.resolved(found)
    const isByAddress = found.length > 0
    const asked = isByAddress ? target.addresses : target.addresses.slice(0, 1)
    const answers = await Promise.all(asked.map((address) => this.#ask(target, isByAddress ? address : undefined)))
    if (answers.every(({ isOwn }) => isOwn)) return
    const results = target.addresses.flatMap((address, i) => {
      const answer = answers[isByAddress ? i : 0]
      if (!answer || answer.isOwn) return []
      const { ok, what, seconds, clockAhead } = answer
      if (ok) address.rtt = seconds
      address.certificateExpiry = this.#expiryOf(address) ?? address.certificateExpiry
      address.clockAhead = clockAhead
      address.noteProbe(ok, what)

      return [{ address, ok, what }]
    })
    this.#options.asked?.(target, results, this.#intervalMs(target))
  }

  #expiryOf({ at }: AddressHealth): number | undefined {
    return at && isSecure(at.transport) ? this.#options.stack.peerExpiry?.(at) : undefined
  }

  /** @param address undefined where the stack finds it by itself */
  async #ask(target: WatchedTarget, address: AddressHealth | undefined): Promise<Answer> {
    const { stack, clock, usualInterval } = this.#options
    const { timeout, ok: okStatuses } = probeOfUses(target.uses, usualInterval)
    const sentAt = clock.now()
    const options = { address: address?.at, timeoutMs: timeout * 1000 }
    const response = await stack.request('OPTIONS', hopUri(target.uri), options)
    const seconds = (clock.now() - sentAt) / 1000
    const { local, status } = response
    const ok = !local && (okStatuses ? okStatuses.includes(status) : status !== 503)

    return {
      ...{ ok, seconds, what: resultText(response), isOwn: isOwnFault(response) },
      clockAhead: clockAheadOf(response, sentAt + seconds * 500),
    }
  }
}

/** What an address has answered, or that it has not. */
export interface ProbeResult {
  readonly address: AddressHealth
  readonly ok: boolean
  readonly what: string
}

interface Answer {
  ok: boolean
  what: string
  seconds: number
  /** The request could not be sent, whatever the target. */
  isOwn: boolean
  clockAhead: number | undefined
}

/** RFC 3261 20.17: the time at which the response was sent. @param at when that was, by our clock */
function clockAheadOf(response: SipResponse, at: number): number | undefined {
  const date = Date.parse(response.header('Date') ?? '')

  return Number.isNaN(date) ? undefined : (date - at) / 1000
}

function resultText(response: SipResponse): string {
  const { local, status, reason } = response
  if (!local) return `${status} ${reason} to OPTIONS`

  return status === 408 ? 'no answer to OPTIONS' : `OPTIONS could not be sent: ${causeOf(response) ?? 'no connection'}`
}

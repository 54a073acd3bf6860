import { performance, type EventLoopUtilization } from 'node:perf_hooks'

import type { Clock, Timer } from '../clock/index.ts'

/** Why there is no room for a new call: too many a second, an event loop that is late, or too many at once. */
export type OverloadReason = 'rate' | 'lag' | 'calls'

export interface BrakeOptions {
  /** New calls a second; 0 for no limit. */
  readonly rate: number
  /** The highest lag of the event loop, in milliseconds; 0 for no limit. */
  readonly lag: number
  /** Calls at once; 0 for no limit. */
  readonly calls: number
  /** Emergency numbers as dialled: calls to them are never refused. */
  readonly emergencyNumbers: readonly string[]
  readonly clock: Clock
  readonly random?: () => number
  /** Called at the first refusal of a burst. */
  readonly began?: (reason: OverloadReason) => void
  /** Called five seconds after the last refusal of a burst. */
  readonly ended?: (refused: number) => void
}

// RFC 3261 20.33: random, so that callers that were refused together do not return together.
const minRetryAfterSeconds = 5
const maxRetryAfterSeconds = 15
/** A burst of refusals ends after this time without one. */
const burstEndMs = 5000

/** Decides whether a new call is admitted. The caller decides how to refuse. */
export class OverloadBrake {
  /** Refusals by reason. */
  readonly counts = new Map<OverloadReason, number>()
  /** The lag of the event loop, in milliseconds. */
  lag: () => number = () => 0
  /** The number of calls. */
  calls: () => number = () => 0
  readonly #options: BrakeOptions
  readonly #numbers: ReadonlySet<string>
  #tokens: number
  #filled: number
  #burst = 0
  #lastRefusal = 0
  #timer: Timer | undefined

  constructor(options: BrakeOptions) {
    this.#options = options
    this.#numbers = new Set(options.emergencyNumbers)
    this.#tokens = options.rate
    this.#filled = options.clock.now()
  }

  /** Why a new call would be refused now; undefined while there is room. */
  get reason(): OverloadReason | undefined {
    const { rate, lag, calls } = this.#options
    if (lag > 0 && this.lag() > lag) return 'lag'
    if (calls > 0 && this.calls() >= calls) return 'calls'

    return rate > 0 && this.#room(rate) < 1 ? 'rate' : undefined
  }

  /** Emergency calls are always admitted. */
  isEmergencyCall(called: Called): boolean {
    return isEmergency(called, this.#numbers)
  }

  /** Counts an admitted call. */
  took(): void {
    const { rate } = this.#options
    if (rate > 0) this.#tokens = Math.max(0, this.#room(rate) - 1)
  }

  /** Counts a refused call. Returns the seconds for Retry-After. */
  refuse(reason: OverloadReason): number {
    const { clock, began } = this.#options
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1)
    this.#burst += 1
    this.#lastRefusal = clock.now()
    if (!this.#timer) {
      this.#watch()
      began?.(reason)
    }

    return this.retryAfter()
  }

  /** Random seconds for Retry-After. */
  retryAfter(): number {
    const { random = Math.random } = this.#options

    return minRetryAfterSeconds + Math.floor(random() * (maxRetryAfterSeconds - minRetryAfterSeconds + 1))
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** The tokens of the bucket, which holds the calls of one second. */
  #room(rate: number): number {
    const now = this.#options.clock.now()
    this.#tokens = Math.min(rate, this.#tokens + (Math.max(0, now - this.#filled) * rate) / 1000)
    this.#filled = now

    return this.#tokens
  }

  #watch(): void {
    const { clock, ended } = this.#options
    const left = this.#lastRefusal + burstEndMs - clock.now()
    this.#timer = clock.after(Math.max(1, left), () => {
      if (clock.now() - this.#lastRefusal < burstEndMs) {
        this.#watch()
        return
      }
      const refused = this.#burst
      this.#burst = 0
      this.#timer = undefined
      ended?.(refused)
    })
  }
}

/** The parts of a request that can mark an emergency call. */
export interface Called {
  /** The Request-URI. */
  readonly uri: string
  /** The URI of To: `urn:service:sos` may stand there alone, once a proxy has found out who answers it (RFC 6881 9). */
  readonly to: string | undefined
  /** The values of Resource-Priority. */
  readonly priorities: readonly string[]
}

// RFC 7135 for emergency services; RFC 4412 for the ets and wps namespaces of disaster relief.
const urgent = /(^|,)\s*(esnet|ets|wps)\.\d/i

/** Whether a call is an emergency call, which is never refused. `numbers` are as dialled, such as `112`. */
function isEmergency({ uri, to, priorities }: Called, numbers: ReadonlySet<string>): boolean {
  return (
    isEmergencyUri(uri, numbers) ||
    (to !== undefined && isEmergencyUri(to, numbers)) ||
    priorities.some((p) => urgent.test(p))
  )
}

function isEmergencyUri(uri: string, numbers: ReadonlySet<string>): boolean {
  // RFC 5031: `sos` and what is below it, such as `sos.fire`.
  if (/^urn:service:sos(\.|$)/i.test(uri)) return true
  const number = /^(?:sips?|tel):([^@:;?]*)/i.exec(uri)?.[1]

  // RFC 3966 5.1.1: visual separators do not count.
  return number !== undefined && numbers.has(number.replace(/[-.()]/g, ''))
}

const sampleIntervalMs = 50
// A busy loop still polls the system for events, which counts as idle time.
const busyUtilization = 0.98

/**
 * The lag of this process: the longer of a timer's delay and the time that the event loop has had no idle moment. The second
 * shows a queue of datagrams, which are read between timers that fire in time.
 */
export class LoopLag {
  /** Milliseconds. */
  lag = 0
  #busyFor = 0
  #last = 0
  #utilization: EventLoopUtilization | undefined
  #timer: NodeJS.Timeout | undefined

  start(): void {
    this.#last = performance.now()
    this.#utilization = performance.eventLoopUtilization()
    this.#timer ??= setInterval(() => this.#measure(), sampleIntervalMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.lag = 0
  }

  /** @param elapsed milliseconds since the last sample @param utilization share of them in which the loop was busy */
  sample(elapsed: number, utilization: number): void {
    this.#busyFor = utilization >= busyUtilization ? this.#busyFor + elapsed : 0
    this.lag = Math.max(elapsed - sampleIntervalMs, this.#busyFor)
  }

  #measure(): void {
    const now = performance.now()
    const utilization = performance.eventLoopUtilization()
    const { utilization: share } = performance.eventLoopUtilization(utilization, this.#utilization)
    this.sample(now - this.#last, share)
    this.#last = now
    this.#utilization = utilization
  }
}

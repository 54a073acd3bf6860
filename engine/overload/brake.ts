import type { Clock, Timer } from '../clock/index.ts'

/** Why there is no room for a new call: too many a second, an event loop that is late, or too many at once. */
export type OverloadReason = 'rate' | 'lag' | 'calls'

export interface BrakeOptions {
  /** New calls a second; 0 for as many as come. */
  readonly rate: number
  /** How late the event loop may be, in milliseconds; 0 for as late as it is. */
  readonly lag: number
  /** Calls at once; 0 for as many as there are. */
  readonly calls: number
  /** Numbers that are for help, as they are dialled: calls to them are never refused. */
  readonly emergencyNumbers: readonly string[]
  readonly clock: Clock
  readonly random?: () => number
  /** Once for each burst of refusals. */
  readonly began?: (reason: OverloadReason) => void
  /** Five seconds after the last refusal of a burst. */
  readonly ended?: (refused: number) => void
}

// RFC 3261 20.33: seconds. Spread, so that those who were refused at once do not come back at once.
const soonest = 5
const latest = 15
const quiet = 5000

/** Says whether there is room for one more new call. What is to be done with those that there is no room for is told by others. */
export class OverloadBrake {
  /** Refusals by reason. */
  readonly counts = new Map<OverloadReason, number>()
  /** How late the event loop is, in milliseconds. */
  lag: () => number = () => 0
  /** How many calls there are. */
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

  /** Emergency calls are taken whether or not there is room. */
  isEmergencyCall(called: Called): boolean {
    return isEmergency(called, this.#numbers)
  }

  /** A new call was taken. */
  took(): void {
    const { rate } = this.#options
    if (rate > 0) this.#tokens = Math.max(0, this.#room(rate) - 1)
  }

  /** A new call is refused. Returns the seconds for its Retry-After. */
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

  /** Seconds after which a caller that was refused may try again. */
  retryAfter(): number {
    const { random = Math.random } = this.#options

    return soonest + Math.floor(random() * (latest - soonest + 1))
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** A bucket of as many calls as may come in a second. */
  #room(rate: number): number {
    const now = this.#options.clock.now()
    this.#tokens = Math.min(rate, this.#tokens + (Math.max(0, now - this.#filled) * rate) / 1000)
    this.#filled = now

    return this.#tokens
  }

  #watch(): void {
    const { clock, ended } = this.#options
    const left = this.#lastRefusal + quiet - clock.now()
    this.#timer = clock.after(Math.max(1, left), () => {
      if (clock.now() - this.#lastRefusal < quiet) {
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

/** What of a request says whom it is for. */
export interface Called {
  /** The Request-URI. */
  readonly uri: string
  /** The URI of To: `urn:service:sos` may stand there alone, once a proxy has found out who answers it (RFC 6881 9). */
  readonly to: string | undefined
  /** The values of Resource-Priority. */
  readonly priorities: readonly string[]
}

// RFC 7135 for emergency services, RFC 4412 12.6 and 12.7 for those who must get through in a disaster.
const urgent = /(^|,)\s*(esnet|ets|wps)\.\d/i

/** Whether a call is one for help: it is never refused for want of room. `numbers` as they are dialled, such as `112`. */
function isEmergency({ uri, to, priorities }: Called, numbers: ReadonlySet<string>): boolean {
  return (
    isForHelp(uri, numbers) || (to !== undefined && isForHelp(to, numbers)) || priorities.some((p) => urgent.test(p))
  )
}

function isForHelp(uri: string, numbers: ReadonlySet<string>): boolean {
  // RFC 5031: `sos` and what is below it, such as `sos.fire`.
  if (/^urn:service:sos(\.|$)/i.test(uri)) return true
  const number = /^(?:sips?|tel):([^@:;?]*)/i.exec(uri)?.[1]

  // RFC 3966 5.1.1: separators for the eye.
  return number !== undefined && numbers.has(number.replace(/[-.()]/g, ''))
}

import type { Clock, Timer } from '../../engine/index.ts'
import { LocalResponse } from './local-response.ts'
import type { InviteEvents, InviteOptions, OutgoingInvite, SendOptions, SipStack, SipResponse } from './stack.ts'

/** How long an INVITE waits for its next hop. */
export interface PromptInviteParts {
  stack: Pick<SipStack, 'invite' | 'reportsTrying'>
  clock: Clock
  /** Seconds in which the next hop must send a response, 100 included; 0 leaves it to Timer B (RFC 3261 17.1.1.2). */
  progressTimeout: number
}

/**
 * An INVITE whose next hop must send some response in time, a 100 at least (RFC 3261 8.2.6.1). Without one, the INVITE goes
 * to each further address of the next hop's name, and then fails with a local 408. The stack cancels, or acknowledges and
 * ends, the calls that a silent hop answers later. A stack that does not report 100 has no such limit.
 */
export class PromptInvite implements OutgoingInvite {
  readonly callId: string
  readonly #parts: PromptInviteParts
  readonly #events: InviteEvents
  readonly #again: () => OutgoingInvite
  #invite: OutgoingInvite
  #timer: Timer | undefined
  #isHeard = false
  /** Counts the INVITEs: the events of earlier ones are ignored. */
  #current = 0

  constructor(parts: PromptInviteParts, uri: string, options: InviteOptions, events: InviteEvents) {
    this.#parts = parts
    this.#events = events
    this.#again = () => parts.stack.invite(uri, options, this.#heard(++this.#current))
    this.#invite = this.#again()
    this.callId = this.#invite.callId
    this.#watch()
  }

  /** Whether any response has come, 100 included where the stack reports it. */
  get isHeard(): boolean {
    return this.#isHeard
  }

  cancel(options?: SendOptions): void {
    this.#timer?.cancel()
    this.#invite.cancel(options)
  }

  /** Cancels the INVITE, without any further event. */
  abandon(): void {
    this.#current++
    this.cancel()
  }

  #watch(): void {
    const { stack, clock, progressTimeout } = this.#parts
    if (progressTimeout === 0 || !stack.reportsTrying) return
    this.#timer = clock.after(progressTimeout * 1000, () => {
      const silent = this.#invite
      const hasAnotherAddress = silent.noteUnresponsive?.() ?? false
      this.#current++
      silent.cancel()
      if (hasAnotherAddress) {
        this.#invite = this.#again()
        this.#watch()
      } else this.#events.failed(new LocalResponse(408, this.callId, noResponse))
    })
  }

  #heard(invite: number): InviteEvents {
    const events = this.#events
    const isCurrent = (): boolean => invite === this.#current
    const hear = (): boolean => {
      if (!isCurrent()) return false
      this.#isHeard = true
      this.#timer?.cancel()

      return true
    }

    return {
      dialog: events.dialog,
      trying: () => {
        if (hear()) events.trying?.()
      },
      progress: (response) => {
        if (hear()) events.progress(response)
      },
      retried: (response) => {
        if (hear()) events.retried?.(response)
      },
      accepted: (response, dialog) => {
        if (hear()) events.accepted(response, dialog)
      },
      failed: (response) => {
        if (!isCurrent()) return
        this.#timer?.cancel()
        this.#isHeard ||= !response.local
        events.failed(response)
      },
    }
  }
}

const noResponse = 'No Response'

/** How many provisional responses to one INVITE are acted on. */
const maxProvisionals = 100
/** A repeated provisional response is acted on again after this long. */
const repeatIntervalMs = 10_000

/**
 * Decides which provisional responses to one INVITE are acted on: new ones, and now and then repeated ones, which RFC 3261
 * 13.3.1.1 has a ringing user agent send each minute. A peer that sends thousands is not relayed one for one.
 */
export class ProvisionalLimiter {
  readonly #clock: Clock
  #taken = 0
  /** When each response was acted on last, by its status, reason, To and body. */
  readonly #last = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  admits(response: SipResponse): boolean {
    if (this.#taken >= maxProvisionals) return false
    const key = `${response.status} ${response.reason} ${response.header('To') ?? ''}\n${response.body}`
    const now = this.#clock.now()
    if (now - (this.#last.get(key) ?? -Infinity) < repeatIntervalMs) return false
    this.#last.set(key, now)
    this.#taken += 1

    return true
  }
}

import type { Clock, Timer } from '../../engine/index.ts'
import { LocalResponse } from './local-response.ts'
import type { InviteEvents, InviteOptions, OutgoingInvite, SendOptions, SipStack, SipResponse } from './stack.ts'

/** What an INVITE needs that is given up when its next hop is silent. */
export interface PromptInviteParts {
  stack: Pick<SipStack, 'invite' | 'tellsOfTrying'>
  clock: Clock
  /** Seconds in which the next hop must send a response, 100 included; 0 leaves it to Timer B (RFC 3261 17.1.1.2). */
  progressTimeout: number
}

/**
 * An INVITE whose next hop must send some response in time, a 100 at least (RFC 3261 8.2.6.1). When none comes, each further
 * address of the next hop's name is called in the same way, and then it has failed with a local 408. What a silent hop sends
 * later is cancelled, or acknowledged and ended, by the stack. On a stack that does not tell of 100 there is no such limit.
 */
export class PromptInvite implements OutgoingInvite {
  readonly callId: string
  readonly #parts: PromptInviteParts
  readonly #events: InviteEvents
  readonly #again: () => OutgoingInvite
  #invite: OutgoingInvite
  #timer: Timer | undefined
  /** Whether any response has come. */
  #isHeard = false
  /** Which of the INVITEs is heard: what comes of an earlier one is the stack's. */
  #current = 0

  constructor(parts: PromptInviteParts, uri: string, options: InviteOptions, events: InviteEvents) {
    this.#parts = parts
    this.#events = events
    this.#again = () => parts.stack.invite(uri, options, this.#heard(++this.#current))
    this.#invite = this.#again()
    this.callId = this.#invite.callId
    this.#watch()
  }

  /** Whether any response has come, 100 included, as far as the stack tells. */
  get isHeard(): boolean {
    return this.#isHeard
  }

  cancel(options?: SendOptions): void {
    this.#timer?.cancel()
    this.#invite.cancel(options)
  }

  /** Cancels it, and tells no more of it. */
  abandon(): void {
    this.#current++
    this.cancel()
  }

  #watch(): void {
    const { stack, clock, progressTimeout } = this.#parts
    if (progressTimeout === 0 || !stack.tellsOfTrying) return
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

/** How many provisional responses of one INVITE are acted on. */
const maxProvisionals = 100
/** A provisional response that says what was said before is acted on again after this long. */
const repeatIntervalMs = 10_000

/**
 * Which provisional responses of one INVITE are acted on: what is new, and once in a while what is not (RFC 3261 13.3.1.1 has
 * who rings for long say so each minute). A peer that sends thousands is not relayed one for one.
 */
export class ProvisionalLimiter {
  readonly #clock: Clock
  #taken = 0
  /** When each was acted on last, by all that it says. */
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

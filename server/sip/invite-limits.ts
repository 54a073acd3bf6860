import type { Clock, KeptInvite, Timer } from '../../engine/index.ts'
import { LocalResponse } from './local-response.ts'
import type {
  DialogEvents,
  InviteEvents,
  InviteOptions,
  OutgoingInvite,
  SendOptions,
  SipDialog,
  SipResponse,
  SipStack,
} from './stack.ts'

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
  static readonly #onSilence = (silent: PromptInvite): void => {
    silent.#tryAnotherAddress()
  }
  readonly callId: string
  readonly #parts: PromptInviteParts
  readonly #uri: string
  /** Undefined once a response has come: the INVITE is not sent again. */
  #options: InviteOptions | undefined
  readonly #events: InviteEvents
  #invite: OutgoingInvite
  /** The events of the last INVITE: those of earlier ones are ignored. */
  #current: HeardEvents | undefined
  #timer: Timer | undefined
  #isHeard = false

  constructor(parts: PromptInviteParts, uri: string, options: InviteOptions, events: InviteEvents) {
    this.#parts = parts
    this.#uri = uri
    this.#options = options
    this.#events = events
    this.#invite = this.#send(options)
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

  /** The INVITE as the next process can end it. */
  keep(): KeptInvite | undefined {
    return this.#invite.keep?.()
  }

  /** Cancels the INVITE, without any further event. */
  abandon(): void {
    this.#current = undefined
    this.cancel()
  }

  /** A response to one of the INVITEs has come; false when it is an earlier one. */
  hear(events: object): boolean {
    if (events !== this.#current) return false
    this.#isHeard = true
    this.#options = undefined
    this.#timer?.cancel()

    return true
  }

  /** One of the INVITEs has failed; false when it is an earlier one. */
  end(events: object, { local }: SipResponse): boolean {
    if (events !== this.#current) return false
    this.#timer?.cancel()
    this.#isHeard ||= !local

    return true
  }

  #send(options: InviteOptions): OutgoingInvite {
    this.#current = new HeardEvents(this, this.#events)

    return this.#parts.stack.invite(this.#uri, options, this.#current)
  }

  #watch(): void {
    const { stack, clock, progressTimeout } = this.#parts
    if (progressTimeout === 0 || !stack.reportsTrying) return
    this.#timer = clock.after(progressTimeout * 1000, PromptInvite.#onSilence, this)
  }

  #tryAnotherAddress(): void {
    const silent = this.#invite
    const hasAnotherAddress = silent.noteUnresponsive?.() ?? false
    this.#current = undefined
    silent.cancel()
    if (hasAnotherAddress && this.#options) {
      this.#invite = this.#send(this.#options)
      this.#watch()
    } else this.#events.failed(new LocalResponse(408, this.callId, noResponse))
  }
}

/** The events of one INVITE. */
class HeardEvents implements InviteEvents {
  readonly dialog: DialogEvents
  readonly #invite: PromptInvite
  readonly #events: InviteEvents

  constructor(invite: PromptInvite, events: InviteEvents) {
    this.dialog = events.dialog
    this.#invite = invite
    this.#events = events
  }

  trying(): void {
    if (this.#invite.hear(this)) this.#events.trying?.()
  }

  progress(response: SipResponse): void {
    if (this.#invite.hear(this)) this.#events.progress(response)
  }

  retried(response: SipResponse): void {
    if (this.#invite.hear(this)) this.#events.retried?.(response)
  }

  accepted(response: SipResponse, dialog: SipDialog): void {
    if (this.#invite.hear(this)) this.#events.accepted(response, dialog)
  }

  failed(response: SipResponse): void {
    if (this.#invite.end(this, response)) this.#events.failed(response)
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
  /** When each response was acted on last, by its status, reason, To and body; most INVITEs have one at most. */
  #first = ''
  #firstAt = -Infinity
  #others: Map<string, number> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  admits(response: SipResponse): boolean {
    if (this.#taken >= maxProvisionals) return false
    const key = `${response.status} ${response.reason} ${response.header('To') ?? ''}\n${response.body}`
    const now = this.#clock.now()
    if (this.#taken === 0) this.#first = key
    const isFirst = key === this.#first
    const last = isFirst ? this.#firstAt : (this.#others?.get(key) ?? -Infinity)
    if (now - last < repeatIntervalMs) return false
    if (isFirst) this.#firstAt = now
    else (this.#others ??= new Map()).set(key, now)
    this.#taken += 1

    return true
  }
}

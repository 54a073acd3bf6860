import type { Clock, Timer } from '../../engine/index.ts'
import type { InviteOptions, OutgoingInvite, SendOptions, SipResponse, SipStack } from '../sip/stack.ts'
import type { Leg } from './leg.ts'

export interface HuntOptions {
  stack: SipStack
  clock: Clock
  /** SIP URIs of the agents, in the order in which they are tried. */
  agents: readonly string[]
  /** Seconds that one agent may take to answer. */
  agentTimeout: number
  /** The INVITE, but for its Request-URI and Call-ID. */
  invite: InviteOptions
  offer: string
  newLeg(uri: string): Leg
}

export interface HuntEvents {
  progress(response: SipResponse, leg: Leg): void
  answered(response: SipResponse, leg: Leg): void
  /** An agent said no in a way that another agent would not mend. */
  refused(response: SipResponse): void
  /** No agent could be reached. */
  exhausted(): void
}

/** Calls the agents one after the other until one answers. Ends with exactly one of `answered`, `refused`, `exhausted`, or `cancel`. */
export class AgentHunt {
  readonly #options: HuntOptions
  readonly #events: HuntEvents
  #next = 0
  #leg: Leg | undefined
  #invite: OutgoingInvite | undefined
  #timer: Timer | undefined
  #over = false

  constructor(options: HuntOptions, events: HuntEvents) {
    this.#options = options
    this.#events = events
  }

  start(): void {
    this.#tryNext()
  }

  /** The caller has gone: stop, and let the agent that rings know why. */
  cancel(options?: SendOptions): void {
    if (this.#end()) this.#invite?.cancel(options)
  }

  #tryNext(): void {
    const { agents, stack, clock, agentTimeout, invite, offer, newLeg } = this.#options
    const uri = agents[this.#next++]
    if (uri === undefined) {
      if (this.#end()) this.#events.exhausted()

      return
    }

    const leg = newLeg(uri)
    this.#leg = leg
    const isCurrent = (): boolean => !this.#over && leg === this.#leg
    this.#invite = stack.invite(
      uri,
      { ...invite, ...leg.describe(offer), callId: leg.callId },
      {
        dialog: leg,
        progress: (response) => {
          leg.heard(response.body)
          if (isCurrent()) this.#events.progress(response, leg)
        },
        accepted: (response, dialog) => {
          leg.dialog = dialog
          leg.heard(response.body)
          if (isCurrent() && this.#end()) this.#events.answered(response, leg)
        },
        failed: (response) => {
          if (isCurrent()) this.#failed(response)
        },
      },
    )
    this.#timer = clock.after(agentTimeout * 1000, () => {
      // Its 487, or its silence, is no longer awaited: the caller has waited long enough.
      const slow = this.#invite
      this.#tryNext()
      slow?.cancel()
    })
  }

  #failed(response: SipResponse): void {
    this.#timer?.cancel()
    if (anotherMayAnswer(response.status)) this.#tryNext()
    else if (this.#end()) this.#events.refused(response)
  }

  #end(): boolean {
    if (this.#over) return false
    this.#over = true
    this.#timer?.cancel()

    return true
  }
}

/** 408 and 5xx say that this agent cannot; anything else is an answer about the call itself. */
function anotherMayAnswer(status: number): boolean {
  return status === 408 || (status >= 500 && status < 600)
}

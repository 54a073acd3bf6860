import type { IncomingInvite, IncomingRequest, SipResponse } from '../sip/stack.ts'
import { isSuccess } from '../legs/party-leg.ts'
import { Party, type PartyParts } from './party.ts'

/** How long the agent and the caller talk before the agent asks for the handoff, in milliseconds. */
const talk = 100

/** Answers the caller, asks for the handoff by REFER as a voice agent would, and hears what becomes of it. */
export class SyntheticAgent extends Party {
  readonly #handoff: string
  readonly #refused: (response: SipResponse) => void

  /** @param refused told when Baton does not take the REFER */
  constructor(parts: PartyParts, handoff: string, refused: (response: SipResponse) => void) {
    super(parts)
    this.#handoff = handoff
    this.#refused = refused
  }

  override invite(invite: IncomingInvite): void {
    if (this.dialog) {
      invite.reject(486)

      return
    }
    invite.onCancel = () => undefined
    invite.progress(180)
    this.milestones.mark('agentRang')
    this.dialog = invite.accept({ body: this.session }, this)
    this.milestones.mark('agentAnswered')
  }

  ack(): void {
    this.clock.after(talk, () => {
      this.guard.run(() => this.#ask())
    })
  }

  override request(incoming: IncomingRequest): void {
    if (incoming.request.method === 'NOTIFY') incoming.respond(200)
    else super.request(incoming)
  }

  async #ask(): Promise<void> {
    if (!this.dialog || this.dialog.ended) return
    this.milestones.mark('handoffAsked')
    const response = await this.dialog.request('REFER', {
      headers: [['Refer-To', `<sip:${encodeURIComponent(this.#handoff)}@baton.invalid>`]],
    })
    if (!isSuccess(response)) this.#refused(response)
  }
}

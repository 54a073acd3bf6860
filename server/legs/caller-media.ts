import { isSuccess, type Clock } from '../../engine/index.ts'
import type { PartyLeg } from './party-leg.ts'
import { needsNewOffer } from '../media/session-state.ts'
import { LocalResponse } from '../sip/local-response.ts'
import { sessionOf } from '../sip/body-part.ts'
import type { SipResponse } from '../sip/stack.ts'
import { statusLine } from './status-line.ts'
import { type EvidenceNote, offerPastGlare, pauseBeforeNextOffer } from './glare.ts'

/**
 * Moves the caller's media to a destination, and back to its agent. One re-INVITE runs at a time, and the latest request
 * supersedes those before it.
 */
export class CallerMedia {
  readonly #caller: PartyLeg
  readonly #agent: PartyLeg
  readonly #clock: Clock
  #last: Promise<unknown> = Promise.resolve()
  /** Counts requests: one that is no longer the latest is superseded. */
  #latest = 0
  /** The destination's session that the caller was moved to, and the caller's response. */
  #moved: { sdp: string; response: SipResponse } | undefined

  constructor({ caller, agent, clock }: { caller: PartyLeg; agent: PartyLeg; clock: Clock }) {
    this.#caller = caller
    this.#agent = agent
    this.#clock = clock
  }

  /** The process before had moved the caller, and this one does not know whether it has come back. */
  assumeAway(): void {
    this.#moved = { sdp: '', response: new LocalResponse(200, this.#caller.callId) }
  }

  /** Whether the caller hears a destination in the place of its agent. */
  get isAway(): boolean {
    return this.#moved !== undefined
  }

  /** Moves the caller to a destination's session. Undefined when superseded. */
  moveTo(sdp: string, note: EvidenceNote, toWhat = 'to the re-INVITE'): Promise<SipResponse | undefined> {
    return this.#inTurn(async (turn) => {
      if (sdp !== '' && this.#moved?.sdp === sdp) return this.#moved.response
      const response = await this.#offer(sdp, turn, note, toWhat)
      if (response && isSuccess(response.status)) this.#moved = { sdp, response }

      return response
    })
  }

  /** Offers the caller the session that it has, to learn whether its dialog is up. Undefined when superseded. */
  refresh(note: EvidenceNote): Promise<SipResponse | undefined> {
    return this.#inTurn(async (turn) => {
      const response = await this.#offer(this.#caller.localSdp, turn, note, 'to the re-INVITE that asks for the dialog')
      if (response && isSuccess(response.status) && this.#areUp() && this.#isNewToAgent) {
        await this.#offerToAgent(turn, note)
      }

      return response
    })
  }

  /** Brings the caller back to its agent, unless it is there. Resolves when the caller is back, or cannot be. */
  async bringBack(note: EvidenceNote, toWhat = 'to the re-INVITE back to the agent'): Promise<void> {
    await this.#inTurn(async (turn) => {
      if (!this.#moved || !this.#areUp()) return
      const response = await this.#offer(this.#agent.remoteSdp, turn, note, toWhat)
      if (!response || !this.#areUp()) return
      if (!isSuccess(response.status)) await this.#requestOffer(note)
      else if (this.#isNewToAgent) await this.#offerToAgent(turn, note)
      this.#moved = undefined
    })
  }

  /** After a refusal of the agent's session, lets the caller make the offer, in its 200 (RFC 3261 14.1). */
  async #requestOffer(note: EvidenceNote): Promise<void> {
    const { dialog } = this.#caller
    const response = await dialog?.reinvite()
    if (!dialog || !response) return
    note(response.local ? 'baton' : 'caller', `${statusLine(response)} to the re-INVITE that asks for an offer`)
    if (!isSuccess(response.status)) return
    const offer = sessionOf(response)
    this.#caller.noteRemoteSdp(offer)
    note('agent', `${statusLine(await this.#agent.offer(offer))} to the re-INVITE`)
    dialog.ack(this.#caller.describe(this.#agent.remoteSdp))
  }

  #inTurn<T>(work: (turn: number) => Promise<T>): Promise<T | undefined> {
    const turn = ++this.#latest
    const done = this.#last.then(() => (turn === this.#latest ? work(turn) : undefined))
    this.#last = done.catch(() => undefined)

    return done
  }

  async #offer(sdp: string, turn: number, note: EvidenceNote, toWhat: string): Promise<SipResponse | undefined> {
    const notes = { note, who: 'caller', toWhat } as const
    const response = await offerPastGlare(this.#caller, sdp, this.#clock, notes, () => turn === this.#latest)

    return pauseBeforeNextOffer(response, this.#caller) !== undefined && turn !== this.#latest ? undefined : response
  }

  /** The caller has come back with a session that the agent does not know. */
  async #offerToAgent(turn: number, note: EvidenceNote): Promise<void> {
    const notes = { note, who: 'agent' } as const
    await offerPastGlare(this.#agent, this.#caller.remoteSdp, this.#clock, notes, () => turn === this.#latest)
  }

  get #isNewToAgent(): boolean {
    return needsNewOffer(this.#agent.localSdp, this.#caller.remoteSdp, this.#agent.remoteSdp)
  }

  #areUp(): boolean {
    return this.#caller.up && this.#agent.up
  }
}

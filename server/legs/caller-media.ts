import type { Clock } from '../../engine/index.ts'
import { isSuccess, type PartyLeg } from './party-leg.ts'
import { needsNewOffer } from '../media/session-state.ts'
import { sessionOf } from '../media/session-body.ts'
import type { SipResponse } from '../sip/stack.ts'
import { statusLine } from './status-line.ts'
import { type Note, offerPastGlare, pauseBeforeNextOffer } from './glare.ts'

/**
 * Where the caller's media goes while it is being moved: to its agent, or to a destination. One re-INVITE at a time, and
 * what is wanted last is what counts.
 */
export class CallerMedia {
  readonly #caller: PartyLeg
  readonly #agent: PartyLeg
  readonly #clock: Clock
  #last: Promise<unknown> = Promise.resolve()
  /** Counts what was wanted: whoever is no longer the last gives way. */
  #wish = 0
  /** The session that it was moved to, and how that was accepted. */
  #moved: { sdp: string; response: SipResponse } | undefined

  constructor({ caller, agent, clock }: { caller: PartyLeg; agent: PartyLeg; clock: Clock }) {
    this.#caller = caller
    this.#agent = agent
    this.#clock = clock
  }

  /** Whether the caller hears somebody else than its agent. */
  get isAway(): boolean {
    return this.#moved !== undefined
  }

  /** Move it to a destination's session. Undefined when something else was wanted meanwhile. */
  moveTo(sdp: string, note: Note, toWhat = 'to the re-INVITE'): Promise<SipResponse | undefined> {
    return this.#inTurn(async (wish) => {
      if (sdp !== '' && this.#moved?.sdp === sdp) return this.#moved.response
      const response = await this.#offer(sdp, wish, note, toWhat)
      if (response && isSuccess(response)) this.#moved = { sdp, response }

      return response
    })
  }

  /** Asks whether the caller is still there, by the session that it has. Undefined when something else was wanted meanwhile. */
  refresh(note: Note): Promise<SipResponse | undefined> {
    return this.#inTurn(async (wish) => {
      const response = await this.#offer(this.#caller.localSdp, wish, note, 'to the re-INVITE that asks for the dialog')
      if (response && isSuccess(response) && this.#areUp() && this.#isNewToAgent) await this.#tellAgent(wish, note)

      return response
    })
  }

  /** Bring it back to its agent, if it is not there. Resolves when it is, or cannot be. */
  async bringBack(note: Note, toWhat = 'to the re-INVITE back to the agent'): Promise<void> {
    await this.#inTurn(async (wish) => {
      if (!this.#moved || !this.#areUp()) return
      const response = await this.#offer(this.#agent.remoteSdp, wish, note, toWhat)
      if (!response || !this.#areUp()) return
      if (!isSuccess(response)) await this.#askBack(note)
      else if (this.#isNewToAgent) await this.#tellAgent(wish, note)
      this.#moved = undefined
    })
  }

  /** The agent's session is refused: the caller may say itself what it would take (RFC 3261 14.1, an offer in its 200). */
  async #askBack(note: Note): Promise<void> {
    const { dialog } = this.#caller
    const response = await dialog?.reinvite()
    if (!dialog || !response) return
    note(response.local ? 'baton' : 'caller', `${statusLine(response)} to the re-INVITE that asks for an offer`)
    if (!isSuccess(response)) return
    const offer = sessionOf(response)
    this.#caller.heard(offer)
    note('agent', `${statusLine(await this.#agent.offer(offer))} to the re-INVITE`)
    dialog.ack(this.#caller.describe(this.#agent.remoteSdp))
  }

  #inTurn<T>(work: (wish: number) => Promise<T>): Promise<T | undefined> {
    const wish = ++this.#wish
    const turn = this.#last.then(() => (wish === this.#wish ? work(wish) : undefined))
    this.#last = turn.catch(() => undefined)

    return turn
  }

  async #offer(sdp: string, wish: number, note: Note, toWhat: string): Promise<SipResponse | undefined> {
    const heard = { note, who: 'caller', toWhat } as const
    const response = await offerPastGlare(this.#caller, sdp, this.#clock, heard, () => wish === this.#wish)

    return pauseBeforeNextOffer(response, this.#caller) !== undefined && wish !== this.#wish ? undefined : response
  }

  /** The caller came back with another session than the agent knows. */
  async #tellAgent(wish: number, note: Note): Promise<void> {
    const heard = { note, who: 'agent' } as const
    await offerPastGlare(this.#agent, this.#caller.remoteSdp, this.#clock, heard, () => wish === this.#wish)
  }

  get #isNewToAgent(): boolean {
    return needsNewOffer(this.#agent.localSdp, this.#caller.remoteSdp, this.#agent.remoteSdp)
  }

  #areUp(): boolean {
    return this.#caller.up && this.#agent.up
  }
}

import type { Guard } from '../guard.ts'
import { sessionOf } from '../media/session-body.ts'
import { SessionOrigin } from '../media/session-origin.ts'
import { answerFrom } from '../media/session-answer.ts'
import { isHeld, mirrorsHold, resumed } from '../media/session-state.ts'
import type {
  SipDialog,
  SipDialogEnd,
  DialogEvents,
  HeadersToSend,
  IncomingReinvite,
  IncomingRequest,
  SendOptions,
  SipRequest,
  SipResponse,
} from '../sip/stack.ts'
import { byeReason, reasonOfEnd } from './termination.ts'
import type { PartyRole } from './views.ts'

/** Who looks after a leg: the call, or the attempt that is still setting it up. */
export interface PartyLegOwner {
  /** Through which everything that comes in the leg's dialog enters. */
  readonly guard: Guard
  /** May return a promise, of what is still being done. */
  request(leg: PartyLeg, request: IncomingRequest): unknown
  reinvite(leg: PartyLeg, invite: IncomingReinvite): unknown
  ack(leg: PartyLeg, ack: SipRequest): void
  ended(leg: PartyLeg, end: SipDialogEnd): void
}

/** One party of a call: its dialog, and what it was told and has said of its media. */
export class PartyLeg implements DialogEvents {
  role: PartyRole
  readonly uri: string
  callId: string
  owner: PartyLegOwner
  dialog: SipDialog | undefined
  /** The last session description that this party sent; '' before one. */
  remoteSdp = ''
  /** Whether we made its Call-ID, by calling it. */
  readonly isCalledByUs: boolean
  #origin = new SessionOrigin()
  /** Whether it was promised that nothing is said in the clear. */
  isSrtpOnly = false
  /** After so many seconds of silence it is asked whether it is still there; 0: never. */
  keepalive = 0
  /** Requests of this party that wait for the other one's answer. */
  relayed = 0
  /** Whether it holds, or is mute, by its own wish. */
  #holds = false

  constructor(role: PartyRole, uri: string, callId: string, owner: PartyLegOwner) {
    this.role = role
    this.uri = uri
    this.callId = callId
    this.owner = owner
    this.isCalledByUs = role !== 'caller'
  }

  get up(): boolean {
    return this.dialog !== undefined && !this.dialog.ended
  }

  /** A description for this party, with the origin that it knows us by. */
  describe(sdp: string): SendOptions {
    return { body: sdp === '' ? undefined : this.#origin.send(sdp) }
  }

  /** The last description that this party was sent. */
  get localSdp(): string {
    return this.#origin.last
  }

  /** The answer to this party's offer from the session that it has, and the offer noted; undefined when nothing is in common. */
  answer(offer: string): SendOptions | undefined {
    // What only agreed to this party's own hold is no wish of ours.
    const willing = mirrorsHold(this.remoteSdp, this.localSdp) ? [] : undefined
    const answer = answerFrom(this.localSdp, offer, willing)
    if (answer === undefined) return undefined
    const sent = this.describe(answer)
    this.heard(offer)

    return sent
  }

  /** Note a description that came from this party; '' says nothing new. */
  heard(sdp: string): void {
    if (sdp === '') return
    this.remoteSdp = sdp
    if (!mirrorsHold(this.localSdp, sdp)) this.#holds = isHeld(sdp)
  }

  /** The session that it would offer by itself: the hold that somebody asked of it goes with that somebody. */
  get wish(): string {
    return this.#holds || !isHeld(this.remoteSdp) ? this.remoteSdp : resumed(this.remoteSdp)
  }

  /** Offer this party a session, and ACK its answer. */
  async offer(sdp: string): Promise<SipResponse> {
    const { dialog } = this
    if (!dialog) throw new Error(`offer: the ${this.role} has no dialog`)
    const response = await dialog.reinvite(this.describe(sdp))
    if (isSuccess(response)) {
      dialog.ack()
      this.heard(sessionOf(response))
    }

    return response
  }

  /** BYE, if there is anybody to send it to. One that cannot be sent with these headers is sent without. */
  async bye(options?: SendOptions): Promise<void> {
    const { dialog } = this
    if (!dialog || dialog.ended) return
    try {
      await dialog.bye(options)
    } catch (error) {
      await dialog.bye()
      throw error
    }
  }

  /** The peer does not answer any more, or has no such dialog: the dialog ends as if the peer had hung up. */
  vanished(reason: 'keepalive_timeout' | 'refused'): void {
    const { owner } = this
    if (!this.up) return
    owner.guard.run(() => this.bye({ headers: this.byeHeadersFor(reason) }))
    this.ended({ by: 'stack', reason })
  }

  /** Its call is over: what is left is to be looked at. */
  release(): void {
    this.dialog = undefined
    this.remoteSdp = ''
    this.#origin = new SessionOrigin()
  }

  request(request: IncomingRequest): void {
    const { owner } = this
    owner.guard.run(
      () => owner.request(this, request),
      () => request.respond(500),
    )
  }

  reinvite(invite: IncomingReinvite): void {
    const { owner } = this
    owner.guard.run(
      () => owner.reinvite(this, invite),
      () => invite.respond(500),
    )
  }

  ack(ack: SipRequest): void {
    const { owner } = this
    owner.guard.run(() => {
      this.heard(sessionOf(ack))
      owner.ack(this, ack)
    })
  }

  byeHeadersFor(reason: (SipDialogEnd & { by: 'stack' })['reason']): HeadersToSend {
    return byeReason(reasonOfEnd({ by: 'stack', reason }))
  }

  ended(end: SipDialogEnd): void {
    const { owner } = this
    owner.guard.run(() => owner.ended(this, end))
  }
}

export function isSuccess(response: SipResponse): boolean {
  return response.status >= 200 && response.status < 300
}

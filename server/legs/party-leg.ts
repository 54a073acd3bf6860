import { isSuccess } from '../../engine/index.ts'
import type { Guard } from '../guard.ts'
import type { Lease } from '../limits/index.ts'
import { answerFrom } from '../media/session-answer.ts'
import { SessionOrigin } from '../media/session-origin.ts'
import { sessionOf } from '../sip/body-part.ts'
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
import type { TargetCall } from '../targets/index.ts'
import { byeReason, reasonOfEnd } from './termination.ts'
import type { PartyRole } from './views.ts'

/** Handles the events of a leg: its call, or the attempt that sets it up. */
export interface PartyLegOwner {
  /** Every event of the leg's dialog enters through this guard. */
  readonly guard: Guard
  /** May return a promise of work that goes on. */
  request(leg: PartyLeg, request: IncomingRequest): unknown
  reinvite(leg: PartyLeg, invite: IncomingReinvite): unknown
  ack(leg: PartyLeg, ack: SipRequest): void
  ended(leg: PartyLeg, end: SipDialogEnd): void
}

/** One party of a call: its dialog, and the session descriptions that it has sent and got. */
export class PartyLeg implements DialogEvents {
  role: PartyRole
  readonly uri: string
  callId: string
  owner: PartyLegOwner
  dialog: SipDialog | undefined
  /** The last session description that this party sent; '' before the first. */
  remoteSdp = ''
  /** Whether Baton has made the Call-ID, by calling this party. */
  readonly isCalledByUs: boolean
  #origin = new SessionOrigin()
  /** Whether this party was promised SRTP for the whole call. */
  isSrtpOnly = false
  /** Whether this party gets no media yet: the person has not accepted the caller. */
  isHeldBack = false
  /** This call on the target of `uri`, where the configuration names that. */
  targetCall: TargetCall | undefined
  /** Seconds of silence after which OPTIONS is sent to this party; 0: never. */
  keepalive = 0
  /** Requests of this party that wait for the other party's response. */
  relayedRequests = 0
  #leases: Lease[] | undefined
  /** Whether this party has put the call on hold, or is muted, itself. */
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

  /** A session description for this party, with the origin (o= line) that it knows. */
  describe(sdp: string): SendOptions {
    return { body: sdp === '' ? undefined : this.#origin.send(sdp) }
  }

  /** The last session description that was sent to this party. */
  get localSdp(): string {
    return this.#origin.last
  }

  /** Answers this party's offer from the session that it was sent last; undefined when they have no media in common. */
  answer(offer: string): SendOptions | undefined {
    // A direction that only answered this party's own hold is no hold of another party.
    const willing = !this.isHeldBack && mirrorsHold(this.remoteSdp, this.localSdp) ? [] : undefined
    const answer = answerFrom(this.localSdp, offer, willing)
    if (answer === undefined) return undefined
    const sent = this.describe(answer)
    this.noteRemoteSdp(offer)

    return sent
  }

  /** Notes a session description that this party has sent; '' changes nothing. */
  noteRemoteSdp(sdp: string): void {
    if (sdp === '') return
    this.remoteSdp = sdp
    if (!mirrorsHold(this.localSdp, sdp)) this.#holds = isHeld(sdp)
  }

  /** This party's session without a hold that another party imposed. */
  get preferredSdp(): string {
    return this.#holds || !isHeld(this.remoteSdp) ? this.remoteSdp : resumed(this.remoteSdp)
  }

  /** Offers this party a session, and acknowledges its answer. */
  async offer(sdp: string): Promise<SipResponse> {
    const { dialog } = this
    if (!dialog) throw new Error(`offer: the ${this.role} has no dialog`)
    const response = await dialog.reinvite(this.describe(sdp))
    if (isSuccess(response.status)) {
      dialog.ack()
      this.noteRemoteSdp(sessionOf(response))
    }

    return response
  }

  /** Keeps room that was taken for this party, until it is released. */
  hold(lease: Lease): void {
    this.#leases ??= []
    this.#leases.push(lease)
  }

  /** Gives back the room that was taken for this party. Idempotent. */
  giveBack(): void {
    for (const lease of this.#leases ?? []) lease.release()
    this.#leases = undefined
  }

  /** Sends BYE while the dialog is up. A BYE that cannot be sent with these headers is sent without them. */
  async bye(options?: SendOptions): Promise<void> {
    this.giveBack()
    const { dialog } = this
    this.targetCall?.end()
    if (!dialog || dialog.ended) return
    try {
      await dialog.bye(options)
    } catch (error) {
      await dialog.bye()
      throw error
    }
  }

  /** The party does not answer any more, or has no such dialog: the dialog ends as if the party had sent BYE. */
  vanished(reason: 'keepalive_timeout' | 'refused'): void {
    const { owner } = this
    if (!this.up) return
    owner.guard.run(() => this.bye({ headers: this.byeHeadersFor(reason) }))
    this.ended({ by: 'stack', reason })
  }

  /** Lets go of everything that the record of an ended call does not show. */
  release(): void {
    this.targetCall?.end()
    this.giveBack()
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
      this.noteRemoteSdp(sessionOf(ack))
      owner.ack(this, ack)
    })
  }

  byeHeadersFor(reason: (SipDialogEnd & { by: 'stack' })['reason']): HeadersToSend {
    return byeReason(reasonOfEnd({ by: 'stack', reason }))
  }

  ended(end: SipDialogEnd): void {
    this.giveBack()
    const { owner } = this
    this.targetCall?.end()
    owner.guard.run(() => owner.ended(this, end))
  }
}

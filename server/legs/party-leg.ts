import { isSuccess, type KeptDialog } from '../../engine/index.ts'
import type { Guard } from '../guard.ts'
import type { Lease, LimitNeed } from '../limits/index.ts'
import { answerFrom } from '../media/session-answer.ts'
import type { KeptMedia, LegMedia } from '../media/leg-media.ts'
import { type KeptOrigin, SessionOrigin } from '../media/session-origin.ts'
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
  /** The leg's session or target has changed, or it is offered another session. */
  changed?(leg: PartyLeg): void
}

/** A leg as the next process needs it after a crash. */
export interface KeptLeg extends Pick<
  PartyLeg,
  'role' | 'uri' | 'callId' | 'isCalledByUs' | 'remoteSdp' | 'isSrtpOnly'
> {
  /** Undefined once it has ended. */
  readonly dialog?: KeptDialog | undefined
  readonly origin: KeptOrigin
  /** Whether the party has put the call on hold. */
  readonly holds: boolean
  readonly media?: KeptMedia | undefined
  /** The limits that it counts under. */
  readonly needs?: readonly LimitNeed[] | undefined
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
  /** How the media of a leg that Baton calls goes; undefined for the caller, and where MEDIA names no media server. */
  media: LegMedia | undefined
  /** The address that this party's INVITE came from; '' for a party that Baton calls. */
  source = ''
  /** This call on the target of `uri`, where the configuration names that. */
  targetCall: TargetCall | undefined
  /** Seconds of silence after which OPTIONS is sent to this party; 0: never. */
  keepalive = 0
  /** Requests of this party that wait for the other party's response. */
  relayedRequests = 0
  #leases: Lease[] | undefined
  /** Whether this party has put the call on hold, or is muted, itself. */
  #holds = false

  constructor(role: PartyRole, uri: string, callId: string, owner: PartyLegOwner, isCalledByUs = role !== 'caller') {
    this.role = role
    this.uri = uri
    this.callId = callId
    this.owner = owner
    this.isCalledByUs = isCalledByUs
  }

  /** The leg as the next process needs it. */
  keep(): KeptLeg {
    const { role, uri, callId, isCalledByUs, remoteSdp, isSrtpOnly } = this
    const dialog = this.up ? this.dialog?.keep?.() : undefined
    const needs = this.#leases?.flatMap((lease) => lease.needs)
    const origin = this.#origin.keep()

    const media = this.media?.keep()

    return { role, uri, callId, isCalledByUs, remoteSdp, isSrtpOnly, origin, holds: this.#holds, dialog, needs, media }
  }

  /** Takes up what the process before has kept of this leg, but for its dialog. */
  takeUp({ remoteSdp, isSrtpOnly, origin, holds, media }: KeptLeg): void {
    if (media) this.media?.takeUp(media)
    this.remoteSdp = remoteSdp
    this.isSrtpOnly = isSrtpOnly
    this.#origin = SessionOrigin.kept(origin)
    this.#holds = holds
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
    if (sdp !== this.remoteSdp) this.owner.changed?.(this)
    this.remoteSdp = sdp
    if (!mirrorsHold(this.localSdp, sdp)) this.#holds = isHeld(sdp)
  }

  /** The party's last session as it has sent it itself, where `remoteSdp` is that of a media server. */
  get ownSdp(): string {
    return this.media?.peerSdp ?? this.remoteSdp
  }

  /** This party's session without a hold that another party imposed. */
  get preferredSdp(): string {
    return this.#holds || !isHeld(this.remoteSdp) ? this.remoteSdp : resumed(this.remoteSdp)
  }

  /** Offers this party a session, and acknowledges its answer. */
  async offer(sdp: string): Promise<SipResponse> {
    const { dialog } = this
    if (!dialog) throw new Error(`offer: the ${this.role} has no dialog`)
    const sent = dialog.reinvite(this.describe(sdp))
    // The next process goes on with the version of this session.
    this.owner.changed?.(this)
    const response = await sent
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
  vanished(reason: 'keepalive_timeout' | 'refused' | 'lost_in_restart'): void {
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
    owner.changed?.(this)
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

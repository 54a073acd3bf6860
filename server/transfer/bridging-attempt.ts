import { isScreened, type Step } from '../../routes/index.ts'
import { isSuccess } from '../../engine/index.ts'
import type { Guard } from '../guard.ts'
import type { PartyLeg, PartyLegOwner } from '../legs/party-leg.ts'
import type { AttemptView } from '../legs/views.ts'
import { deferRequest } from '../sip/defer-request.ts'
import type { IncomingReinvite, IncomingRequest, SipDialogEnd } from '../sip/stack.ts'
import { offerPastGlare, type EvidenceNote } from '../legs/glare.ts'
import { needsNewOffer } from '../media/session-state.ts'
import { sessionOf } from '../sip/body-part.ts'
import { AttemptRecord, type Attempt, type AttemptContext, isDialogGone } from './attempt.ts'
import { HoldMusic } from './hold-music.ts'
import { PlayedAnnouncement } from './played-media.ts'
import { abandoned, type TransferOutcome, answered, failed } from './outcome.ts'

/** An attempt that moves the caller's media to another leg by re-INVITE, and owns that leg until the caller is there. */
export abstract class BridgingAttempt implements Attempt, PartyLegOwner {
  readonly record: AttemptRecord
  readonly guard: Guard
  protected readonly context: AttemptContext
  /** What the caller hears in the place of its agent. */
  protected readonly music: HoldMusic
  /** What the person who answers hears alone. */
  protected readonly announcement: PlayedAnnouncement | undefined

  constructor(context: AttemptContext, step: Step, kept?: AttemptView) {
    this.context = context
    this.guard = context.guard
    this.record = new AttemptRecord(step, kept?.method ?? 'invite', context.clock, kept)
    this.music = new HoldMusic(step.media.holdMusic, context, this.note)
    const { announce } = step.media
    this.announcement = announce && new PlayedAnnouncement(announce, context.audio)
  }

  /** The person has the caller: they hear each other, and are recorded where that is wanted. */
  protected async connected(leg: PartyLeg): Promise<void> {
    const { step } = this.record
    if (isScreened(step.media)) await leg.media?.block(false)
    this.context.recording.talksWith(leg, step.media, this.note)
  }

  abstract get destination(): PartyLeg | undefined
  abstract run(): unknown
  abstract stop(outcome: TransferOutcome): void
  abstract ended(leg: PartyLeg, end: SipDialogEnd): void

  callerGone(end: SipDialogEnd): void {
    this.record.noteEnd(end, 'caller')
    this.stop(abandoned)
  }

  notify(notify: IncomingRequest): void {
    notify.respond(481)
  }

  request(_leg: PartyLeg, incoming: IncomingRequest): void {
    deferRequest(incoming)
  }

  reinvite(_leg: PartyLeg, invite: IncomingReinvite): void {
    invite.respond(491)
  }

  changed(): void {
    this.context.changed()
  }

  ack(): void {
    // Baton sends every INVITE here: no 2xx of its own waits for an ACK.
  }

  protected readonly note: AttemptRecord['note'] = (from, what) => {
    this.record.note(from, what)
  }
}

interface MoveParts {
  /** The caller's session as the destination was offered it; '' when the destination has made the offer. */
  offer: string
  /** The person was asked before, with a session that was held for that alone. */
  wasAsked: boolean
  note: EvidenceNote
  isOver: () => boolean
}

/**
 * The destination has answered: moves the caller's media there by re-INVITE, and offers the destination the caller's answer
 * where it differs. Resolves with the outcome; undefined when the attempt is over meanwhile.
 */
export async function moveCaller(
  destination: PartyLeg,
  { caller, callerMedia, clock }: AttemptContext,
  { offer, wasAsked, note, isOver }: MoveParts,
): Promise<TransferOutcome | undefined> {
  const response = await callerMedia.moveTo(wasAsked ? destination.preferredSdp : destination.remoteSdp, note)
  if (offer === '') {
    destination.dialog?.ack(destination.describe(response && isSuccess(response.status) ? sessionOf(response) : ''))
  }
  if (isOver() || !response) return undefined
  if (!isSuccess(response.status)) {
    return isDialogGone(response) ? { ...abandoned, code: response.status } : failed('media_refused', response.status)
  }
  // The caller's answer may name another address or codec than the session that the destination was offered.
  if (offer !== '' && needsNewOffer(offer, caller.remoteSdp, destination.remoteSdp)) {
    const heard = { note, who: 'destination' } as const
    const update = await offerPastGlare(destination, caller.remoteSdp, clock, heard, () => !isOver())
    if (isOver()) return undefined
    if (!isSuccess(update.status)) return failed('media_refused', update.status)
  }

  return answered
}

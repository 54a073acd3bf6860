import { isSuccess } from '../../engine/index.ts'
import { offerPastGlare, type EvidenceNote } from '../legs/glare.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { needsNewOffer } from '../media/session-state.ts'
import { sessionOf } from '../sip/body-part.ts'
import { isDialogGone, type AttemptContext } from './attempt.ts'
import { abandoned, answered, failed, type TransferOutcome } from './outcome.ts'

interface MoveParts {
  /** The caller's session as the destination was offered it; '' when the destination has made the offer. */
  offer: string
  /** The person was asked before, with a session that was held for that alone. */
  isScreened: boolean
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
  { offer, isScreened, note, isOver }: MoveParts,
): Promise<TransferOutcome | undefined> {
  const response = await callerMedia.moveTo(isScreened ? destination.preferredSdp : destination.remoteSdp, note)
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

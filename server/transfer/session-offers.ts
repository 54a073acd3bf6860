import type { Step } from '../../routes/index.ts'
import { isEncrypted } from '../media/session-state.ts'
import { asSrtp, inTheClear } from '../media/srtp.ts'

/** What refuses a session for its media: SRTP may be why. */
const mediaRefusals = new Set([415, 488, 606])

/** Whether a plain session may be taken by whom refused an encrypted one with this status. */
export function maybeRefusesSrtp(status: number): boolean {
  return mediaRefusals.has(status)
}

/**
 * The sessions that a destination is offered, in order: the caller's own, as SRTP or as plain RTP by the handoff's
 * `encryption`. Empty when it may not be called with any that the caller has.
 * @param session the caller's; '' leaves the offer to the destination
 * @param refusesSrtp whether this destination has lately refused SRTP and taken plain RTP
 */
export function sessionOffers(session: string, encryption: Step['encryption'], refusesSrtp: boolean): string[] {
  const secure = asSrtp(session)
  switch (encryption) {
    case undefined:
      return [session]
    case 'none':
      return [inTheClear(session)]
    case 'required':
      return isEncrypted(secure) ? [secure] : []
    case 'preferred':
      if (!isEncrypted(secure)) return [session]

      return refusesSrtp ? [inTheClear(session)] : [secure, inTheClear(session)]
  }
}

import { sessionOf } from '../media/session-body.ts'
import type { IncomingReinvite, IncomingRequest } from '../sip/stack.ts'
import type { PartyLeg } from './party-leg.ts'

// What a party's request gets while no other party can be asked: its agent has left, or it hears a destination that has not
// answered. 481 or 408 would end its dialog (RFC 5057 5.1), and 491 speaks of offers that cross (RFC 3261 14.1).

/** A re-INVITE: the party keeps the session that it was sent last, held or resumed as it asks. */
export function reinviteWithoutPeer(leg: PartyLeg, invite: IncomingReinvite): void {
  const offer = sessionOf(invite.request)
  const session = offer === '' ? leg.describe(leg.localSdp) : leg.answer(offer)
  if (!session?.body) invite.respond(488)
  else if (offer !== '') invite.respond(200, session)
  else {
    invite.respond(200, session, (ack) => {
      leg.heard(sessionOf(ack))
    })
  }
}

/** An UPDATE is answered as a re-INVITE is; what only another party could use is refused. */
export function requestWithoutPeer(leg: PartyLeg, request: IncomingRequest): void {
  const offer = request.request.method === 'UPDATE' ? sessionOf(request.request) : ''
  const session = offer === '' ? undefined : leg.answer(offer)
  if (session) request.respond(200, session)
  else request.respond(offer === '' ? 480 : 488)
}

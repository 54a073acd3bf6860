import { isSuccess, retrySoon } from '../../engine/index.ts'
import { isEncrypted } from '../media/srtp.ts'
import { sessionOf } from '../sip/body-part.ts'
import { isRefresh } from '../sip/defer-request.ts'
import type { IncomingReinvite, IncomingRequest, SendOptions, SipRequest, SipResponse } from '../sip/stack.ts'
import { bodyHeadersOf, bodyOf, extensionHeaders, headersOf } from './headers.ts'
import type { PartyLeg } from './party-leg.ts'

/**
 * The session of a message for another leg, with the origin (o= line) that the leg's peer knows: of a multipart body the
 * session alone is passed on. A body without a session is passed on unchanged.
 */
export function sessionFor(leg: PartyLeg, message: SipRequest | SipResponse): SendOptions {
  const session = sessionOf(message)
  if (session === '') return bodyOf(message)

  return { ...leg.describe(session), ...(session === message.body && { headers: bodyHeadersOf(message) }) }
}

/**
 * Serves a request of a party that is no concern of the call itself: passes it to its peer, or answers in the peer's place.
 * @param isCallerAway the caller hears a destination, or is on hold, during a transfer: no other party may change its session
 */
export function serveRequest(
  leg: PartyLeg,
  peer: PartyLeg | undefined,
  request: IncomingRequest,
  isCallerAway: boolean | undefined,
): unknown {
  const { method } = request.request
  if (isRefresh(request.request)) request.respond(200)
  else if (!relayedMethods.has(method)) request.respond(501)
  else if (!peer) request.respond(method === 'UPDATE' ? 491 : 480)
  else if (!peer.up || (method === 'UPDATE' && isCallerAway === true)) requestWithoutPeer(leg, request)
  else return relayRequest(leg, peer, request)

  return undefined
}

/** Serves a re-INVITE of a party, as `serveRequest` does. */
export function serveReinvite(
  leg: PartyLeg,
  peer: PartyLeg | undefined,
  invite: IncomingReinvite,
  isCallerAway: boolean | undefined,
): unknown {
  // The peer is being replaced: its successor's session comes first.
  if (!peer) invite.respond(491)
  else if (!peer.up || isCallerAway === true) reinviteWithoutPeer(leg, invite)
  else return relayReinvite(leg, peer, invite)

  return undefined
}

/** Passes a re-INVITE to the other leg, and its answer back (RFC 3261 14; RFC 3264 for late offers). */
async function relayReinvite(from: PartyLeg, to: PartyLeg, invite: IncomingReinvite): Promise<void> {
  const offer = sessionOf(invite.request)
  const { dialog } = to
  if (isForbidden(offer, from, to)) {
    invite.respond(488)

    return
  }
  if (isRepeated(offer, from, to)) {
    invite.respond(200, from.describe(to.remoteSdp))

    return
  }
  const response = await dialog?.reinvite(to.describe(offer))
  if (!dialog || !response || !isSuccess(response.status)) {
    if (response) invite.respond(...refusalOf(response))
    else invite.respond(491)

    return
  }

  const answer = sessionOf(response)
  to.noteRemoteSdp(answer)
  if (offer !== '') {
    dialog.ack()
    from.noteRemoteSdp(offer)
    invite.respond(200, from.describe(answer))
  } else {
    invite.respond(200, from.describe(answer), (ack) => {
      from.owner.guard.run(() => {
        const late = sessionOf(ack)
        from.noteRemoteSdp(late)
        dialog.ack(to.describe(late))
      })
    })
  }
}

const infoPackage = new Set(['Info-Package'])
const relayedMethods = new Set(['INFO', 'MESSAGE', 'UPDATE'])

/** How many requests of one party may wait for the other party's response. */
const maxRelayedRequests = 32

/** Passes a request to the other leg, and its final response back; more than `maxRelayedRequests` of one party get 500. */
async function relayRequest(from: PartyLeg, to: PartyLeg, request: IncomingRequest): Promise<void> {
  if (from.relayedRequests >= maxRelayedRequests) {
    request.respond(500, { headers: retrySoon })

    return
  }
  from.relayedRequests += 1
  try {
    await relay(from, to, request)
  } finally {
    from.relayedRequests -= 1
  }
}

async function relay(from: PartyLeg, to: PartyLeg, request: IncomingRequest): Promise<void> {
  const { method } = request.request
  if (!to.dialog) return
  // Only UPDATE makes an offer, of the requests that are passed on (RFC 3311).
  const isOffer = method === 'UPDATE'
  const offer = isOffer ? sessionOf(request.request) : ''
  if (isForbidden(offer, from, to)) {
    request.respond(488)

    return
  }
  if (isRepeated(offer, from, to)) {
    request.respond(200, from.describe(to.remoteSdp))

    return
  }
  const sent = isOffer ? sessionFor(to, request.request) : bodyOf(request.request)
  const response = await to.dialog.request(method, {
    ...sent,
    headers: [...(sent.headers ?? []), ...extensionHeaders(request.request, infoPackage)],
  })
  if (offer !== '' && isSuccess(response.status)) {
    from.noteRemoteSdp(offer)
    to.noteRemoteSdp(sessionOf(response))
  }
  if (isSuccess(response.status)) {
    const body = isOffer ? sessionFor(from, response) : bodyOf(response)
    request.respond(response.status, { reason: response.reason, ...body })

    return
  }
  request.respond(...refusalOf(response))
  // RFC 3261 12.2.1.2, RFC 5057 5.1: the other party has no such dialog, or does not answer in it.
  if (response.status === 408 || response.status === 481) to.vanished('refused')
}

/**
 * Statuses that are passed to the other party: they refuse the request itself. All others are about one leg's dialog, hop or
 * credentials, and several of these would end the dialog of the party that gets them (RFC 5057 5.1).
 */
const relayedRefusals = new Set([403, 406, 415, 469, 480, 486, 488, 491, 493, 500, 580, 600, 603, 606])

/** Headers of a refusal that are passed on with it (RFC 3261 21.4.13, RFC 6086 4.2.2, RFC 3261 20.33, 20.43). */
const refusalHeaders = new Set(['Accept', 'Accept-Encoding', 'Recv-Info', 'Retry-After', 'Warning'])

/** The final response to one party's request that the other party, or the stack, has refused. */
function refusalOf(response: SipResponse): [status: number, options?: SendOptions] {
  const { status, reason } = response
  // RFC 3261 21.4.6: a 405 lists the methods of its sender, which are not Baton's.
  if (status === 405 || status === 501) return [501]
  if (!relayedRefusals.has(status)) return [500]

  return [status, { reason, headers: headersOf(response, refusalHeaders) }]
}

/**
 * Whether an offer repeats the party's last one, version included: it refreshes the session timer of its own leg and changes
 * nothing (RFC 4028 7.4, RFC 3264 8). The other party, which may support no re-INVITE, is not asked.
 */
function isRepeated(offer: string, from: PartyLeg, to: PartyLeg): boolean {
  return offer !== '' && offer === from.remoteSdp && to.remoteSdp !== ''
}

/** Whether an offer without SRTP comes in a call where one party was promised SRTP, and no media server encrypts for it. */
function isForbidden(offer: string, from: PartyLeg, to: PartyLeg): boolean {
  if (offer === '') return false
  const isOpen = from.isSrtpOnly && !isEncrypted(from.media?.session ? from.ownSdp : offer)

  return isOpen || (to.isSrtpOnly && !to.media?.session && !isEncrypted(offer))
}

// A party may have no peer: its agent has left, or it hears a destination that has not answered. Its request then gets no 481
// or 408, which would end its dialog (RFC 5057 5.1), and no 491, which is for offers that cross (RFC 3261 14.1).

/** Answers a re-INVITE from the session that the party was sent last, held or resumed as the offer says. */
function reinviteWithoutPeer(leg: PartyLeg, invite: IncomingReinvite): void {
  const offer = sessionOf(invite.request)
  const session = offer === '' ? leg.describe(leg.localSdp) : leg.answer(offer)
  if (!session?.body) invite.respond(488)
  else if (offer !== '') invite.respond(200, session)
  else {
    invite.respond(200, session, (ack) => {
      leg.noteRemoteSdp(sessionOf(ack))
    })
  }
}

/** Answers an UPDATE as a re-INVITE, and refuses every other request that only a peer could serve. */
function requestWithoutPeer(leg: PartyLeg, request: IncomingRequest): void {
  const offer = request.request.method === 'UPDATE' ? sessionOf(request.request) : ''
  const session = offer === '' ? undefined : leg.answer(offer)
  if (session) request.respond(200, session)
  else request.respond(offer === '' ? 480 : 488)
}

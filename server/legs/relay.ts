import type {
  HeadersToSend,
  IncomingReinvite,
  IncomingRequest,
  SendOptions,
  SipRequest,
  SipResponse,
} from '../sip/stack.ts'
import { sessionOf } from '../media/session-body.ts'
import { isMultipart } from '../sip/body-part.ts'
import { isEncrypted } from '../media/srtp.ts'
import { isSuccess, type PartyLeg } from './party-leg.ts'

// What one leg says inside its dialog and the other one should hear.

type Received = SipRequest | SipResponse

/** What says of which kind a body is. */
const bodyHeaders = new Set(['Content-Type', 'Content-Disposition', 'Content-Encoding', 'MIME-Version'])

/** A message's body with its type, to pass on. */
export function bodyOf(message: Received): SendOptions {
  if (message.body === '') return {}

  return { body: message.body, headers: headersOf(message, bodyHeaders) }
}

/**
 * A message's session for another leg, with the origin that the leg knows: of a multipart body the session alone is
 * passed on. A body without a session goes on as it came.
 */
export function sessionFor(leg: PartyLeg, message: Received): SendOptions {
  const session = sessionOf(message)
  if (session === '') return bodyOf(message)

  return { ...leg.describe(session), ...(session === message.body && { headers: headersOf(message, bodyHeaders) }) }
}

/** The caller's whole body, when its session is but a part of it: location and signalling of other networks go on untouched. */
export function wrapping(invite: SipRequest): SendOptions | undefined {
  return isMultipart(invite.header('Content-Type') ?? '') ? bodyOf(invite) : undefined
}

/** The headers of these names, as they are written canonically, in the order in which they came. */
export function headersOf(message: Received, names: ReadonlySet<string>): HeadersToSend {
  return message.entries((name) => names.has(name))
}

const extension = /^x-(?!baton-)/i
const nothingMore: ReadonlySet<string> = new Set()

/** The `X-` headers of a message, and those of the given names, to pass on; `X-Baton-` is ours alone and stays here. */
export function extensionHeaders(message: Received, more = nothingMore): HeadersToSend {
  return message.entries((name) => extension.test(name) || more.has(name))
}

/** The headers by their names, several values of one joined. */
export function byName(headers: HeadersToSend): Record<string, string> {
  const named: Record<string, string> = {}
  for (const [name, value] of headers) {
    const before = named[name]
    named[name] = before === undefined ? value : `${before}, ${value}`
  }

  return named
}

/** Pass a re-INVITE on, and its answer back (RFC 3261 14; RFC 3264 for late offers). */
export async function relayReinvite(from: PartyLeg, to: PartyLeg, invite: IncomingReinvite): Promise<void> {
  const offer = sessionOf(invite.request)
  const { dialog } = to
  if (isForbidden(offer, from, to)) {
    invite.respond(488)

    return
  }
  if (isUnchanged(offer, from, to)) {
    invite.respond(200, from.describe(to.remoteSdp))

    return
  }
  const response = await dialog?.reinvite(to.describe(offer))
  if (!dialog || !response || !isSuccess(response)) {
    if (response) invite.respond(...refusalOf(response))
    else invite.respond(491)

    return
  }

  const answer = sessionOf(response)
  to.heard(answer)
  if (offer !== '') {
    dialog.ack()
    from.heard(offer)
    invite.respond(200, from.describe(answer))
  } else {
    invite.respond(200, from.describe(answer), (ack) => {
      from.owner.guard.run(() => {
        const late = sessionOf(ack)
        from.heard(late)
        dialog.ack(to.describe(late))
      })
    })
  }
}

const infoPackage = new Set(['Info-Package'])
const relayed = new Set(['INFO', 'MESSAGE', 'UPDATE'])

/** Whether a request of this method is passed on to the other leg. */
export function isRelayed(method: string): boolean {
  return relayed.has(method)
}

/** How many requests of one party may wait for the other one's answer. */
const maxRelayedRequests = 32

/** Pass a request on, and its final response back, unless many of that party wait already. */
export async function relayRequest(from: PartyLeg, to: PartyLeg, request: IncomingRequest): Promise<void> {
  if (from.relayed >= maxRelayedRequests) {
    request.respond(500, { headers: [['Retry-After', '1']] })

    return
  }
  from.relayed += 1
  try {
    await relay(from, to, request)
  } finally {
    from.relayed -= 1
  }
}

async function relay(from: PartyLeg, to: PartyLeg, request: IncomingRequest): Promise<void> {
  const { method } = request.request
  if (!to.dialog) return
  // Of the requests that are passed on, only UPDATE makes an offer (RFC 3311).
  const isOffer = method === 'UPDATE'
  const offer = isOffer ? sessionOf(request.request) : ''
  if (isForbidden(offer, from, to)) {
    request.respond(488)

    return
  }
  if (isUnchanged(offer, from, to)) {
    request.respond(200, from.describe(to.remoteSdp))

    return
  }
  const sent = isOffer ? sessionFor(to, request.request) : bodyOf(request.request)
  const response = await to.dialog.request(method, {
    ...sent,
    headers: [...(sent.headers ?? []), ...extensionHeaders(request.request, infoPackage)],
  })
  if (offer !== '' && isSuccess(response)) {
    from.heard(offer)
    to.heard(sessionOf(response))
  }
  if (isSuccess(response)) {
    const body = isOffer ? sessionFor(from, response) : bodyOf(response)
    request.respond(response.status, { reason: response.reason, ...body })
    return
  }
  request.respond(...refusalOf(response))
  // RFC 3261 12.2.1.2, RFC 5057 5.1: the other party has no such dialog, or none that it answers in.
  if (response.status === 408 || response.status === 481) to.vanished('refused')
}

/**
 * Refusals that one party may hear of another's: they speak of what was asked. All others speak of one leg's dialog, hop or
 * credentials, and several of these would end the dialog that they are said in (RFC 5057 5.1).
 */
const relayedRefusals = new Set([403, 406, 415, 469, 480, 486, 488, 491, 493, 500, 580, 600, 603, 606])

/** What such a refusal says with it (RFC 3261 21.4.13, RFC 6086 4.2.2, RFC 3261 20.33, 20.43). */
const refusalHeaders = new Set(['Accept', 'Accept-Encoding', 'Recv-Info', 'Retry-After', 'Warning'])

/** The final response to one party's request in a dialog that another party, or the stack, has refused. */
function refusalOf(response: SipResponse): [status: number, options?: SendOptions] {
  const { status, reason } = response
  // RFC 3261 21.4.6: a 405 says what its sender takes, which is not what we take.
  if (status === 405 || status === 501) return [501]
  if (!relayedRefusals.has(status)) return [500]

  return [status, { reason, headers: headersOf(response, refusalHeaders) }]
}

/**
 * An offer that repeats, version and all, what its sender said last: it refreshes the session timer of its own leg and
 * changes nothing (RFC 4028 7.4, RFC 3264 8). The other leg, which may take no re-INVITE at all, is not asked.
 */
function isUnchanged(offer: string, from: PartyLeg, to: PartyLeg): boolean {
  return offer !== '' && offer === from.remoteSdp && to.remoteSdp !== ''
}

/** A session in the clear between two of whom one was promised SRTP. */
function isForbidden(offer: string, from: PartyLeg, to: PartyLeg): boolean {
  return (from.isSrtpOnly || to.isSrtpOnly) && offer !== '' && !isEncrypted(offer)
}

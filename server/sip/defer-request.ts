import { retrySoon } from '../../engine/index.ts'
import type { IncomingRequest, SipRequest } from './stack.ts'

/**
 * Answers a request of a party that has no peer yet, because an INVITE or a transfer is pending. OPTIONS, INFO and an UPDATE
 * without an offer need no peer. Other requests may be sent again in a second, as an UPDATE with an offer must be while
 * another offer is pending (RFC 3311 5.2).
 */
export function deferRequest(incoming: IncomingRequest): void {
  const { request } = incoming
  const needsNoPeer = request.method === 'OPTIONS' || request.method === 'INFO' || isRefresh(request)
  if (needsNoPeer) incoming.respond(200)
  else incoming.respond(500, { headers: retrySoon })
}

/** Whether a request is an UPDATE that refreshes the session only (RFC 4028 7.4): each leg has a session timer of its own. */
export function isRefresh({ method, body }: SipRequest): boolean {
  return method === 'UPDATE' && body === ''
}

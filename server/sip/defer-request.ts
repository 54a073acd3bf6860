import type { IncomingRequest, SipRequest } from './stack.ts'

/**
 * Answers a request of a party that has no peer yet: its INVITE waits for the final response, or its call is being put
 * through. OPTIONS, INFO and an UPDATE without an offer need no peer. All else may be tried again in a second, as an
 * UPDATE's offer must be while another is open (RFC 3311 5.2).
 */
export function deferRequest(incoming: IncomingRequest): void {
  const { request } = incoming
  const needsNoPeer = request.method === 'OPTIONS' || request.method === 'INFO' || isRefresh(request)
  if (needsNoPeer) incoming.respond(200)
  else incoming.respond(500, { headers: [['Retry-After', '1']] })
}

/** Whether a request is an UPDATE that says only that the session goes on (RFC 4028 7.4): each leg has its own session timer. */
export function isRefresh({ method, body }: SipRequest): boolean {
  return method === 'UPDATE' && body === ''
}

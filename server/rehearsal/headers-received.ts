import type { SipRequest } from '../sip/stack.ts'

/** What a handoff's headers became on the way: the `X-` headers and User-to-User of a request, several of a name joined. */
export function headersReceived(request: SipRequest): Record<string, string> {
  const received: Record<string, string> = {}
  for (const [name, value] of request.entries()) {
    if (!/^(?:x-|user-to-user$)/i.test(name)) continue
    received[name] = received[name] === undefined ? value : `${received[name]}, ${value}`
  }

  return received
}

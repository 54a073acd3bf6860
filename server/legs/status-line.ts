import type { SipResponse, SipRequest } from '../sip/stack.ts'
import { readable } from '../sip/text.ts'

/** `405 Method Not Allowed`, and whether the stack made it up because nothing came. */
export function statusLine(
  response: Pick<SipResponse, 'status' | 'reason' | 'passedOver'> & { local?: boolean },
): string {
  const line = `${response.status} ${readable(response.reason)}`

  return response.local ? `${line} (made by Baton: nothing came)` : withPassedOver(line, response)
}

/** What a message was, and which malformed lines of it were ignored. */
export function withPassedOver(what: string, { passedOver = [] }: Pick<SipRequest, 'passedOver'>): string {
  return passedOver.length === 0 ? what : `${what}, passed over: ${passedOver.join('; ')}`
}

import type { SipRequest, SipResponse } from '../sip/stack.ts'
import { readable } from '../sip/text.ts'

/** The status line of a response as evidence shows it, such as `405 Method Not Allowed`. */
export function statusLine(
  response: Pick<SipResponse, 'status' | 'reason' | 'passedOver'> & { local?: boolean },
): string {
  const line = `${response.status} ${readable(response.reason)}`

  return response.local ? `${line} (made by Baton: nothing came)` : withPassedOver(line, response)
}

/** A message as evidence shows it, with its malformed lines that were ignored. */
export function withPassedOver(what: string, { passedOver = [] }: Pick<SipRequest, 'passedOver'>): string {
  return passedOver.length === 0 ? what : `${what}, passed over: ${passedOver.join('; ')}`
}

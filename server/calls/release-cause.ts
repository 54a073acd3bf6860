import { copyText, splitList } from '../../engine/index.ts'
import type { HeadersToSend, SipRequest, SipResponse } from '../sip/stack.ts'
import { readable } from '../sip/text.ts'
import { extensionHeaders } from '../legs/relay.ts'
import type { Termination } from '../legs/termination.ts'

/** How a call's end reads in the record: a Q.850 cause, and the Reason that was said (RFC 3326). */
export interface ReleaseCause {
  readonly cause: number
  readonly reason?: string
}

const reasonHeader = new Set(['Reason'])

/** What a message that ends a call says of why, for the other party: Reason, and `X-` headers. */
export function reasonsOf(message: SipRequest | SipResponse): HeadersToSend {
  return extensionHeaders(message, reasonHeader)
}

/** Of all Reason values together. */
const maxReasonLength = 256

/**
 * The cause that a party, or Baton, has given in Reason; without one, that of the status which the caller got
 * (RFC 3398 8.2.6.1), and normal clearing for a BYE (RFC 3398 8.2.1).
 * @param said headers of the message that ended the call
 */
export function releaseCause({ result, sipStatus, bye = [] }: Termination, said: HeadersToSend): ReleaseCause {
  const values = (said.length > 0 ? said : bye).filter(([name]) => name === 'Reason').map(([, value]) => value)
  const reason = values.join(', ').slice(0, maxReasonLength)
  const cause = causeIn(reason) ?? (result === 'answered' ? normalClearing : causeOf(sipStatus))

  return reason === '' ? { cause } : { cause, reason: copyText(readable(reason)) }
}

/** The first Q.850 cause of a Reason. */
function causeIn(reason: string): number | undefined {
  for (const value of splitList(reason)) {
    const [protocol = '', ...parameters] = value.split(';').map((part) => part.trim())
    if (protocol.toUpperCase() !== 'Q.850') continue
    for (const parameter of parameters) {
      const [name = '', number = ''] = parameter.split('=').map((part) => part.trim())
      const cause = Number(number)
      if (name.toLowerCase() === 'cause' && Number.isInteger(cause) && cause >= 1 && cause <= 127) return cause
    }
  }

  return undefined
}

const normalClearing = 16
const interworking = 127

/** RFC 3398 8.2.6.1; 487 follows a CANCEL (16), and 488 and 606, which that table leaves to Warning, are incompatible destinations. */
const causes: Readonly<Record<number, number>> = {
  ...{ 400: 41, 401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22, 413: 127, 414: 127 },
  ...{ 415: 79, 416: 127, 420: 127, 421: 127, 423: 127, 480: 18, 481: 41, 482: 25, 483: 25, 484: 28, 485: 1, 486: 17 },
  ...{ 487: normalClearing, 488: 88, 500: 41, 501: 79, 502: 38, 503: 41, 504: 102, 505: 127, 513: 127 },
  ...{ 600: 17, 603: 21, 604: 1, 606: 88 },
}

function causeOf(sipStatus: number): number {
  return causes[sipStatus] ?? interworking
}

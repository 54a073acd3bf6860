import type { PassedOver } from './header-line.ts'
import { headerNames } from './header-names.ts'
import type { Message } from './message.ts'
import type { Request } from './request.ts'
import { isSipUri, isTelUri, parseUri } from './uri.ts'

/** The answer to a request that may not be served. */
export interface RequestRefusal {
  readonly status: number
  readonly reason: string
}

/** The checks of RFC 3261 8.1.1, 8.2 and 16.3 on a request. Undefined when it may be served. */
export function validate(request: Request): RequestRefusal | undefined {
  if (request.version !== 'SIP/2.0') return { status: 505, reason: 'Version Not Supported' }
  const problem = problemOf(request)
  if (problem) return bad(problem)
  if (hasBadContact(request)) return bad('malformed Contact')
  if (request.cseq?.method !== request.method) return bad('CSeq method is not that of the request')
  const uri = parseUri(request.uri)
  // RFC 3261 19.1.1: a Request-URI has no headers.
  if (!uri || (isSipUri(uri) && uri.headers.length > 0)) return bad('Request-URI')
  if (!isSipUri(uri) && !isTelUri(uri)) return { status: 416, reason: 'Unsupported URI Scheme' }

  return checkHops(request)
}

/**
 * RFC 3261 16.3, RFC 7332: a B2BUA counts hops as a proxy does, or two of them call each other for ever. A request in a
 * dialog and a CANCEL are not forwarded, and need no count of hops.
 */
function checkHops(request: Request): RequestRefusal | undefined {
  const hops = hopsOf(request)
  if (hops === undefined) return undefined
  const isLast = request.toTag !== undefined || request.method === 'CANCEL'
  if (hops === 'malformed') {
    if (!isLast) return bad('Max-Forwards')
    request.passOver(headerNames.maxForwards, 'max_forwards')
  }

  // RFC 3261 11.2: an OPTIONS with no hops left is answered by the element that receives it.
  const isForUs = isLast || request.method === 'OPTIONS'

  return hops === 0 && !isForUs ? { status: 483, reason: 'Too Many Hops' } : undefined
}

function hopsOf(message: Message): number | 'malformed' | undefined {
  const count = message.count(headerNames.maxForwards)
  if (count === 0) return undefined
  const hops = count === 1 ? message.maxForwards : undefined

  return hops === undefined || hops > 255 ? 'malformed' : hops
}

// RFC 3261 8.1.1.8, 10.2, RFC 6665 4.1.3, RFC 3515 2.2: outside a dialog these need a Contact. Within a dialog the remote target stays
// unchanged without it.
const contactNeeders = new Set(['INVITE', 'REGISTER', 'SUBSCRIBE', 'REFER'])

function hasBadContact(request: Request): boolean {
  if (request.toTag !== undefined || !contactNeeders.has(request.method)) return false

  return request.has(headerNames.contact) && !request.contact
}

/** All malformed header lines of a message that are passed over, including those that were not read before. */
export function allPassedOver(message: Message): readonly PassedOver[] {
  if (!message.contact) message.passOver(headerNames.contact, 'contact')
  if (hopsOf(message) === 'malformed') message.passOver(headerNames.maxForwards, 'max_forwards')

  return message.passedOver
}

const single = [headerNames.from, headerNames.to, headerNames.callId, headerNames.cseq]

/** The problem of a message that lacks a mandatory header, or has it twice or malformed; undefined without a problem. */
export function problemOf(message: Message): string | undefined {
  for (const header of single) {
    const count = message.count(header)
    if (count !== 1) return count === 0 ? `${header.name} is missing` : `${count} ${header.name} headers`
  }
  if (!message.via) return message.has(headerNames.via) ? 'malformed Via' : 'Via is missing'
  if (!message.from) return 'malformed From'
  if (!message.to) return 'malformed To'
  if (message.callId === '') return 'malformed Call-ID'
  if (!message.cseq) return 'malformed CSeq'

  return undefined
}

function bad(problem: string): RequestRefusal {
  return { status: 400, reason: `Bad Request (${problem})` }
}

import { isMultipart } from '../sip/body-part.ts'
import type { SipHeader, HeadersToSend, SendOptions, SipRequest, SipResponse } from '../sip/stack.ts'

/** Headers that describe a body. */
const bodyHeaders = new Set(['Content-Type', 'Content-Disposition', 'Content-Encoding', 'MIME-Version'])

/** The headers with these canonical names, in the order of the message. */
export function headersOf(message: SipRequest | SipResponse, names: ReadonlySet<string>): HeadersToSend {
  return message.entries((name) => names.has(name))
}

/** The headers of a message that describe its body. */
export function bodyHeadersOf(message: SipRequest | SipResponse): HeadersToSend {
  return headersOf(message, bodyHeaders)
}

/** The body of a message with its type, for another leg. */
export function bodyOf(message: SipRequest | SipResponse): SendOptions {
  return message.body === '' ? {} : { body: message.body, headers: bodyHeadersOf(message) }
}

/** The whole body of an INVITE whose session is one part of it: the other parts, such as location, are passed on unchanged. */
export function multipartBodyOf(invite: SipRequest): SendOptions | undefined {
  return isMultipart(invite.header('Content-Type') ?? '') ? bodyOf(invite) : undefined
}

const extension = /^x-(?!baton-)/i
const noHeaders: ReadonlySet<string> = new Set()

/** The `X-` headers of a message, and those with the given names, for another leg. Baton alone writes `X-Baton-` headers. */
export function extensionHeaders(message: SipRequest | SipResponse, more = noHeaders): HeadersToSend {
  return message.entries((name) => extension.test(name) || more.has(name))
}

const reasonHeader = new Set(['Reason'])

/** Why a message ends a call, for the other party: its Reason and `X-` headers. */
export function reasonHeaders(message: SipRequest | SipResponse): HeadersToSend {
  return extensionHeaders(message, reasonHeader)
}

/** Headers by their names; several values of one name are joined. */
export function byName(headers: HeadersToSend): Record<string, string> {
  const named: Record<string, string> = {}
  for (const [name, value] of headers) {
    const before = named[name]
    named[name] = before === undefined ? value : `${before}, ${value}`
  }

  return named
}

/**
 * Tells an agent that it may send REFER with Replaces (RFC 5589 7). No other leg gets it: an INVITE with Replaces is refused
 * (RFC 3891 3).
 */
export const supportsReplaces: SipHeader = ['Supported', 'replaces']

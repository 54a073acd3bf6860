import { isSecure, isSipsUri, parseNameAddr, parseUri } from '../../engine/index.ts'
import type { SipRequest } from './stack.ts'

/**
 * Whether a request to this URI leaves by TLS. RFC 3261 26.2.2 leaves the hop from the last proxy to the party to the
 * party's domain, so that a sip URI with transport=tls is as good for a leg as a sips URI.
 */
export function isSecureUri(text: string): boolean {
  const uri = parseUri(text)
  if (uri === undefined || !('host' in uri)) return false

  return uri.scheme === 'sips' || isSecure(uri.params.get('transport')?.toLowerCase())
}

/** Whether an INVITE begins a sips call: its Request-URI or top Route has the scheme (RFC 3261 8.1.1.8, 26.2.2). */
export function isSipsInvite(invite: SipRequest): boolean {
  return isSipsUri(invite.uri) || isSipsUri(parseNameAddr(invite.header('Route') ?? '')?.uri ?? '')
}

import { formatUri, isSipUri, parseNameAddr, parseUri } from '../../engine/index.ts'
import { uriHeaders } from '../transfer/agent-refer.ts'

/** Whom a REFER says to call, and what to tell them. */
export interface ReferTarget {
  uri: string
  headers: Record<string, string>
}

/** Reads Refer-To: the URI without its headers, and the `X-` headers and User-to-User that were inside it (RFC 3261 19.1.1). */
export function readReferTo(value: string | undefined): ReferTarget | undefined {
  const nameAddr = parseNameAddr(value ?? '')
  const uri = parseUri(nameAddr?.uri ?? '')
  if (!nameAddr || !uri) return undefined
  if (!isSipUri(uri)) return { uri: nameAddr.uri, headers: {} }

  const headers: Record<string, string> = {}
  for (const [name, text] of uriHeaders(uri)) if (/^(?:x-|user-to-user$)/i.test(name)) headers[name] = text

  return { uri: formatUri({ ...uri, headers: [] }), headers }
}

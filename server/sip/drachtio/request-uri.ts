import { parseSipUri, requestUriOf } from '../../../engine/index.ts'

// drachtio-server (0.9.10) ends itself, with every call it has, over a URI without a host: a Request-URI, whatever its
// route, and a Contact. None of ours goes out, and none of a peer's is acted on.

/** What is sent to a URI: a number is a user of the next hop (RFC 3261 19.1.6). Undefined when there is no way to say it. */
export function requestUri(uri: string, nextHop = ''): string | undefined {
  if (hasHost(uri)) return requestUriOf(uri)
  const number = /^tel:(.+)$/i.exec(uri)?.[1]
  const hop = parseSipUri(nextHop)

  return number !== undefined && hop
    ? `sip:${number}@${hop.host}${hop.port === undefined ? '' : `:${hop.port}`};user=phone`
    : undefined
}

export function hasHost(uri: string): boolean {
  return parseSipUri(uri) !== undefined
}

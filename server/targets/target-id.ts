import { parseSipUri, type SipUri } from '../../engine/index.ts'

/**
 * The id of the target that a URI leads to, `transport:host:port` as in SIP_LISTEN: one for one next hop, whatever the user
 * part (RFC 3263 4). A name without a port, which SRV records may lead anywhere, has none. Undefined for other URIs.
 */
export function targetIdOf(uri: string): string | undefined {
  const parsed = parseSipUri(uri)
  if (!parsed) return undefined
  const host = (parsed.params.get('maddr') ?? parsed.host).toLowerCase()
  const transport = transportOf(parsed)
  const isName = /[a-z]/.test(host) && !host.includes(':')
  if (isName && parsed.port === undefined) return `${transport}:${host}`
  const written = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host

  return `${transport}:${written}:${parsed.port ?? (transport === 'tls' ? 5061 : 5060)}`
}

/** RFC 3263 4.1, without DNS. */
function transportOf({ scheme, params }: SipUri): string {
  return scheme === 'sips' ? 'tls' : (params.get('transport')?.toLowerCase() ?? 'udp')
}

/** The URI to send OPTIONS to: that of a target without its user part and headers, and with the parameters that lead to it. */
export function hopUri(uri: string): string {
  const [scheme = 'sip'] = uri.split(':', 1)
  const hop = uri.slice(scheme.length + 1).replace(/^[^@?]*@/, '')

  return `${scheme}:${hop.split('?', 1)[0]?.replace(/;user=[^;]*/i, '')}`
}

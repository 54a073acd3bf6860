import { isIP } from 'node:net'
import { defaultPort, parseSipUri, transportNamed, type SipUri, type Target } from '../../engine/index.ts'

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

/** The address that a URI leads to without DNS; undefined for one whose host is a name. */
export function addressOfUri(uri: string): Target | undefined {
  const parsed = parseSipUri(uri)
  const transport = parsed && transportNamed(transportOf(parsed))
  if (!transport) return undefined
  const address = parsed.params.get('maddr') ?? parsed.host

  return isIP(address) === 0 ? undefined : { transport, address, port: parsed.port ?? defaultPort(transport) }
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

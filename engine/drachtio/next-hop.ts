import { lookup, resolveSrv } from 'node:dns/promises'
import { isIP } from 'node:net'
import { formatUri, parseSipUri, type SipUri } from '../message/index.ts'

/** A route as clients write it, `host`, `host:port` or a URI, as a URI. */
export function routeUri(route: string): string {
  return /^(sips?|tel):/i.test(route) ? route : `sip:${route}`
}

/**
 * The URI with an address in its host's place, so that it says where to send (RFC 3263 4). At once when there is nothing
 * to look up. Rejects when the name has no address.
 */
export function located(uri: string): string | Promise<string> {
  const parsed = parseSipUri(uri)
  if (!parsed || parsed.host === 'localhost' || isIP(parsed.host) !== 0) return uri

  return locate(parsed)
}

async function locate(uri: SipUri): Promise<string> {
  const service = uri.port === undefined ? await serviceOf(uri) : undefined
  const { address } = await lookup(service?.name ?? uri.host)

  return formatUri({ ...uri, host: address, port: service?.port ?? uri.port })
}

/** RFC 2782: the lowest priority, then by weight. */
async function serviceOf(uri: SipUri): Promise<{ name: string; port: number } | undefined> {
  const transport = uri.params.get('transport')?.toLowerCase() ?? 'udp'
  const prefix = uri.scheme === 'sips' || transport === 'tls' ? '_sips._tcp' : `_sip._${transport}`
  try {
    const all = await resolveSrv(`${prefix}.${uri.host}`)
    const lowest = Math.min(...all.map(({ priority }) => priority))
    const best = all.filter(({ priority }) => priority === lowest)
    let at = Math.random() * best.reduce((sum, { weight }) => sum + weight, 0)

    return best.find(({ weight }) => (at -= weight) <= 0) ?? best[0]
  } catch {
    // No such records: the name is the host's own.
    return undefined
  }
}

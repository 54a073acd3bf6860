import { isIPv6 } from 'node:net'
import { isHostText, parseDigits, trimBlanks } from './characters.ts'

/** A host and, when it is written, a port. An IPv6 address is without its brackets. */
export interface HostPort {
  readonly host: string
  readonly port: number | undefined
}

/**
 * Parses `host`, `host:port`, `[IPv6]` and `[IPv6]:port`; blanks around the colon are allowed (RFC 3261 25.1, COLON). A zone,
 * as in `[fe80::1%eth0]`, means something to the machine alone that wrote it.
 */
export function parseHostPort(text: string, zone: 'refused' | 'kept' = 'refused'): HostPort | undefined {
  const isReference = text.charCodeAt(0) === 91
  const hostEnd = isReference ? text.indexOf(']') + 1 : text.indexOf(':')
  if (isReference && hostEnd === 0) return undefined
  const host = hostEnd < 0 ? text : trimBlanks(text.slice(0, hostEnd))
  // RFC 5118 4.10: RFC 3261's grammar allows a third colon before an IPv4 part; nobody means it.
  const address = isReference ? host.slice(1, -1).replace(':::', '::') : host
  if (isReference ? !isIPv6(address) || (zone === 'refused' && address.includes('%')) : !isHostText(host))
    return undefined
  if (hostEnd < 0 || hostEnd === text.length) return { host: address, port: undefined }
  const rest = trimBlanks(text.slice(hostEnd))
  if (rest.charCodeAt(0) !== 58) return undefined
  const port = parseDigits(trimBlanks(rest.slice(1)))

  return port === undefined || port < 1 || port > 65535 ? undefined : { host: address, port }
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatHostPort(host: string, port?: number): string {
  const name = host.includes(':') ? `[${host}]` : host

  return port === undefined ? name : `${name}:${port}`
}

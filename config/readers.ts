import { isIP } from 'node:net'
import { isSupportedCountry } from 'libphonenumber-js'
import { defined } from '../base/defined.ts'
import { isLoopback } from '../base/address.ts'
import type { ClaimRole, ListenAddress, ServerAddress, SipListener, SipTransport } from './settings.ts'

/** Readers of a setting's text; each returns undefined for a text of another form. */

/** `transport:address:port`, and `=host[:port]` for an address that peers see instead. */
export function readListener(text: string): SipListener | undefined {
  const [, transport = '', rest = '', shown] = /^([a-z]+):([^=]+)(?:=(.+))?$/i.exec(text) ?? []
  const name = transport.toLowerCase()
  const endpoint = readListenAddress(rest)
  if (!endpoint || !isTransport(name)) return undefined
  if (shown === undefined) return { transport: name, ...endpoint }
  const { host, port } = splitHostPort(shown)
  if (host === undefined || !isHost(host) || port === 0) return undefined

  return { transport: name, ...endpoint, advertised: { host, ...defined({ port }) } }
}

function isTransport(name: string): name is SipTransport {
  return ['udp', 'tcp', 'tls', 'ws', 'wss'].includes(name)
}

/** `address:port`; `localhost` is 127.0.0.1. Other names are refused, since DNS decides what they stand for. */
export function readListenAddress(text: string): ListenAddress | undefined {
  const { host, port } = splitHostPort(text)
  const address = host === 'localhost' ? '127.0.0.1' : host
  if (address === undefined || port === undefined || !isIP(address)) return undefined

  return { address, port }
}

/** `host:port` of a server to connect to; the port may be left out where there is a usual one. */
export function readServerAddress(text: string, usualPort?: number): ServerAddress | undefined {
  const { host, port = usualPort } = splitHostPort(text)
  if (host === undefined || !isHost(host) || !port) return undefined

  return { host, port }
}

/** An address or a CIDR range, as a range. */
export function readCidr(text: string): string | undefined {
  const [address = '', prefix, ...more] = text.split('/')
  const family = isIP(address)
  const widest = family === 4 ? 32 : 128
  if (!family || more.length || address.includes('%')) return undefined
  if (prefix === undefined) return `${address}/${widest}`
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > widest) return undefined

  return `${address}/${Number(prefix)}`
}

/** An http or https URL without user and password, which would be shown in logs. */
export function readHttpUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, username, password } = new URL(text)

  return /^https?:$/.test(protocol) && username === '' && password === '' ? text : undefined
}

/** `sip:host[:port][;parameters]`, without a user part (RFC 3261 19.1.1). */
export function readGateway(text: string): string | undefined {
  const [, authority = ''] = /^sips?:([^;?@\0-\x20\x7f]+)(;[^;?@\0-\x20\x7f]+)*$/i.exec(text) ?? []

  return readServerAddress(authority, 5060) && text
}

export function readRedisUrl(text: string): string | undefined {
  return /^rediss?(\+(sentinel|cluster))?:\/\/([^@/?\s]*@)?[^@/?\s:][^@/?\s]*(\/[^?\s]*)?(\?\S*)?$/i.test(text)
    ? text
    : undefined
}

export function readIp(text: string): string | undefined {
  return isIP(text) && !text.includes('%') ? text : undefined
}

export function readCountry(text: string): string | undefined {
  return isSupportedCountry(text) ? text : undefined
}

/** The address and transport of Homer: `udp:host[:port]` or `tcp:host[:port]`. */
export function readHep(text: string): (ServerAddress & { transport: 'udp' | 'tcp' }) | undefined {
  const [, transport, rest] = /^(udp|tcp):(.+)$/i.exec(text) ?? []
  const server = rest === undefined ? undefined : readServerAddress(rest, 9060)

  return server && { transport: transport?.toLowerCase() === 'tcp' ? 'tcp' : 'udp', ...server }
}

/** A number as it is dialled. */
export function readDialled(text: string): string | undefined {
  return /^\+?[\d*#]{1,15}$/.test(text) ? text : undefined
}

export function readHost(text: string): string | undefined {
  return isHost(text) ? text : undefined
}

const maxSecretLength = 1024

/** Printable ASCII without spaces, so that it fits into an HTTP header (RFC 6750 2.1). */
export function readSecret(text: string): string | undefined {
  return text.length <= maxSecretLength && /^[\x21-\x7e]+$/.test(text) ? text : undefined
}

/** 32 bytes in base64. */
export function readSecretsKey(text: string): string | undefined {
  return /^[A-Za-z0-9+/]{43}=$/.test(text) ? text : undefined
}

/** An https URL, or an http one on the loopback, as an OpenID issuer is named (OpenID Connect Core 2). */
export function readIssuer(text: string): string | undefined {
  const url = readHttpUrl(text) === undefined ? undefined : new URL(text)
  const isSafe = url?.protocol === 'https:' || (url !== undefined && isLoopback(url.hostname.replace(/^\[|\]$/g, '')))

  return isSafe && url.search === '' && url.hash === '' ? text : undefined
}

export const roleNames = ['viewer', 'operator', 'publisher', 'admin'] as const

/** `value:role` or `value:role@project`: the role that a value of a claim stands for. */
export function readClaimRole(text: string): ClaimRole | undefined {
  const [, value = '', named, project] = /^(.+):([a-z]+)(?:@([A-Za-z0-9][A-Za-z0-9_.-]{0,63}))?$/.exec(text) ?? []
  const role = roleNames.find((name) => name === named)

  return role && { value, role, ...defined({ project }) }
}

/** `name:token`; the history shows the name. */
export function readApiToken(text: string): { name: string; token: string } | undefined {
  const colon = text.indexOf(':')
  const [name, token] = [text.slice(0, colon), text.slice(colon + 1)]
  const isNamed = colon > 0 && colon <= 64 && /^[A-Za-z0-9][\w.@-]*$/.test(name)

  return isNamed && readSecret(token) !== undefined ? { name, token } : undefined
}

const maxUserNameLength = 255

/** RFC 7617 2, RFC 7616 3.4.2: a user name has no colon. */
export function readUserName(text: string): string | undefined {
  return text.length <= maxUserNameLength && /^[^:\p{Cc}]+$/u.test(text) ? text : undefined
}

/** A product token or comment of RFC 3261 25.1's User-Agent: printable ASCII. */
export function readProduct(text: string): string | undefined {
  return /^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(text) ? text : undefined
}

function splitHostPort(text: string): { host?: string; port?: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || (bracketed !== undefined && isIP(bracketed) !== 6)) return {}
  if (digits === undefined) return { host }

  return Number(digits) > 65535 ? {} : { host, port: Number(digits) }
}

function isHost(text: string): boolean {
  if (isIP(text)) return true
  const labels = text.split('.')

  return labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label)) && !/^[\d.]+$/.test(text)
}

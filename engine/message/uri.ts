import { isIPv6 } from 'node:net'
import {
  afterBlanks,
  beforeBlanks,
  isHostText,
  isToken,
  parseDigits,
  passwordBytes,
  trimBlanks,
  uriHeaderBytes,
  userBytes,
  isPercentEncoded,
  percentDecode,
  percentEncode,
} from './characters.ts'
import { Params } from './params.ts'

/** A sip: or sips: URI (RFC 3261 19.1). Immutable; `{ ...uri, host }` and `formatUri` make another. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips'
  /** The user part as written, still percent-encoded. */
  readonly rawUser: string | undefined
  /** Decoded. */
  readonly user: string | undefined
  readonly password: string | undefined
  /** The host as written; IPv6 without brackets. */
  readonly host: string
  readonly port: number | undefined
  readonly params: Params
  /** The `?name=value` headers, decoded once. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** A URI that is neither sip:, sips: nor tel:. */
interface OtherUri {
  readonly scheme: string
  readonly text: string
}

export type Uri = SipUri | TelUri | OtherUri

const noHeaders: SipUri['headers'] = []

/** Parses a URI. Undefined when it is malformed. */
export function parseUri(text: string): Uri | undefined {
  const colon = text.indexOf(':')
  if (colon <= 0) return undefined
  const scheme = text.slice(0, colon).toLowerCase()
  if (scheme === 'sip' || scheme === 'sips') return parseAfterScheme(scheme, text, colon + 1)
  if (scheme === 'tel') return parseTelUri(text.slice(colon + 1))

  return isScheme(scheme) && isUriText(text) ? { scheme, text } : undefined
}

/** Parses a sip: or sips: URI. Undefined for every other text. */
export function parseSipUri(text: string): SipUri | undefined {
  const uri = parseUri(text)

  return uri && isSipUri(uri) ? uri : undefined
}

export function isSipUri(uri: Uri): uri is SipUri {
  return uri.scheme === 'sip' || uri.scheme === 'sips'
}

/** Whether a URI is a sips: one, by its text. */
export function isSipsUri(uri: string): boolean {
  return uri.slice(0, 5).toLowerCase() === 'sips:'
}

export function isTelUri(uri: Uri): uri is TelUri {
  return uri.scheme === 'tel'
}

function parseAfterScheme(scheme: 'sip' | 'sips', text: string, start: number): SipUri | undefined {
  // A user part may hold ; and ?, so it is found first; a later @ belongs to an unescaped header (RFC 3261 19.1.1).
  const at = text.indexOf('@', start)
  const userinfo = at < 0 ? undefined : text.slice(start, at)
  const question = text.indexOf('?', at < 0 ? start : at)
  const end = question < 0 ? text.length : question
  const semicolon = text.indexOf(';', at < 0 ? start : at)
  const hostEnd = semicolon < 0 || semicolon > end ? end : semicolon
  const hostPort = parseHostPort(text.slice(at < 0 ? start : at + 1, hostEnd))
  if (!hostPort) return undefined
  const params = hostEnd === end ? Params.noneOfUri : Params.parseUri(text.slice(0, end), hostEnd)
  const headers = question < 0 ? noHeaders : parseHeaders(text.slice(question + 1))
  if (!params || !headers) return undefined
  const { host, port } = hostPort
  if (userinfo === undefined) {
    return { scheme, rawUser: undefined, user: undefined, password: undefined, host, port, params, headers }
  }
  const colon = userinfo.indexOf(':')
  const rawUser = colon < 0 ? userinfo : userinfo.slice(0, colon)
  const password = colon < 0 ? undefined : percentDecode(userinfo.slice(colon + 1))
  if (rawUser === '' || !isUriText(userinfo) || !isPercentEncoded(userinfo)) return undefined

  return { scheme, rawUser, user: percentDecode(rawUser), password, host, port, params, headers }
}

function parseHeaders(text: string): SipUri['headers'] | undefined {
  if (!isUriText(text)) return undefined
  const headers: [string, string][] = []
  for (const part of text.split('&')) {
    const equals = part.indexOf('=')
    if (equals <= 0) return undefined
    headers.push([percentDecode(part.slice(0, equals)), percentDecode(part.slice(equals + 1))])
  }

  return headers
}

function isScheme(text: string): boolean {
  return isToken(text) && /^[a-z][a-z0-9+.-]*$/.test(text)
}

function isUriText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code <= 32 || code === 34 || code === 60 || code === 62) return false
  }

  return text.length > 0
}

/** The parts for `formatUri`. A `user` is encoded; a `rawUser` is written as it is and wins over `user`. */
export interface SipUriParts {
  scheme?: 'sip' | 'sips'
  rawUser?: string | undefined
  user?: string | undefined
  password?: string | undefined
  host: string
  port?: number | undefined
  params?: Params
  headers?: SipUri['headers']
}

/** The text of a sip: or sips: URI. Header names and values are percent-encoded once. */
export function formatUri(uri: SipUriParts): string {
  const rawUser = uri.rawUser ?? (uri.user === undefined ? undefined : percentEncode(uri.user, userBytes))
  const password = uri.password === undefined ? '' : `:${percentEncode(uri.password, passwordBytes)}`
  const userinfo = rawUser === undefined ? '' : `${rawUser}${password}@`
  const hostPort = formatHostPort(uri.host, uri.port)

  return `${uri.scheme ?? 'sip'}:${userinfo}${hostPort}${uri.params?.toString() ?? ''}${formatHeaders(uri.headers)}`
}

function formatHeaders(headers: SipUri['headers'] = []): string {
  if (headers.length === 0) return ''
  const encode = (text: string) => percentEncode(text, uriHeaderBytes)

  return `?${headers.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`
}

/** A host and, when it is written, a port. An IPv6 address is without its brackets. */
export interface HostPort {
  readonly host: string
  readonly port: number | undefined
}

/**
 * Parses `host`, `host:port`, `[IPv6]` and `[IPv6]:port`; blanks around the colon are allowed (RFC 3261 25.1, COLON). A zone,
 * as in `[fe80::1%eth0]`, has a meaning only on the machine that wrote it.
 */
export function parseHostPort(text: string, zone: 'refused' | 'kept' = 'refused'): HostPort | undefined {
  const isReference = text.charCodeAt(0) === 91
  const hostEnd = isReference ? text.indexOf(']') + 1 : text.indexOf(':')
  if (isReference && hostEnd === 0) return undefined
  const host = hostEnd < 0 ? text : trimBlanks(text.slice(0, hostEnd))
  // RFC 5118 4.10: RFC 3261's grammar allows a third colon before an IPv4 part by mistake.
  const address = isReference ? host.slice(1, -1).replace(':::', '::') : host
  if (isReference ? !isIPv6(address) || (zone === 'refused' && address.includes('%')) : !isHostText(host)) {
    return undefined
  }
  if (hostEnd < 0 || hostEnd === text.length) return { host: address, port: undefined }
  const colon = afterBlanks(text, hostEnd, text.length)
  if (text.charCodeAt(colon) !== 58) return undefined
  const portStart = afterBlanks(text, colon + 1, text.length)
  const port = parseDigits(text, portStart, beforeBlanks(text, portStart, text.length))

  return port === undefined || port < 1 || port > 65535 ? undefined : { host: address, port }
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatHostPort(host: string, port?: number): string {
  const name = host.includes(':') ? `[${host}]` : host

  return port === undefined ? name : `${name}:${port}`
}

/** A tel: URI (RFC 3966). */
export interface TelUri {
  readonly scheme: 'tel'
  /** The number as written, visual separators and all. */
  readonly rawNumber: string
  /** Without visual separators; a global number begins with +. */
  readonly number: string
  readonly params: Params
}

/** Parses what follows `tel:`. Undefined when it is malformed. */
function parseTelUri(text: string): TelUri | undefined {
  const semicolon = text.indexOf(';')
  const rawNumber = semicolon < 0 ? text : text.slice(0, semicolon)
  // RFC 3966 3: digits (hexadecimal, * and # in a local number) and the visual separators - . ( )
  if (!/^\+?[0-9a-fA-F*#().-]+$/.test(rawNumber)) return undefined
  const number = rawNumber.replace(/[().-]/g, '')
  if (!/^(?:\+[0-9]+|[0-9a-fA-F*#]+)$/.test(number)) return undefined
  const params = semicolon < 0 ? Params.noneOfUri : Params.parseUri(text, semicolon)

  return params && { scheme: 'tel', rawNumber, number, params }
}

// A URI with one of these parameters never equals a URI without it.
const decisive = ['user', 'ttl', 'method', 'maddr', 'transport']

/** The two URIs are equivalent: RFC 3261 19.1.4 for sip: and sips:, RFC 3966 4 for tel:, character by character for others. */
export function sameUri(a: Uri, b: Uri): boolean {
  if (a.scheme !== b.scheme) return false
  if (isSipUri(a)) return isSipUri(b) && sameSipUri(a, b)
  if (isTelUri(a)) {
    const sameNumber = isTelUri(b) && a.number.toLowerCase() === b.number.toLowerCase()

    return sameNumber && a.params.size === b.params.size && agree(a.params, b.params, namesOf(a.params))
  }

  return !isSipUri(b) && !isTelUri(b) && a.text === b.text
}

function sameSipUri(a: SipUri, b: SipUri): boolean {
  return (
    normalUser(a.rawUser) === normalUser(b.rawUser) &&
    a.password === b.password &&
    a.host.toLowerCase() === b.host.toLowerCase() &&
    a.port === b.port &&
    agree(a.params, b.params, decisive) &&
    agree(a.params, b.params, sharedNames(a.params, b.params)) &&
    normalHeaders(a) === normalHeaders(b)
  )
}

// "Characters other than those in the reserved set are equivalent to their %HH encoding": an escaped ; is not a ; of the user part.
function normalUser(rawUser: string | undefined): string | undefined {
  if (!rawUser?.includes('%')) return rawUser

  return rawUser.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = percentDecode(escape)

    return ';/?:@&=+$,'.includes(character) ? escape.toUpperCase() : percentEncode(character, userBytes)
  })
}

const namesOf = (params: Params): string[] => Array.from(params, ([name]) => name)
const sharedNames = (a: Params, b: Params): string[] => namesOf(a).filter((name) => b.has(name))

function agree(a: Params, b: Params, names: readonly string[]): boolean {
  return names.every((name) => a.get(name)?.toLowerCase() === b.get(name)?.toLowerCase())
}

function normalHeaders({ headers }: SipUri): string {
  return JSON.stringify(headers.map(([name, value]) => [name.toLowerCase(), value]).sort())
}

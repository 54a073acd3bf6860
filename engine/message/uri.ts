import { isToken, passwordBytes, uriHeaderBytes, userBytes } from './characters.ts'
import { formatHostPort, parseHostPort } from './host-port.ts'
import { Params } from './params.ts'
import { isPercentEncoded, percentDecode, percentEncode } from './percent.ts'
import { parseTelUri, type TelUri } from './tel-uri.ts'

/** A sip: or sips: URI (RFC 3261 19.1). Immutable; `{ ...uri, host }` and `formatUri` make another. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips'
  /** As written, still percent-encoded. */
  readonly rawUser: string | undefined
  /** Decoded. */
  readonly user: string | undefined
  readonly password: string | undefined
  /** As written; IPv6 without brackets. */
  readonly host: string
  readonly port: number | undefined
  readonly params: Params
  /** The `?name=value` headers, decoded once. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** A URI of a scheme that is none of ours. */
export interface OtherUri {
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

export function isTelUri(uri: Uri): uri is TelUri {
  return uri.scheme === 'tel'
}

function parseAfterScheme(scheme: 'sip' | 'sips', text: string, start: number): SipUri | undefined {
  // A user part may hold ; and ?, so it is found first; an @ after it is somebody's unescaped header (RFC 3261 19.1.1).
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

/** What `formatUri` needs; a `user` is encoded, a `rawUser` is taken as it is and wins. */
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

/** A destination as a trunk writes it: the Request-URIs of an INVITE, and the Refer-To of a REFER (RFC 3515). */
import { countryCode, formatNumber, normaliseNumber } from '../schema/e164.ts'
import type { NumberFormat } from '../schema/project-file.ts'
import { isE164, parseRoute } from '../schema/uri.ts'

/** How a trunk writes numbers, and where it takes them. */
export interface NumberTrunk {
  name: string
  /** ISO 3166, for numbers written nationally. */
  country?: string | undefined
  numberFormat?: NumberFormat | undefined
  /** SIP URIs, in order of preference. */
  gateways?: readonly string[] | undefined
  /** `sip_phone`: a Refer-To names `sip:number@gateway;user=phone` in the place of `tel:number`. */
  referTo?: 'as_written' | 'sip_phone' | undefined
}

/** Why a destination cannot be called by a trunk, known before any call. */
export interface DestinationProblem {
  code: 'no_gateway' | 'number_format'
  detail: string
}

/** A route as a URI: a number is `tel:+…`, whatever the trunk makes of it; '' without a route. */
export function routeUri(route: string | undefined): string {
  if (route === undefined) return ''

  return isE164(route) ? `tel:${route}` : route
}

/** The E.164 number of a route; undefined for a SIP URI, and for a tel: URI of a local number that no country gives one. */
export function numberOfRoute(route: string): string | undefined {
  return isE164(route) || isTel(route) ? normaliseNumber(route) : undefined
}

/**
 * The Request-URIs that a destination is called by, in order: a SIP URI stands for itself; a number goes to each of the
 * trunk's gateways as `sip:<number>@<gateway>;user=phone` (RFC 3261 19.1.6).
 * @param format the handoff's own, in the place of the trunk's
 */
export function inviteUris(
  uri: string,
  trunk: NumberTrunk,
  format?: NumberFormat,
): readonly string[] | DestinationProblem {
  const number = written(uri, trunk, format)
  if (number === undefined) return [uri]
  if (typeof number !== 'string') return number
  const { name, gateways = [] } = trunk
  if (gateways.length === 0)
    return { code: 'no_gateway', detail: `${number} is a number, and trunk ${name} has no gateway to send it to` }

  return gateways.map((gateway) => atGateway(number, gateway))
}

/**
 * The URIs that a Refer-To may name to move callers of a trunk to a destination, in order: with `refer_to: sip_phone` a
 * number is at each of the trunk's gateways.
 */
export function referUris(
  uri: string,
  trunk: NumberTrunk = { name: '' },
  format?: NumberFormat,
): readonly [string, ...string[]] | DestinationProblem {
  const number = written(uri, trunk, format)
  if (number === undefined) return [uri]
  if (typeof number !== 'string') return number
  if (trunk.referTo !== 'sip_phone') return [telUri(uri, number, trunk, format)]
  const [first, ...others] = (trunk.gateways ?? []).map((gateway) => atGateway(number, gateway))
  if (first !== undefined) return [first, ...others]
  const detail = `trunk ${trunk.name} has no gateway, which a Refer-To of refer_to: sip_phone names`

  return { code: 'no_gateway', detail }
}

/** The digits of a number in the trunk's format; undefined for a SIP URI. */
function written(
  uri: string,
  { name, country, numberFormat }: NumberTrunk,
  own: NumberFormat | undefined,
): string | DestinationProblem | undefined {
  const tel = isTel(uri) ? parseRoute(uri)?.user : undefined
  if (tel === undefined) return undefined
  const digits = tel.replace(/[().-]/g, '')
  const format = own ?? numberFormat ?? 'as_written'
  // A short code or an extension has no other form than its own.
  const number = format === 'as_written' ? undefined : normaliseNumber(uri)
  if (number === undefined) return digits
  const text = formatNumber(number, format, country)
  if (text !== undefined) return text
  const home = country === undefined ? 'any country' : country.toUpperCase()
  const detail = `${number} is no national number of ${home}: trunk ${name} cannot be sent it as number_format: ${format}; give the handoff a number_format of its own, such as e164`

  return { code: 'number_format', detail }
}

/** RFC 3966 5.1.4, 5.1.5: a number that is not global belongs to a context, its country or the dial plan of the trunk. */
function telUri(uri: string, written: string, trunk: NumberTrunk, own: NumberFormat | undefined): string {
  const format = own ?? trunk.numberFormat ?? 'as_written'
  const number = format === 'as_written' ? undefined : normaliseNumber(uri)
  if (number === undefined) return uri
  if (written.startsWith('+')) return `tel:${written}`
  const context = format === 'national' ? countryCode(number) : parseRoute(trunk.gateways?.[0] ?? '')?.host

  return context === undefined ? `tel:${written}` : `tel:${written};phone-context=${context}`
}

/** The gateway's own scheme and parameters are kept: they say how it is reached. */
function atGateway(number: string, gateway: string): string {
  const [head = '', ...params] = gateway.split(';')
  const [scheme = 'sip', ...host] = head.split(':')
  const hostPort = host.join(':').replace(/^[^@]*@/, '')

  return [`${scheme}:${number}@${hostPort}`, ...params, 'user=phone'].join(';')
}

function isTel(uri: string): boolean {
  return uri.slice(0, 4).toLowerCase() === 'tel:'
}

/** The Refer-To header (RFC 3515) and the URI inside it. */

type HeaderList = readonly (readonly [name: string, value: string])[]

/**
 * A whole Refer-To value: `<sip:desk@pbx.example?X-Account=7>`. Always in angle brackets, since `?`, `;` and `,` belong to the
 * URI only there (RFC 3261 20.10). Headers are percent-encoded once; a `tel:` URI stays as it is and has none (RFC 3966).
 */
export function referTo(target: string, headers: HeaderList = []): string {
  return `<${withHeaders(target, headers)}>`
}

/** A SIP URI with headers inside it, beside those that it has already. */
function withHeaders(target: string, headers: HeaderList): string {
  if (headers.length === 0 || /^tel:/i.test(target)) return target
  const added = headers.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&')

  return `${target}${target.slice(target.lastIndexOf('@') + 1).includes('?') ? '&' : '?'}${added}`
}

// RFC 3261 25.1: hname and hvalue are unreserved, hnv-unreserved ([]/?:+$) or escaped. Escaping `+` too keeps those peers right that
// read it as a space.
const safe = /^[A-Za-z0-9\-_.!~*'()[\]/?:$]$/
const utf8 = new TextEncoder()

function escape(text: string): string {
  let out = ''
  for (const byte of utf8.encode(text)) {
    const character = String.fromCharCode(byte)
    out += safe.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }

  return out
}

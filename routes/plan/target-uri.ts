/** A destination as a trunk writes it: the Request-URIs of an INVITE, and the Refer-To of a REFER (RFC 3515). */
import { countryCode, formatNumber, normaliseNumber } from '../schema/e164.ts'
import type { NumberFormat } from '../schema/project-file.ts'
import { isE164, parseRoute } from '../schema/uri.ts'
import { premiumProblem, type DestinationProblem, type NumberTrunk } from './dialled-number.ts'
import type { RenderedHeader } from '../table/render.ts'

/** A route as a URI: `tel:+…` for a number, in every trunk; '' without a route. */
export function routeUri(route: string | undefined): string {
  if (route === undefined) return ''

  return isE164(route) ? `tel:${route}` : route
}

/** The E.164 number of a route; undefined for a SIP URI, and for a tel: URI whose local number has no country. */
export function numberOfRoute(route: string): string | undefined {
  return isE164(route) || isTel(route) ? normaliseNumber(route) : undefined
}

/**
 * The Request-URIs of INVITEs to a destination, in order. A SIP URI is used as it is; a number goes to each of the trunk's
 * gateways as `sip:<number>@<gateway>;user=phone` (RFC 3261 19.1.6).
 * @param format the handoff's number format, which replaces that of the trunk
 */
export function inviteUris(
  uri: string,
  trunk: NumberTrunk,
  format?: NumberFormat,
): readonly string[] | DestinationProblem {
  const number = digitsFor(uri, trunk, format)
  if (number === undefined) return [uri]
  if (typeof number !== 'string') return number
  const { name, gateways = [] } = trunk
  if (gateways.length === 0) {
    return { code: 'no_gateway', detail: `${number} is a number, and trunk ${name} has no gateway to send it to` }
  }

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
  const number = digitsFor(uri, trunk, format)
  if (number === undefined) return [uri]
  if (typeof number !== 'string') return number
  if (trunk.referTo !== 'sip_phone') return [telUri(uri, number, trunk, format)]
  const [first, ...others] = (trunk.gateways ?? []).map((gateway) => atGateway(number, gateway))
  if (first !== undefined) return [first, ...others]
  const detail = `trunk ${trunk.name} has no gateway, which a Refer-To of refer_to: sip_phone names`

  return { code: 'no_gateway', detail }
}

/** The digits of a number in the trunk's format; undefined for a SIP URI. */
function digitsFor(
  uri: string,
  trunk: NumberTrunk,
  own: NumberFormat | undefined,
): string | DestinationProblem | undefined {
  const denied = premiumProblem(uri, trunk)
  if (denied) return denied
  const tel = isTel(uri) ? parseRoute(uri)?.user : undefined
  if (tel === undefined) return undefined
  const { name, country, numberFormat } = trunk
  const digits = tel.replace(/[().-]/g, '')
  const format = own ?? numberFormat ?? 'as_written'
  // A short code or an extension has no other form.
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

/** The gateway's scheme and parameters stay, since they say how it is reached. */
function atGateway(number: string, gateway: string): string {
  const [head = '', ...params] = gateway.split(';')
  const [scheme = 'sip', ...host] = head.split(':')
  const hostPort = host.join(':').replace(/^[^@]*@/, '')

  return [`${scheme}:${number}@${hostPort}`, ...params, 'user=phone'].join(';')
}

function isTel(uri: string): boolean {
  return uri.slice(0, 4).toLowerCase() === 'tel:'
}

/**
 * The value of Refer-To (RFC 3515): `<sip:desk@pbx.example?X-Account=7>`. Always in angle brackets, since `?`, `;` and `,`
 * belong to the URI only there (RFC 3261 20). Headers are percent-encoded once; a `tel:` URI has none (RFC 3966).
 */
export function referTo(target: string, headers: readonly RenderedHeader[] = []): string {
  return `<${withHeaders(target, headers)}>`
}

/** A SIP URI with more headers inside it. */
function withHeaders(target: string, headers: readonly RenderedHeader[]): string {
  if (headers.length === 0 || /^tel:/i.test(target)) return target
  const added = headers.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&')

  return `${target}${target.slice(target.lastIndexOf('@') + 1).includes('?') ? '&' : '?'}${added}`
}

// RFC 3261 25.1: hname and hvalue are unreserved, hnv-unreserved ([]/?:+$) or escaped. `+` is escaped as well, since some
// peers read it as a space.
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

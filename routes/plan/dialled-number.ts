/** The number that a URI has dialled, whether it is written as a number or as the user of a SIP URI, and whose trunk pays for it. */
import { normaliseNumber, numberKind, type NumberContext } from '../schema/e164.ts'
import { isE164, parseRoute, unescape } from '../schema/uri.ts'
import { hostsOf } from './private-hosts.ts'
import type { NumberFormat } from '../schema/project-file.ts'
import type { PinnedTable } from '../table/pinned.ts'

/** The number format of a trunk, and its gateways. */
export interface NumberTrunk {
  name: string
  /** ISO 3166, for numbers written nationally. */
  country?: string | undefined
  numberFormat?: NumberFormat | undefined
  /** SIP URIs, in order of preference. */
  gateways?: readonly string[] | undefined
  /** `sip_phone`: a Refer-To names `sip:number@gateway;user=phone` in the place of `tel:number`. */
  referTo?: 'as_written' | 'sip_phone' | undefined
  /** Beginnings of the premium-rate numbers that it may be sent; every number when left out. */
  allowPremium?: readonly string[] | undefined
}

/** Why a trunk cannot call a destination, known before a call. */
export interface DestinationProblem {
  code: 'no_gateway' | 'number_format' | 'premium_denied'
  detail: string
}

/** The number that a switch would dial for a target, in international form. */
export function dialledNumber(target: string, context?: NumberContext): string | undefined {
  const number = normaliseNumber(target, context)
  if (number !== undefined) return number
  // The user part may begin with an international prefix, of most countries or of North America.
  const { user = '', params = '' } = parseRoute(target) ?? {}
  const [local = '', ...own] = unescape(user.slice(0, 256)).split(';')
  const digits = local.replace(/[-.()]/g, '')
  const phoneContext = [...own, ...unescape(params.slice(0, 256)).split(';')]
    .find((param) => /^phone-context=\+/i.test(param))
    ?.replace(/^[^+]*|[-.()]/g, '')
  // RFC 3966 5.1.5: a global phone-context comes before the digits of a local number.
  if (phoneContext !== undefined && !digits.startsWith('+')) return `${phoneContext}${digits}`
  const international = /^(?:\++|0011|00|011)([1-9]\d{5,})/.exec(digits)?.[1]

  return international === undefined ? undefined : `+${international}`
}

/**
 * The number that a trunk is to dial, and pays for: that of a number, and that of the user part of a SIP URI at the host of
 * one of the trunk's gateways, with or without `user=phone` (RFC 3261 19.1.6). Undefined for any other destination.
 */
export function numberByTrunk(uri: string, trunk: NumberTrunk): string | undefined {
  const isNumber = isE164(uri) || /^tel:/i.test(uri)
  // A user part without a digit, escaped ones included, is no number.
  const user = uri.slice(0, Math.max(0, uri.indexOf('@')))
  if (!isNumber && !(/[\d%]/.test(user) && isAtGateway(uri, trunk))) return undefined

  return dialledNumber(uri, { country: trunk.country, format: trunk.numberFormat })
}

/** Whether a SIP URI has the host of one of the trunk's gateways; the port and the transport do not matter. */
export function isAtGateway(uri: string, { gateways = [] }: NumberTrunk): boolean {
  const hosts = hostsOf(uri)

  return hosts.length > 0 && gateways.some((gateway) => hostsOf(gateway).some((host) => hosts.includes(host)))
}

/** Premium rates are paid by the owner of the trunk, who allows them by their beginnings. */
export function premiumProblem(uri: string, trunk: NumberTrunk): DestinationProblem | undefined {
  const { name, allowPremium } = trunk
  const number = allowPremium && numberByTrunk(uri, trunk)
  if (number === undefined || allowPremium?.some((prefix) => number.startsWith(prefix))) return undefined
  if (numberKind(number) !== 'premium') return undefined
  const detail = `${number} is a premium-rate number, which trunk ${name} may not be sent (allow_premium)`

  return { code: 'premium_denied', detail }
}

/** Why no caller may be sent to this number or URI, by request or by redirection; undefined when one may. */
export function deniedProblem(pinned: PinnedTable, target: string): string | undefined {
  const { adhocAllow, adhocDeny } = pinned.settings
  const number = dialledNumber(target)
  const written = target.toLowerCase()
  const denied = adhocDeny.find(
    (prefix) => number?.startsWith(prefix) === true || written.startsWith(prefix.toLowerCase()),
  )

  return denied === undefined
    ? deniedNumberProblem(target, adhocAllow)
    : `${target} begins with ${denied}, which project ${pinned.project} denies (adhoc_deny)`
}

/**
 * Ranges that are denied unless a project's `adhoc_allow` has them: satellites, networks without a country, and the small
 * numbering plans that revenue share fraud uses most.
 */
const deniedByDefault: readonly string[] = [
  // ITU-T E.164.1: Inmarsat, personal numbers, satellites, international networks, disaster relief, premium rate.
  ...['+870', '+878', '+881', '+882', '+883', '+888', '+979'],
  // Diego Garcia, Ascension, Saint Helena, Nauru, Solomon Islands, Wallis and Futuna, Niue, Kiribati, Tuvalu, Tokelau.
  ...['+246', '+247', '+290', '+674', '+677', '+681', '+683', '+686', '+688', '+690'],
]

/** Why this number, or that of a tel: or SIP URI, may not be dialled. `allow` lists prefixes that are exempt. */
function deniedNumberProblem(target: string, allow: readonly string[]): string | undefined {
  const number = dialledNumber(target)
  if (number === undefined || allow.some((prefix) => number.startsWith(prefix))) return undefined
  if (numberKind(number) === 'premium') return `${number} is a premium-rate number (adhoc_allow exempts it)`
  const range = deniedByDefault.find((prefix) => number.startsWith(prefix))

  return range === undefined
    ? undefined
    : `${number} is in ${range}, a range of satellites, premium rates or fraud (adhoc_allow exempts it)`
}

/** Numbers that no agent may ask for by itself: who gets it to dial them earns by it. */
import { normaliseNumber, numberKind, unescape } from './e164.ts'
import { parseRoute } from '../project/uri.ts'

/**
 * Ranges that are denied unless a project's `adhoc_allow` has them: satellites and networks of no country, and the small
 * numbering plans that revenue share fraud uses most.
 */
const deniedByDefault: readonly string[] = [
  // ITU-T E.164.1: Inmarsat, personal numbers, satellites, international networks, disaster relief, premium rate.
  ...['+870', '+878', '+881', '+882', '+883', '+888', '+979'],
  // Diego Garcia, Ascension, Saint Helena, Nauru, Solomon Islands, Wallis and Futuna, Niue, Kiribati, Tuvalu, Tokelau.
  ...['+246', '+247', '+290', '+674', '+677', '+681', '+683', '+686', '+688', '+690'],
]

/** Why this number, or that of a tel: or SIP URI, may not be dialled. `allow` has the beginnings that are exempt. */
export function deniedNumberProblem(target: string, allow: readonly string[]): string | undefined {
  const number = dialledNumber(target)
  if (number === undefined || allow.some((prefix) => number.startsWith(prefix))) return undefined
  if (numberKind(number) === 'premium') return `${number} is a premium-rate number (adhoc_allow exempts it)`
  const range = deniedByDefault.find((prefix) => number.startsWith(prefix))

  return range === undefined
    ? undefined
    : `${number} is in ${range}, a range of satellites, premium rates or fraud (adhoc_allow exempts it)`
}

/** The number that a switch would make of it, in international form. */
export function dialledNumber(target: string): string | undefined {
  const number = normaliseNumber(target)
  if (number !== undefined) return number
  // A user that begins as an international call does, from most of the world or from North America.
  const { user = '', params = '' } = parseRoute(target) ?? {}
  const [local = '', ...own] = unescape(user.slice(0, 256)).split(';')
  const digits = local.replace(/[-.()]/g, '')
  const context = [...own, ...unescape(params.slice(0, 256)).split(';')]
    .find((param) => /^phone-context=\+/i.test(param))
    ?.replace(/^[^+]*|[-.()]/g, '')
  // RFC 3966 5.1.5: a global phone-context comes before the digits of a local number.
  if (context !== undefined && !digits.startsWith('+')) return `${context}${digits}`
  const international = /^(?:\++|0011|00|011)([1-9]\d{5,})/.exec(digits)?.[1]

  return international === undefined ? undefined : `+${international}`
}

/** Numbers that no agent and no redirection may send a caller to, unless the project allows them. */
import { numberKind } from '../schema/e164.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { dialledNumber } from './dialled-number.ts'

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

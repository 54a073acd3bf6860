import { userBytes } from './characters.ts'
import type { Params } from './params.ts'
import { percentDecode, percentEncode } from './percent.ts'
import { isSipUri, isTelUri, type SipUri, type Uri } from './uri.ts'

// A URI that has one of these equals none that lacks it.
const decisive = ['user', 'ttl', 'method', 'maddr', 'transport']

/** The two URIs are equivalent: RFC 3261 19.1.4 for sip: and sips:, RFC 3966 5 for tel:, letter by letter for others. */
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

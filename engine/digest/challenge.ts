import { quote, splitList, unquote } from '../message/index.ts'

/** The parameters of one Digest challenge or of credentials (RFC 3261 20.44, RFC 7616); names in lower case. */
export type DigestParams = ReadonlyMap<string, string>

/** Parses `Digest name=value, …`. Undefined for another scheme or a malformed value. */
export function parseDigest(value: string): DigestParams | undefined {
  const space = value.indexOf(' ')

  return value.slice(0, space).toLowerCase() === 'digest' ? parseDigestParams(value.slice(space + 1)) : undefined
}

/** Parses `name=value, …`, as Authentication-Info has it. Undefined for a malformed value. */
export function parseDigestParams(text: string): DigestParams | undefined {
  const params = new Map<string, string>()
  for (const part of splitList(text)) {
    const equals = part.indexOf('=')
    if (equals <= 0) return undefined
    params.set(part.slice(0, equals).trim().toLowerCase(), unquote(part.slice(equals + 1).trim()))
  }

  return params
}

// RFC 3261 25.1 wants these without quotes.
const bare = new Set(['algorithm', 'qop', 'nc', 'stale'])

export function formatDigest(params: Iterable<readonly [name: string, value: string]>): string {
  const parts = []
  for (const [name, value] of params) parts.push(`${name}=${bare.has(name) ? value : quote(value)}`)

  return `Digest ${parts.join(', ')}`
}

/** The value of WWW-Authenticate; qop is quoted in a challenge, and not in an answer (RFC 3261 25.1). */
export function formatChallenge(realm: string, nonce: string, algorithm: string, isStale: boolean): string {
  const stale = isStale ? ', stale=true' : ''

  return `Digest realm=${quote(realm)}, nonce=${quote(nonce)}, qop="auth", algorithm=${algorithm}${stale}`
}

const credentialsLine = /^(?:proxy-)?authorization {0,8}:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/gim
const response = /\b(response[ \t]{0,3}=[ \t]{0,3}"?)[^",\s]+/gi

/** A message's text with its digest responses hidden, since they allow guessing the password offline (RFC 7616 5.4). */
export function masked(text: string): string {
  return text.replace(credentialsLine, (line) => line.replace(response, '$1***'))
}

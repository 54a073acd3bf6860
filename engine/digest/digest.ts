import { createHash } from 'node:crypto'

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
// Nearly all messages have none: the search for one word is much cheaper than that for the line.
const mayHaveCredentials = /authorization/i
const response = /\b(response[ \t]{0,3}=[ \t]{0,3}"?)[^",\s]+/gi

/** A message's text with its digest responses hidden, since they allow guessing the password offline (RFC 7616 5.4). */
export function masked(text: string): string {
  if (!mayHaveCredentials.test(text)) return text

  return text.replace(credentialsLine, (line) => line.replace(response, '$1***'))
}

// RFC 8760 2: the names in challenges; isSession for the -sess variants.
const algorithms: Readonly<Record<string, { hash: 'md5' | 'sha256' | 'sha512-256'; isSession: boolean }>> = {
  md5: { hash: 'md5', isSession: false },
  'md5-sess': { hash: 'md5', isSession: true },
  'sha-256': { hash: 'sha256', isSession: false },
  'sha-256-sess': { hash: 'sha256', isSession: true },
  'sha-512-256': { hash: 'sha512-256', isSession: false },
  'sha-512-256-sess': { hash: 'sha512-256', isSession: true },
}

/** The input of a digest (RFC 7616 3.4). Binary strings. */
export interface DigestInput {
  /** MD5 when undefined. */
  algorithm: string | undefined
  username: string
  password: string
  realm: string
  nonce: string
  method: string
  uri: string
  /** With qop `auth`; undefined without qop (RFC 2069). */
  auth: { cnonce: string; nc: string } | undefined
}

export function isSupportedAlgorithm(algorithm: string | undefined): boolean {
  return algorithm === undefined || algorithm.toLowerCase() in algorithms
}

/** The `response` parameter: RFC 7616 3.4.1. Undefined for an unsupported algorithm. */
export function digest(input: DigestInput): string | undefined {
  const algorithm = algorithms[(input.algorithm ?? 'MD5').toLowerCase()]
  if (!algorithm) return undefined
  const hash = (text: string) => createHash(algorithm.hash).update(text, 'latin1').digest('hex')
  const user = hash(`${input.username}:${input.realm}:${input.password}`)
  const a1 = algorithm.isSession && input.auth ? hash(`${user}:${input.nonce}:${input.auth.cnonce}`) : user
  const a2 = hash(`${input.method}:${input.uri}`)

  return input.auth
    ? hash(`${a1}:${input.nonce}:${input.auth.nc}:${input.auth.cnonce}:auth:${a2}`)
    : hash(`${a1}:${input.nonce}:${a2}`)
}

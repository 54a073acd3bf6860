import { createHash } from 'node:crypto'

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

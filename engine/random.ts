import { randomBytes } from 'node:crypto'

const POOL = 4096
let pool = ''
let at = POOL

/** 64 cryptographically random bits in hexadecimal, for tags (RFC 3261 19.3) and branches. */
export function randomToken(): string {
  if (at >= pool.length) {
    pool = randomBytes(POOL / 2).toString('hex')
    at = 0
  }
  const token = pool.slice(at, at + 16)
  at += 16

  return token
}

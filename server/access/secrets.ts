import { createHash, randomBytes } from 'node:crypto'

/** The secret of a cookie or a token: 256 bits in base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** The stored form of a random secret, which needs no salt: SHA-256 in hexadecimal. */
export function digestOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

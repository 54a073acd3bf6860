import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { Chance } from './chance.ts'

/** Until the function that it returns is called, whatever is random in this process is the same again for the same seed. */
export function sameAgain(seed: number): () => void {
  const chance = new Chance(~seed)
  const { randomBytes, randomUUID } = crypto
  const { random } = Math
  const bytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => chance.below(256)))
  Object.assign(crypto, {
    randomBytes: bytes,
    randomUUID: () =>
      bytes(16)
        .toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  })
  Math.random = () => chance.next()
  syncBuiltinESMExports()

  return () => {
    Object.assign(crypto, { randomBytes, randomUUID })
    Math.random = random
    syncBuiltinESMExports()
  }
}

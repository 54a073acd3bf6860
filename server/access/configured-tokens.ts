import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestIdentity } from './principal.ts'

export interface NamedToken {
  name: string
  token: string
}

/** The name of ADMIN_TOKEN. */
const adminName = 'admin'

/** The tokens of the configuration, ADMIN_TOKEN and API_TOKENS, all of which have the rights of an admin. */
export class ConfiguredTokens {
  readonly #known: readonly { name: string; digest: Buffer }[]

  constructor(adminToken: string | undefined, tokens: readonly NamedToken[] = []) {
    const all = adminToken === undefined ? tokens : [{ name: adminName, token: adminToken }, ...tokens]
    this.#known = all.map(({ name, token }) => ({ name, digest: digest(token) }))
  }

  get size(): number {
    return this.#known.length
  }

  /** Every token is compared, so that the time does not depend on which one matches. */
  find(token: string): RequestIdentity | undefined {
    const given = digest(token)
    let found: string | undefined
    for (const { name, digest: known } of this.#known) if (timingSafeEqual(known, given)) found = name

    return found === undefined
      ? undefined
      : { kind: found === adminName ? 'admin_token' : 'token', name: found, role: 'admin' }
  }
}

// Both sides are hashed, so that the time of the comparison depends on neither content nor length.
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

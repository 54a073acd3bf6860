import { randomUUID, createHash, timingSafeEqual } from 'node:crypto'
import { defined } from '../../base/defined.ts'
import type { KeptDocument } from '../../routes/index.ts'
import { AccessRefused } from './access-refused.ts'
import { emptyDirectory, type ApiToken, type Directory } from './directory.ts'
import { changedGrants, type Grants } from './grants.ts'
import { refuseWithoutAdmin } from './people.ts'
import { digestOfSecret, randomSecret } from './secrets.ts'
import type { LastUses } from './last-uses.ts'
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

const maxTokens = 1000

/** A token as the API lists it: never with its secret. */
export type TokenView = Omit<ApiToken, 'digest'>

export interface NewToken extends Grants {
  name: string
  /** ISO 8601; left out: it does not expire. */
  expiresAt?: string | undefined
}

/** Tokens for programs. Each is shown once, when it is made. */
export class ApiTokens {
  readonly #directory: KeptDocument<Directory>
  readonly #uses: LastUses
  readonly #hasOtherAdmins: boolean
  readonly #now: () => number

  constructor(
    directory: KeptDocument<Directory>,
    uses: LastUses,
    hasOtherAdmins: boolean,
    now: () => number = Date.now,
  ) {
    this.#directory = directory
    this.#uses = uses
    this.#hasOtherAdmins = hasOtherAdmins
    this.#now = now
  }

  /** Newest first. */
  list(): TokenView[] {
    return (this.#directory.now ?? emptyDirectory).tokens
      .map((token) => viewOf(this.#uses.withLastUse(token)))
      .reverse()
  }

  async create(
    { name, expiresAt, ...grants }: NewToken,
    createdBy: string,
  ): Promise<{ view: TokenView; secret: string }> {
    const secret = `baton_${randomSecret()}`
    const stored: ApiToken = {
      ...{ id: randomUUID(), name, digest: digestOfSecret(secret), createdBy },
      ...changedGrants({ role: grants.role }, grants),
      createdAt: new Date(this.#now()).toISOString(),
      ...defined({ expiresAt }),
    }
    await this.#directory.change((directory) => {
      if (directory.tokens.some((one) => one.name === name)) {
        throw new AccessRefused('name_taken', `There is a token ${name} already.`)
      }
      if (directory.tokens.length >= maxTokens) throw new AccessRefused('too_many', `${maxTokens} tokens are the most.`)
      const after = { ...directory, tokens: [...directory.tokens, stored] }
      if (!this.#hasOtherAdmins) refuseWithoutAdmin(after)

      return after
    })

    return { view: viewOf(stored), secret }
  }

  async revoke(id: string): Promise<TokenView> {
    let revoked: ApiToken | undefined
    await this.#directory.change((directory) => {
      revoked = directory.tokens.find((token) => token.id === id)
      if (!revoked) throw new AccessRefused('unknown_token', `There is no token ${id}.`)

      return { ...directory, tokens: directory.tokens.filter((token) => token.id !== id) }
    })
    if (!revoked) throw new AccessRefused('unknown_token', `There is no token ${id}.`)

    return viewOf(this.#uses.withLastUse(revoked))
  }
}

function viewOf({
  id,
  name,
  role,
  projects,
  projectRoles,
  createdAt,
  createdBy,
  expiresAt,
  lastUsedAt,
  lastUsedFrom,
}: ApiToken): TokenView {
  return {
    id,
    name,
    role,
    createdAt,
    createdBy,
    ...defined({ projects, projectRoles, expiresAt, lastUsedAt, lastUsedFrom }),
  }
}

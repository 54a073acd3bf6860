import { randomUUID } from 'node:crypto'
import { defined } from '../../base/defined.ts'
import type { KeptDocument } from '../../routes/index.ts'
import { AccessRefused } from './access-refused.ts'
import { emptyDirectory, type ApiToken, type Directory } from './directory.ts'
import { changedGrants, type Grants } from './grants.ts'
import { refuseWithoutAdmin } from './people.ts'
import { digestOfSecret, randomSecret } from './secrets.ts'
import type { LastUses } from './last-uses.ts'

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

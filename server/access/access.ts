import { join } from 'node:path'
import { KeptDocument, DocumentFiles, DocumentRedis, openRedis, type StoreLog } from '../../routes/index.ts'
import { defined } from '../../base/defined.ts'
import type { Settings } from '../../config/index.ts'
import { digestOfSecret } from './secrets.ts'
import { ApiTokens, ConfiguredTokens } from './api-tokens.ts'
import { type Directory, emptyDirectory, readDirectory } from './directory.ts'
import type { RequestIdentity } from './principal.ts'
import { LastUses } from './last-uses.ts'
import { hasEnded, Sessions } from './sessions.ts'
import { Oidc } from './oidc.ts'
import { Passwords } from './passwords.ts'
import { People } from './people.ts'

export interface AccessOptions {
  configured: ConfiguredTokens
  /** People, tokens and sessions. Without it there are none. */
  directory?: KeptDocument<Directory> | undefined
  /** Is told of each use of a token or a session of the directory. */
  uses?: LastUses | undefined
  /** A session ends when it was not used for so long; Infinity: it does not. */
  sessionIdleMs?: number
  /** A sign-in is needed though there are no people yet. */
  required?: boolean
  /** Milliseconds since the epoch. */
  now?: () => number
}

/** The part of Access that decides who a request is from. */
export type PrincipalLookup = Pick<Access, 'isGuarded' | 'byToken' | 'bySession' | 'onChange'>

/** Who may use the API. All is answered from memory. */
export class Access {
  readonly #configured: ConfiguredTokens
  readonly #directory: KeptDocument<Directory> | undefined
  readonly #uses: LastUses | undefined
  readonly #sessionIdleMs: number
  readonly #required: boolean
  readonly #now: () => number
  readonly #listeners = new Set<() => void>()
  /** Made anew with each directory. */
  #index: AccessIndex = indexOf(undefined)

  constructor({
    configured,
    directory,
    uses,
    sessionIdleMs = Infinity,
    required = false,
    now = Date.now,
  }: AccessOptions) {
    this.#configured = configured
    this.#directory = directory
    this.#uses = uses
    this.#sessionIdleMs = sessionIdleMs
    this.#required = required
    this.#now = now
    directory?.onChange(() => {
      for (const listener of this.#listeners) listener()
    })
  }

  /** @param listener called when people, tokens or sessions have changed, here or on another Baton */
  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** Whether a request must say who it is from: not on the loopback as long as there is no person and no token. */
  get isGuarded(): boolean {
    if (this.#configured.size > 0 || this.#required) return true
    if (!this.#directory) return false
    const { now } = this.#directory

    return now === undefined || now.people.length > 0 || now.tokens.length > 0
  }

  /** A token of the configuration, or one that was made by the API. */
  byToken(token: string, from = ''): RequestIdentity | undefined {
    const configured = this.#configured.find(token)
    if (configured) return configured
    const found = this.#indexed.tokens.get(digestOfSecret(token))
    if (!found || this.#isOver(found.expiresAt)) return undefined
    this.#uses?.noteToken(found.id, this.#now(), from)
    const { name, role, projects, projectRoles } = found

    return { kind: 'token', name, role, projects, projectRoles }
  }

  /** The person of a session's cookie. */
  bySession(cookie: string): RequestIdentity | undefined {
    const now = this.#now()
    const session = this.#indexed.sessions.get(digestOfSecret(cookie))
    if (!session || hasEnded(session, now, this.#sessionIdleMs, this.#uses)) return undefined
    this.#uses?.noteSession(session.digest, now)
    const person = this.#indexed.people.get(session.name)

    if (!person) return undefined
    const { name, role, projects, projectRoles } = person

    return { kind: 'account', name, role, projects, projectRoles }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#uses?.close()
    this.#directory?.close()
  }

  get #indexed(): AccessIndex {
    const directory = this.#directory?.now
    if (this.#index.of !== directory) this.#index = indexOf(directory)

    return this.#index
  }

  #isOver(expiresAt: string | undefined): boolean {
    return expiresAt !== undefined && Date.parse(expiresAt) <= this.#now()
  }
}

interface AccessIndex {
  of: Directory | undefined
  people: ReadonlyMap<string, Directory['people'][number]>
  tokens: ReadonlyMap<string, Directory['tokens'][number]>
  sessions: ReadonlyMap<string, Directory['sessions'][number]>
}

function indexOf(directory: Directory | undefined): AccessIndex {
  const { people = [], tokens = [], sessions = [] } = directory ?? {}

  return {
    of: directory,
    people: new Map(people.map((person) => [person.name, person])),
    tokens: new Map(tokens.map((token) => [token.digest, token])),
    sessions: new Map(sessions.map((session) => [session.digest, session])),
  }
}

/** Who may use the API, and how that is changed. */
export interface Accounts {
  access: Access
  people: People
  tokens: ApiTokens
  sessions: Sessions
  /** Set where OIDC_ISSUER is. */
  oidc?: Oidc
  /** Idempotent. */
  close(): Promise<void>
}

/** Opens people, tokens and sessions where Baton keeps its tables: in Redis with REDIS_URL, else in files under DATA_DIR. */
export async function openAccounts(settings: Settings, log: StoreLog): Promise<Accounts> {
  const { http, redisUrl, dataDir } = settings
  const redis = redisUrl === undefined ? undefined : await openRedis(redisUrl)
  const directory = await KeptDocument.open({
    store: redis
      ? new DocumentRedis(redis.client, 'baton:access')
      : new DocumentFiles(join(dataDir, 'access'), 'directory'),
    ...{ log, what: 'people, tokens and sessions', empty: emptyDirectory, read: readDirectory },
    lastGoodFile: redis && join(dataDir, 'last-good', 'access.json'),
  })
  const configured = new ConfiguredTokens(http.adminToken, http.tokens)
  const uses = new LastUses(directory)
  const sessionIdleMs = http.sessionIdle === 0 ? Infinity : http.sessionIdle * 1000
  const access = new Access({
    configured,
    directory,
    ...{ uses, sessionIdleMs },
    required: http.signIn === 'required' || http.oidc !== undefined,
  })
  const hasOtherAdmins = configured.size > 0 || http.oidc !== undefined
  const passwords = new Passwords()

  return {
    access,
    people: new People(directory, passwords, hasOtherAdmins),
    tokens: new ApiTokens(directory, uses, hasOtherAdmins),
    sessions: new Sessions(directory, passwords, uses, {
      ...{ lifetimeMs: http.sessionLifetime * 1000, idleMs: sessionIdleMs },
    }),
    ...defined({ oidc: http.oidc && new Oidc(http.oidc) }),
    close: async () => {
      await access.close()
      redis?.close()
    },
  }
}

import type { KeptDocument } from '../../routes/index.ts'
import { digestOfSecret } from './secrets.ts'
import type { ConfiguredTokens } from './configured-tokens.ts'
import type { Directory } from './directory.ts'
import type { RequestIdentity } from './principal.ts'
import type { LastUses } from './last-uses.ts'
import { hasEnded } from './sessions.ts'

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

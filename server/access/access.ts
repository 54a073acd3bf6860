import type { KeptDocument } from '../../routes/index.ts'
import { digestOfSecret } from './secrets.ts'
import type { ConfiguredTokens } from './configured-tokens.ts'
import type { Directory } from './directory.ts'
import type { Identity } from './principal.ts'

/** Milliseconds between two writes of when tokens were last used. */
const lastUseIntervalMs = 60_000

export interface AccessOptions {
  configured: ConfiguredTokens
  /** People, tokens and sessions. Without it there are none. */
  directory?: KeptDocument<Directory> | undefined
  /** A sign-in is needed though there are no people yet. */
  required?: boolean
  /** Milliseconds since the epoch. */
  now?: () => number
}

/** The part of Access that decides who a request is from. */
export type AccessDoor = Pick<Access, 'isGuarded' | 'byToken' | 'bySession'>

/** Who may use the API. All is answered from memory. */
export class Access {
  readonly #configured: ConfiguredTokens
  readonly #directory: KeptDocument<Directory> | undefined
  readonly #required: boolean
  readonly #now: () => number
  /** Tokens that were used since the last write, by id. */
  readonly #used = new Map<string, { at: number; from: string }>()
  readonly #writing: NodeJS.Timeout | undefined
  /** Made anew with each directory. */
  #index: Index = indexOf(undefined)

  constructor({ configured, directory, required = false, now = Date.now }: AccessOptions) {
    this.#configured = configured
    this.#directory = directory
    this.#required = required
    this.#now = now
    if (!directory) return
    this.#writing = setInterval(() => void this.#writeUses(), lastUseIntervalMs)
    this.#writing.unref()
  }

  /** Whether a request must say who it is from: not on the loopback as long as there is no person and no token. */
  get isGuarded(): boolean {
    if (this.#configured.size > 0 || this.#required) return true
    if (!this.#directory) return false
    const { now } = this.#directory

    return now === undefined || now.people.length > 0 || now.tokens.length > 0
  }

  /** A token of the configuration, or one that was made by the API. */
  byToken(token: string, from = ''): Identity | undefined {
    const configured = this.#configured.find(token)
    if (configured) return configured
    const found = this.#indexed.tokens.get(digestOfSecret(token))
    if (!found || this.#isOver(found.expiresAt)) return undefined
    this.#used.set(found.id, { at: this.#now(), from })
    const { name, role, projects } = found

    return { kind: 'token', name, role, projects }
  }

  /** The person of a session's cookie. */
  bySession(cookie: string): Identity | undefined {
    const session = this.#indexed.sessions.get(digestOfSecret(cookie))
    if (!session || this.#isOver(session.expiresAt)) return undefined
    const person = this.#indexed.people.get(session.name)

    return person && { kind: 'account', name: person.name, role: person.role, projects: person.projects }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#writing)
    await this.#writeUses()
    this.#directory?.close()
  }

  get #indexed(): Index {
    const directory = this.#directory?.now
    if (this.#index.of !== directory) this.#index = indexOf(directory)

    return this.#index
  }

  #isOver(expiresAt: string | undefined): boolean {
    return expiresAt !== undefined && Date.parse(expiresAt) <= this.#now()
  }

  async #writeUses(): Promise<void> {
    if (this.#used.size === 0) return
    const used = new Map(this.#used)
    this.#used.clear()
    await this.#directory
      ?.change((directory) => ({
        ...directory,
        tokens: directory.tokens.map((token) => {
          const use = used.get(token.id)
          const isNewer = use && (token.lastUsedAt === undefined || Date.parse(token.lastUsedAt) < use.at)

          return isNewer ? { ...token, lastUsedAt: new Date(use.at).toISOString(), lastUsedFrom: use.from } : token
        }),
      }))
      .catch(() => undefined)
  }
}

interface Index {
  of: Directory | undefined
  people: ReadonlyMap<string, Directory['people'][number]>
  tokens: ReadonlyMap<string, Directory['tokens'][number]>
  sessions: ReadonlyMap<string, Directory['sessions'][number]>
}

function indexOf(directory: Directory | undefined): Index {
  const { people = [], tokens = [], sessions = [] } = directory ?? {}

  return {
    of: directory,
    people: new Map(people.map((person) => [person.name, person])),
    tokens: new Map(tokens.map((token) => [token.digest, token])),
    sessions: new Map(sessions.map((session) => [session.digest, session])),
  }
}

import type { KeptDocument } from '../../routes/index.ts'
import type { ApiToken, Directory, Session } from './directory.ts'

/** Milliseconds between two writes of when tokens and sessions were last used. */
export const usesWriteIntervalMs = 60_000

interface TokenUse {
  at: number
  from: string
}

/** When each API token and each session was last used: known at once on this Baton, written behind for the others. */
export class LastUses {
  readonly #directory: KeptDocument<Directory>
  /** Uses that the directory does not have yet, by the token's id. */
  readonly #tokens = new Map<string, TokenUse>()
  /** Milliseconds since the epoch, by the session's digest. */
  readonly #sessions = new Map<string, number>()
  readonly #writing: NodeJS.Timeout

  constructor(directory: KeptDocument<Directory>) {
    this.#directory = directory
    this.#writing = setInterval(() => void this.#write(), usesWriteIntervalMs)
    this.#writing.unref()
  }

  noteToken(id: string, at: number, from: string): void {
    this.#tokens.set(id, { at, from })
  }

  noteSession(digest: string, at: number): void {
    this.#sessions.set(digest, at)
  }

  /** The token with its last use, be it written or not. */
  withLastUse(token: ApiToken): ApiToken {
    return withUse(token, this.#tokens.get(token.id))
  }

  /** When the session was last used; when it began, if it has not been. */
  lastUseOf(session: Session): number {
    return Math.max(writtenUseOf(session), this.#sessions.get(session.digest) ?? 0)
  }

  /** Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#writing)
    await this.#write()
  }

  /** Uses that cannot be written now are written with the next ones. */
  async #write(): Promise<void> {
    if (this.#tokens.size + this.#sessions.size === 0) return
    const [tokens, sessions] = [new Map(this.#tokens), new Map(this.#sessions)]
    try {
      await this.#directory.change((directory) => ({
        ...directory,
        tokens: directory.tokens.map((token) => withUse(token, tokens.get(token.id))),
        sessions: directory.sessions.map((session) => usedAt(session, sessions.get(session.digest))),
      }))
    } catch {
      return
    }
    for (const [id, use] of tokens) if (this.#tokens.get(id) === use) this.#tokens.delete(id)
    for (const [digest, at] of sessions) if (this.#sessions.get(digest) === at) this.#sessions.delete(digest)
  }
}

/** Another Baton may have written a later use. */
function withUse(token: ApiToken, use: TokenUse | undefined): ApiToken {
  const isNewer = use && (token.lastUsedAt === undefined || Date.parse(token.lastUsedAt) < use.at)

  return isNewer ? { ...token, lastUsedAt: new Date(use.at).toISOString(), lastUsedFrom: use.from } : token
}

function usedAt(session: Session, at = 0): Session {
  return at > writtenUseOf(session) ? { ...session, lastUsedAt: new Date(at).toISOString() } : session
}

function writtenUseOf({ createdAt, lastUsedAt = createdAt }: Session): number {
  return Date.parse(lastUsedAt)
}

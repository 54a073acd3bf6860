import type { KeptDocument } from '../../routes/index.ts'
import type { ApiToken, Directory } from './directory.ts'

/** Milliseconds between two writes of when tokens were last used. */
const writeIntervalMs = 60_000

interface TokenUse {
  at: number
  from: string
}

/** When and from where each API token was last used: known at once on this Baton, written behind for the others. */
export class TokenUses {
  readonly #directory: KeptDocument<Directory>
  /** Uses that the directory does not have yet, by the token's id. */
  readonly #unwritten = new Map<string, TokenUse>()
  readonly #writing: NodeJS.Timeout

  constructor(directory: KeptDocument<Directory>) {
    this.#directory = directory
    this.#writing = setInterval(() => void this.#write(), writeIntervalMs)
    this.#writing.unref()
  }

  note(id: string, at: number, from: string): void {
    this.#unwritten.set(id, { at, from })
  }

  /** The token with its last use, be it written or not. */
  withLastUse(token: ApiToken): ApiToken {
    return withUse(token, this.#unwritten.get(token.id))
  }

  /** Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#writing)
    await this.#write()
  }

  /** Uses that cannot be written now are written with the next ones. */
  async #write(): Promise<void> {
    if (this.#unwritten.size === 0) return
    const uses = new Map(this.#unwritten)
    try {
      await this.#directory.change((directory) => ({
        ...directory,
        tokens: directory.tokens.map((token) => withUse(token, uses.get(token.id))),
      }))
    } catch {
      return
    }
    for (const [id, use] of uses) if (this.#unwritten.get(id) === use) this.#unwritten.delete(id)
  }
}

/** Another Baton may have written a later use. */
function withUse(token: ApiToken, use: TokenUse | undefined): ApiToken {
  const isNewer = use && (token.lastUsedAt === undefined || Date.parse(token.lastUsedAt) < use.at)

  return isNewer ? { ...token, lastUsedAt: new Date(use.at).toISOString(), lastUsedFrom: use.from } : token
}

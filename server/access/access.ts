import type { ConfiguredTokens } from './configured-tokens.ts'
import type { Identity } from './principal.ts'

/** Who may use the API. */
export class Access {
  readonly #configured: ConfiguredTokens

  constructor(configured: ConfiguredTokens) {
    this.#configured = configured
  }

  /** Whether a request must say who it is from. */
  get isGuarded(): boolean {
    return this.#configured.size > 0
  }

  byToken(token: string): Identity | undefined {
    return this.#configured.find(token)
  }
}

import { randomBytes } from 'node:crypto'
import type { CallOverride } from '../calls/call-parts.ts'
import type { SipRequest } from '../sip/stack.ts'

/** Carries the token of a rehearsal to Baton. `X-Baton-` headers are never passed on to another leg. */
export const tokenHeader = 'X-Baton-Rehearsal'

/** Rehearsal calls that are on their way to Baton: a random token, valid for one INVITE, identifies each. */
export class PendingRehearsals {
  readonly #overrides = new Map<string, CallOverride>()

  /** Returns the token for the call's INVITE. */
  expect(override: CallOverride): string {
    const token = randomBytes(24).toString('base64url')
    this.#overrides.set(token, override)

    return token
  }

  /** What this INVITE's call overrides; undefined for a call that is no rehearsal of this Baton. Its token is used up. */
  claim(invite: SipRequest): CallOverride | undefined {
    if (this.#overrides.size === 0) return undefined
    const token = invite.header(tokenHeader)
    if (token === undefined) return undefined
    const override = this.#overrides.get(token)
    this.#overrides.delete(token)

    return override
  }

  /** Whether an INVITE is a rehearsal of this Baton; its token stays valid. */
  expects(invite: SipRequest): boolean {
    return this.#overrides.size > 0 && this.#overrides.has(invite.header(tokenHeader) ?? '')
  }

  /** Idempotent. The token is valid no longer. */
  forget(token: string): void {
    this.#overrides.delete(token)
  }
}

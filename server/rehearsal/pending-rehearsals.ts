import { randomBytes } from 'node:crypto'
import type { CallOverride } from '../calls/call-parts.ts'
import type { SipRequest } from '../sip/stack.ts'

/** Carries the token of a rehearsal to Baton. `X-Baton-` headers are Baton's own: none is ever passed on. */
export const tokenHeader = 'X-Baton-Rehearsal'

/** Rehearsal calls that are on their way to Baton: each is known by a random token, which is good for one INVITE. */
export class PendingRehearsals {
  readonly #overrides = new Map<string, CallOverride>()

  /** Returns the token for the call's INVITE. */
  expect(override: CallOverride): string {
    const token = randomBytes(24).toString('base64url')
    this.#overrides.set(token, override)

    return token
  }

  /** What this INVITE's call puts in the place of its table's; undefined for every call that is no rehearsal of ours. */
  claim(invite: SipRequest): CallOverride | undefined {
    if (this.#overrides.size === 0) return undefined
    const token = invite.header(tokenHeader)
    if (token === undefined) return undefined
    const override = this.#overrides.get(token)
    this.#overrides.delete(token)

    return override
  }

  /** Whether an INVITE is a rehearsal of ours that has not come yet. */
  expects(invite: SipRequest): boolean {
    return this.#overrides.size > 0 && this.#overrides.has(invite.header(tokenHeader) ?? '')
  }

  /** The call will not come, or has come. */
  forget(token: string): void {
    this.#overrides.delete(token)
  }
}

import { networkOf } from '../../engine/index.ts'
import { WindowedCounts } from './http-limits.ts'
import { ApiRefusal } from './problems.ts'

const windowMs = 5 * 60_000
/** Attempts in the window: for one account from anywhere, and from one source for any account. */
const maxForAccount = 10
const maxFromSource = 30

/** Limits the guessing of passwords. A sign-in that succeeds clears the account's count. */
export class SignInLimits {
  readonly #accounts: WindowedCounts
  readonly #sources: WindowedCounts

  constructor(now?: () => number) {
    this.#accounts = new WindowedCounts(windowMs, now)
    this.#sources = new WindowedCounts(windowMs, now)
  }

  /** Counts an attempt before its password is looked at. Returns the refusal, and after how many seconds it ends. */
  attempt(name: string, address: string): { refusal: ApiRefusal; waitSeconds: number } | undefined {
    const account = this.#accounts.count(name)
    const source = this.#sources.count(networkOf(address))
    const isOver = account.count > maxForAccount || source.count > maxFromSource
    if (!isOver) return undefined
    const leftMs = Math.max(
      account.count > maxForAccount ? account.leftMs : 0,
      source.count > maxFromSource ? source.leftMs : 0,
    )
    const waitSeconds = Math.ceil(leftMs / 1000)
    const what = account.count > maxForAccount ? 'for this name' : 'from this address'

    return {
      refusal: new ApiRefusal('too_many_sign_ins', `Too many sign-ins ${what}; wait ${waitSeconds} s.`),
      waitSeconds,
    }
  }

  succeeded(name: string): void {
    this.#accounts.forget(name)
  }
}

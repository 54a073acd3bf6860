import { BoundedMap, networkOf } from '../../engine/index.ts'
import { WindowedCounts } from './http-limits.ts'
import { ApiRefusal } from './problems.ts'

const windowMs = 5 * 60_000
/** Attempts in the window: for one account from one source, for one account from all sources, and from one source for any account. */
const maxForAccountFromSource = 10
const maxForAccount = 50
const maxFromSource = 30
/** Sources of accounts that have signed in there. */
const maxKnownSources = 5_000

/**
 * Limits the guessing of passwords. Guesses from elsewhere do not lock a person out: where an account has signed in before, only
 * the attempts from that source count.
 */
export class SignInLimits {
  readonly #accountsFromSource: WindowedCounts
  readonly #accounts: WindowedCounts
  readonly #sources: WindowedCounts
  readonly #known = new BoundedMap<true>(maxKnownSources)

  constructor(now?: () => number) {
    this.#accountsFromSource = new WindowedCounts(windowMs, now)
    this.#accounts = new WindowedCounts(windowMs, now)
    this.#sources = new WindowedCounts(windowMs, now)
  }

  /** Counts an attempt before its password is looked at. Returns the refusal, and after how many seconds it ends. */
  attempt(name: string, address: string): { refusal: ApiRefusal; waitSeconds: number } | undefined {
    const [source, place] = keysOf(name, address)
    const here = leftOver(this.#accountsFromSource.count(place), maxForAccountFromSource)
    const everywhere = this.#known.has(place) ? 0 : leftOver(this.#accounts.count(name), maxForAccount)
    const fromSource = leftOver(this.#sources.count(source), maxFromSource)
    const leftMs = Math.max(here, everywhere, fromSource)
    if (leftMs === 0) return undefined
    const waitSeconds = Math.ceil(leftMs / 1000)
    const what = here > 0 || everywhere > 0 ? 'for this name' : 'from this address'

    return {
      refusal: new ApiRefusal('too_many_sign_ins', `Too many sign-ins ${what}; wait ${waitSeconds} s.`),
      waitSeconds,
    }
  }

  /** Many people may sign in from one address: a right password does not count. */
  succeeded(name: string, address: string): void {
    const [source, place] = keysOf(name, address)
    this.#known.set(place, true)
    this.#accountsFromSource.forget(place)
    this.#sources.uncount(source)
  }
}

/** The key of the source, and that of the account there. */
function keysOf(name: string, address: string): [source: string, place: string] {
  const source = networkOf(address)

  return [source, `${source} ${name}`]
}

/** Milliseconds until more attempts are taken; 0 while there are fewer than the maximum. */
function leftOver({ count, leftMs }: { count: number; leftMs: number }, max: number): number {
  return count > max ? leftMs : 0
}

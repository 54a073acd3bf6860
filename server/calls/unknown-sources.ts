import type { Settings } from '../../config/index.ts'
import { BoundedMap, type Clock, networkOf } from '../../engine/index.ts'
import type { SipRequest } from '../sip/stack.ts'

/** The treatment of a request from an address that no trunk has: 403, or no answer. */
type UnknownSourceResult = 'refused' | 'blocked' | 'scanner'

/** The INVITEs of one source within `windowMs`. */
interface SourceAttempts {
  count: number
  /** Milliseconds of the clock. */
  since: number
  blockedUntil: number
}

type UnknownSourceLimits = Pick<Settings['unknownSources'], 'limit' | 'block' | 'scanners'>

const windowMs = 60_000
/** Bounds the table, since a sender can forge source addresses: the oldest entry gives way. */
const maxSources = 10_000

/**
 * Sources that are no trunk's peers. Their INVITEs are refused before they become calls. A source that sends too many is
 * blocked, and gets no answer for a while: an answer tells a scanner that a SIP server is here, and can be used to flood others.
 */
export class UnknownSources {
  readonly counts: Record<UnknownSourceResult, number> = { refused: 0, blocked: 0, scanner: 0 }
  readonly #settings: UnknownSourceLimits
  readonly #scanners: readonly string[]
  readonly #clock: Clock
  readonly #sources = new BoundedMap<SourceAttempts>(maxSources)

  constructor(settings: UnknownSourceLimits, clock: Clock) {
    this.#settings = settings
    this.#scanners = settings.scanners.map((text) => text.toLowerCase())
    this.#clock = clock
  }

  /** How many sources are blocked now. */
  get blocked(): number {
    const now = this.#clock.now()
    let count = 0
    for (const { blockedUntil } of this.#sources.values()) if (blockedUntil > now) count++

    return count
  }

  /** Whether a request outside any dialog, from an unknown source, gets no answer; such a request is counted. */
  ignores(request: Pick<SipRequest, 'source' | 'header'>): boolean {
    const blocked = this.#sources.get(networkOf(request.source.address))?.blockedUntil ?? 0
    const isBlocked = blocked > 0 && blocked > this.#clock.now()
    if (!isBlocked && !this.#isScanner(request)) return false
    this.counts[isBlocked ? 'blocked' : 'scanner'] += 1

    return true
  }

  /** An INVITE was refused. Returns for how many seconds its source is blocked from now on; 0 for not at all. */
  refused(address: string): number {
    this.counts.refused += 1
    const { limit, block } = this.#settings
    if (limit === 0 || block === 0) return 0
    const now = this.#clock.now()
    const attempts = this.#attemptsOf(networkOf(address), now)
    attempts.count += 1
    if (attempts.count < limit) return 0
    attempts.blockedUntil = now + block * 1000
    // After the block, counting starts again.
    attempts.count = 0

    return block
  }

  #attemptsOf(source: string, now: number): SourceAttempts {
    const known = this.#sources.get(source)
    if (known && now - known.since < windowMs) return known
    const attempts = { count: 0, since: now, blockedUntil: 0 }
    this.#sources.set(source, attempts)

    return attempts
  }

  #isScanner(request: Pick<SipRequest, 'header'>): boolean {
    if (this.#scanners.length === 0) return false
    const agent = request.header('User-Agent')?.slice(0, 200).toLowerCase()

    return agent !== undefined && this.#scanners.some((text) => agent.includes(text))
  }
}

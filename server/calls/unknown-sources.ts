import type { Settings } from '../../config/index.ts'
import { BoundedMap, type Clock } from '../../engine/index.ts'
import type { SipRequest } from '../sip/stack.ts'

/** What has become of requests from addresses that are no trunk's: 403, or no answer. */
type UnknownSourceResult = 'refused' | 'blocked' | 'scanner'

/** What one source has tried lately. */
interface Attempts {
  count: number
  /** Milliseconds of the clock. */
  since: number
  blockedUntil: number
}

type DoorSettings = Pick<Settings['unknownSources'], 'limit' | 'block' | 'scanners'>

const windowMs = 60_000
/** Strangers choose their addresses; the table forgets those that came first. */
const maxSources = 10_000

/**
 * Sources that are no trunk's peers. Their INVITEs are refused before they become calls; who sends too many is blocked,
 * and is not answered for a while: an answer is what a scanner is looking for, and what an amplifier sends on.
 */
export class UnknownSources {
  readonly counts: Record<UnknownSourceResult, number> = { refused: 0, blocked: 0, scanner: 0 }
  readonly #settings: DoorSettings
  readonly #scanners: readonly string[]
  readonly #clock: Clock
  readonly #sources = new BoundedMap<Attempts>(maxSources)

  constructor(settings: DoorSettings, clock: Clock) {
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

  /** Whether a request outside any dialog, of a source that is no trunk's, gets no answer; it is counted then. */
  ignores(request: Pick<SipRequest, 'source' | 'header'>): boolean {
    const blocked = this.#sources.get(sourceOf(request.source.address))?.blockedUntil ?? 0
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
    const attempts = this.#attemptsOf(sourceOf(address), now)
    attempts.count += 1
    if (attempts.count < limit) return 0
    attempts.blockedUntil = now + block * 1000
    // When the block is over, it counts anew.
    attempts.count = 0

    return block
  }

  #attemptsOf(source: string, now: number): Attempts {
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

// RFC 6177 2: a site has at least a /64 of IPv6, and can send from any address in it.
function sourceOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const zeros = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)

  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0')].slice(0, 4).join(':')
}

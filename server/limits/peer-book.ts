import type { SharedCount } from './limit-counter.ts'

/** The field of one Baton. Its turn grows with each exchange, so that no two clocks are compared. */
export interface PeerCounts {
  readonly turn: number
  /** Milliseconds until the next exchange. */
  readonly everyMs: number
  /** Calls, and those of the last second, by key. */
  readonly counts: Readonly<Record<string, readonly [calls: number, starts: number]>>
}

interface SeenPeer {
  readonly text: string
  readonly told: PeerCounts
  /** When the field changed last, by this Baton's clock. */
  changedAt: number
  /** Whether the field has changed since Redis was away. */
  isHeard: boolean
}

/** A Baton whose field has not changed for so long, or for so many of its intervals, is lost: its calls count no more. */
const lostAfterMs = 2000
const lostAfterIntervals = 3
/** The field of a lost Baton is removed after so long. */
const removedAfterMs = 30_000

/** What the other Batons of one Redis have told of their calls, and which of them are alive. */
export class LimitPeerBook {
  readonly #own: string
  readonly #peers = new Map<string, SeenPeer>()
  #readAt = 0
  #isReachable = true

  /** @param own the field of this Baton */
  constructor(own: string) {
    this.#own = own
  }

  /** Redis has not answered. */
  noteUnreachable(): void {
    this.#isReachable = false
  }

  /**
   * All fields have been read.
   * @param wasEmptied whether Redis had lost the fields, so that the others have still to write theirs again
   * @returns the fields of Batons that were lost long ago
   */
  read(fields: Readonly<Record<string, string>>, now: number, wasEmptied: boolean): string[] {
    if (!this.#isReachable || wasEmptied) this.#resume(now)
    this.#isReachable = true
    this.#readAt = now
    for (const [field, text] of Object.entries(fields)) {
      if (field === this.#own || this.#peers.get(field)?.text === text) continue
      this.#peers.set(field, { text, told: toldIn(text), changedAt: now, isHeard: true })
    }
    const gone: string[] = []
    for (const [field, peer] of this.#peers) {
      const silentMs = now - peer.changedAt
      // A Baton that is stopped removes its field; a field that Redis has lost may still come back.
      if (!(field in fields) && (peer.isHeard || silentMs >= lostAfter(peer))) this.#peers.delete(field)
      else if (silentMs > removedAfterMs) gone.push(field)
    }

    return gone
  }

  /** What the Batons that are alive have together, and how many these are, this one included. */
  sums(): { counts: ReadonlyMap<string, SharedCount>; batons: number; areAllHeard: boolean } {
    const counts = new Map<string, SharedCount>()
    const alive = [...this.#peers.values()].filter((peer) => this.#readAt - peer.changedAt < lostAfter(peer))
    for (const { told } of alive) {
      for (const [key, [calls, starts]] of Object.entries(told.counts)) {
        const sum = counts.get(key)
        counts.set(key, { calls: calls + (sum?.calls ?? 0), starts: starts + (sum?.starts ?? 0) })
      }
    }

    return { counts, batons: alive.length + 1, areAllHeard: alive.every(({ isHeard }) => isHeard) }
  }

  /** While Redis was away, the silence of the others said nothing. */
  #resume(now: number): void {
    for (const peer of this.#peers.values()) {
      peer.changedAt += now - this.#readAt
      peer.isHeard = false
    }
  }
}

function lostAfter({ told: { everyMs } }: SeenPeer): number {
  return Math.max(lostAfterMs, lostAfterIntervals * everyMs)
}

/** A field that cannot be read counts nothing: another version of Baton may have written it. */
function toldIn(text: string): PeerCounts {
  try {
    const { turn = 0, everyMs = 0, counts } = JSON.parse(text) as Partial<PeerCounts>

    return { turn, everyMs, counts: typeof counts === 'object' ? counts : {} }
  } catch {
    return { turn: 0, everyMs: 0, counts: {} }
  }
}

import { ResponseCounts } from '../../engine/index.ts'
import type { MessageRecord } from '../sip/stack.ts'

/** Methods beyond these are not counted: a peer may send any number of them. */
const maxMethods = 500

/** The counts of SIP messages, which the metrics read when they are scraped. */
export class Traffic {
  readonly requestsIn = new Map<string, number>()
  readonly requestsOut = new Map<string, number>()
  readonly #responsesIn = new ResponseCounts()
  readonly #responsesOut = new ResponseCounts()

  /** By method and status: `INVITE 200`. */
  get responsesIn(): ReadonlyMap<string, number> {
    return this.#responsesIn.toMap()
  }

  get responsesOut(): ReadonlyMap<string, number> {
    return this.#responsesOut.toMap()
  }

  count({ direction, method, status }: MessageRecord): void {
    if (status !== undefined) (direction === 'in' ? this.#responsesIn : this.#responsesOut).count(method, status)
    else add(direction === 'in' ? this.requestsIn : this.requestsOut, method)
  }
}

function add(counts: Map<string, number>, key: string): void {
  const count = counts.get(key)
  if (count === undefined && counts.size >= maxMethods) return
  counts.set(key, (count ?? 0) + 1)
}

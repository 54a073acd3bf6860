import type { MessageRecord } from './stack.ts'

/** SIP messages counted as plain integers, for metrics to read when they are scraped. */
export class Traffic {
  readonly requestsIn = new Map<string, number>()
  readonly requestsOut = new Map<string, number>()
  /** By method and status: `INVITE 200`. */
  readonly responsesIn = new Map<string, number>()
  readonly responsesOut = new Map<string, number>()

  count({ direction, method, status }: MessageRecord): void {
    if (status === undefined) add(direction === 'in' ? this.requestsIn : this.requestsOut, method)
    else add(direction === 'in' ? this.responsesIn : this.responsesOut, `${method} ${status}`)
  }
}

function add(counts: Map<string, number>, key: string): void {
  const count = counts.get(key)
  // A peer that makes up methods must not fill the memory.
  if (count === undefined && counts.size >= 500) return
  counts.set(key, (count ?? 0) + 1)
}

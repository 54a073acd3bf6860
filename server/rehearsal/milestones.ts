/** What happens in a rehearsal, in the order in which it usually does. */
export type Milestone =
  | 'agentRang'
  | 'agentAnswered'
  | 'callerAnswered'
  | 'handoffAsked'
  | 'callerReferred'
  | 'destinationRang'
  | 'destinationAnswered'
  | 'transferEnded'
  | 'callEnded'

/** When each thing happened first, in seconds from the caller's INVITE, to the millisecond. */
export class Milestones {
  readonly #now: () => number
  readonly #began: number
  readonly #reached = new Map<Milestone, number>()

  /** @param now milliseconds; time begins with this */
  constructor(now: () => number) {
    this.#now = now
    this.#began = now()
  }

  mark(milestone: Milestone): void {
    if (!this.#reached.has(milestone)) this.#reached.set(milestone, Math.round(this.#now() - this.#began) / 1000)
  }

  view(): Partial<Record<Milestone, number>> {
    return Object.fromEntries(this.#reached)
  }
}

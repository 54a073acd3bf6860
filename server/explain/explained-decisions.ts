import { noLease, type FullLimit, type Limits, type RoomBook } from '../limits/index.ts'
import type { ClosedTarget, TargetHealth } from '../targets/index.ts'

/** What an attempt met before it sent a request, in the order in which the attempt met it. */
export type ExplainedDecision =
  | { readonly kind: 'passed_over'; readonly target: ClosedTarget }
  | { readonly kind: 'full'; readonly limit: FullLimit }
  | { readonly kind: 'queued'; readonly seconds: number }
  | { readonly kind: 'called'; readonly uri: string }

/** Notes the decisions that the health of targets and the room within limits bring about. An explanation changes neither. */
export class ExplainedDecisions {
  /** Which attempt of the transfer runs, from 0; undefined while none does. */
  readonly #attempt: () => number | undefined
  readonly #byAttempt = new Map<number, ExplainedDecision[]>()

  constructor(attempt: () => number | undefined) {
    this.#attempt = attempt
  }

  /** The decisions of an attempt, counted from 0. */
  of(attempt: number): readonly ExplainedDecision[] {
    return this.#byAttempt.get(attempt) ?? []
  }

  /** What is known of targets; the agents of the explained call answer whatever is known of them. */
  health(targets: TargetHealth | undefined, agents: readonly string[]): TargetHealth {
    const closed = (uri: string): ClosedTarget | undefined => (agents.includes(uri) ? undefined : targets?.closed(uri))

    return {
      closed,
      refused: (uri) => {
        const target = closed(uri)
        if (target) this.#note({ kind: 'passed_over', target })
      },
      begin: (uri) => {
        this.#note({ kind: 'called', uri })

        return undefined
      },
    }
  }

  /** The room that there is now: a call that would wait finds it at once. */
  room(limits: Pick<Limits, 'lacking'>): RoomBook {
    return {
      take: (needs) => {
        const limit = limits.lacking(needs)
        if (limit) this.#note({ kind: 'full', limit })

        return limit ?? noLease
      },
      takeUp: () => noLease,
      noteRefusal: () => undefined,
      wait: (call, seconds) => {
        this.#note({ kind: 'queued', seconds })
        queueMicrotask(() => {
          call.granted(0, noLease)
        })

        return () => undefined
      },
    }
  }

  #note(decision: ExplainedDecision): void {
    const attempt = this.#attempt()
    if (attempt === undefined) return
    const noted = this.#byAttempt.get(attempt)
    if (noted) noted.push(decision)
    else this.#byAttempt.set(attempt, [decision])
  }
}

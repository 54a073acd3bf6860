import {
  noLease,
  type FullLimit,
  type Limits,
  type RoomBook,
  needsOfAgent,
  needsOfProject,
  type LimitNeed,
} from '../limits/index.ts'
import type { ClosedTarget, TargetHealth } from '../targets/index.ts'
import type { PinnedTable, PlanWarning } from '../../routes/index.ts'

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

type Room = Pick<Limits, 'lacking'>

/** An attempt of an explained transfer, with the decisions that were made before it sent a request. */
export interface ExplainedAttempt {
  readonly handoff: string
  readonly decisions: readonly ExplainedDecision[]
}

/** Says what of an attempt is full now, and what would happen to the call. */
export function fullWarnings(
  { handoff, decisions }: ExplainedAttempt,
  next: ExplainedAttempt | undefined,
): PlanWarning[] {
  const told = new Map<string, PlanWarning>()
  for (const [at, decision] of decisions.entries()) {
    if (decision.kind !== 'full') continue
    const { what } = decision.limit
    const then = sentAfter(decisions.slice(at + 1)) ?? afterAttempt(handoff, next)
    if (!told.has(what)) told.set(what, { code: 'overflow', detail: `${what}; ${then}`, handoff })
  }

  return [...told.values()]
}

/** Says which targets are passed over, and which one is called, or which handoff is tried, in their place. */
export function targetWarnings(
  { handoff, decisions }: ExplainedAttempt,
  next: ExplainedAttempt | undefined,
): PlanWarning[] {
  const called = decisions.find((decision) => decision.kind === 'called')
  const nextInWords = next && next.handoff !== handoff ? `; ${next.handoff} would be tried next` : ''
  const instead = called ? `; ${called.uri} would be called` : nextInWords

  return decisions
    .filter((decision) => decision.kind === 'passed_over')
    .map(({ target: { why } }) => ({ code: 'target_down', detail: `${why}${instead}`, handoff }))
}

/** What the attempt sends, or waits for, all the same. */
function sentAfter(decisions: readonly ExplainedDecision[]): string | undefined {
  for (const decision of decisions) {
    if (decision.kind === 'queued') return `a call would wait for room, for ${decision.seconds} s at most`
    if (decision.kind === 'called') return `${decision.uri} would be called`
  }

  return undefined
}

function afterAttempt(handoff: string, next: ExplainedAttempt | undefined): string {
  if (!next) return 'the transfer would fail as overflow'

  return next.handoff === handoff ? 'it would be bridged by INVITE' : `${next.handoff} would be tried next`
}

/** Says that a project, an environment or an agent takes no new call now, and what a caller would meet. */
export function newCallWarnings(pinned: PinnedTable, room: Room): PlanWarning[] {
  const project = room.lacking(needsOfProject(pinned))
  if (project) return [warningOf(project, 'a new call would be refused with 503')]
  const agents = pinned.agentChoices.all.map((agent) => ({ agent, full: room.lacking(needsOfAgent(agent, pinned)) }))
  const open = agents.find(({ full }) => !full)
  const { agentDown } = pinned.settings
  const allFull = agentDown === undefined ? 'a new call would be refused with 503' : `callers would get ${agentDown}`
  const then = open ? `${open.agent.uri} would be called` : allFull
  const told = new Map<string, PlanWarning>()
  for (const { full } of agents) if (full) told.set(full.need.key, warningOf(full, then))

  return [...told.values()]
}

function warningOf({ what, need }: FullLimit, then: string): PlanWarning {
  return { code: 'overflow', detail: `${what}; ${waitOf(need) ?? then}` }
}

function waitOf({ limit: { queue = 0 } }: LimitNeed): string | undefined {
  return queue > 0 ? `a new call would wait for room, for ${queue} s at most` : undefined
}

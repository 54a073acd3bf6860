import { defined } from '../../base/defined.ts'
import { isoTime, copyText, type Clock } from '../../engine/index.ts'
import {
  resolvedStep,
  type CallFacts,
  type PinnedTable,
  type ResolverAnswer,
  type ResolverRecord,
  type Step,
  type TrunkTraits,
} from '../../routes/index.ts'
import type { ResolverFailure } from '../resolver/index.ts'
import { withPassedOver } from '../legs/status-line.ts'
import type { Evidence } from '../legs/views.ts'
import type { SipDialogEnd } from '../sip/stack.ts'
import type { ResolvedStep, StepResolver, AttemptRecord } from './attempt.ts'
import type { TransferRequest } from './transfer-request.ts'

/** Asks HTTP endpoints. Never rejects. */
export interface ResolverAsker {
  ask<T extends object>(
    resolver: ResolverRecord,
    question: object,
    judge: (answer: ResolverAnswer) => T | ResolverFailure,
    cancelled: AbortSignal,
  ): Promise<T | ResolverFailure>
}

/** One transfer, as its resolvers are told of it and their answers are judged. */
export interface ResolvedTransfer {
  asker: ResolverAsker
  pinned: PinnedTable
  facts: CallFacts
  request: TransferRequest
  /** JSON of the agent's own. */
  context: unknown
  trunk: TrunkTraits
  transferId: () => string | undefined
  now: () => number
  /** Why a step's destination cannot be called. */
  destinationProblem: (step: Step) => string | undefined
}

/** Asks the resolver of each step that has one. An answer that cannot be used leaves the step as the table has it. */
export function stepResolver(transfer: ResolvedTransfer): StepResolver {
  return async (step, cancelled) => {
    const { resolver } = step
    if (!resolver) return { step, evidence: [] }
    const decided = await transfer.asker.ask(
      resolver,
      questionOf(step, transfer),
      (answer) => judged(step, answer, transfer),
      cancelled,
    )
    if (!('result' in decided)) return decided
    const used = step.method === 'bye' ? 'the headers of the table were used' : 'the route of the table was used'
    const instead = step.passedOver ? 'the table has no route for this call' : used

    return { step, evidence: [`resolver: ${decided.detail}; ${instead}`] }
  }
}

/** The JSON that a resolver gets. */
function questionOf(step: Step, transfer: ResolvedTransfer): object {
  const { pinned, facts, request, context } = transfer
  const { project, environment, version } = pinned
  const { callId, callerId, callerName, calledNumber, headers = {} } = facts
  const { handoff, method, target, passedOver } = step

  return {
    type: 'transfer.resolve',
    at: isoTime(transfer.now()),
    ...{ project, environment, version, handoff, method },
    ...defined({ route: passedOver || target === '' ? undefined : target, transferId: transfer.transferId() }),
    call: {
      ...defined({ id: callId, caller: callerId, callerName, called: calledNumber }),
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => /^x-/i.test(name))),
    },
    variables: { ...pinned.variables, ...request.variables },
    headers: { ...request.headers },
    ...defined({ reason: request.reason, contextId: request.contextId, context }),
  }
}

function judged(step: Step, answer: ResolverAnswer, transfer: ResolvedTransfer): ResolvedStep | ResolverFailure {
  const resolved = resolvedStep(step, answer, transfer)
  if ('result' in resolved) return resolved
  const problem = answer.route === undefined ? undefined : transfer.destinationProblem(resolved.step)
  if (problem !== undefined) return { result: 'denied', detail: `its route ${answer.route ?? ''}: ${problem}` }

  return {
    step: resolved.step,
    evidence: [evidenceOf(step, answer), ...resolved.warnings.map(({ detail }) => `resolver: ${detail}`)],
  }
}

function evidenceOf({ method, passedOver }: Step, { route, headers = {}, announce }: ResolverAnswer): string {
  const parts = [...Object.keys(headers), ...(announce ? ['an announcement'] : [])]
  const instead = passedOver ? 'the table has no route for this call' : 'the route of the table is used'
  const where = route ?? (method === 'bye' ? 'no route' : `no route; ${instead}`)

  return `resolver answered ${where}${parts.length > 0 ? `, with ${parts.join(', ')}` : ''}`
}

/** One request to a step's resolver. The step's first attempt has not begun then; its evidence will begin with the request's. */
export class StepResolution {
  readonly #clock: Clock
  readonly #evidence: Evidence[] = []
  readonly #cancelled = new AbortController()
  readonly #startedAt: number
  isAsking = true

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  /** Resolves with the step to run; with the planned one, at once, when the request is cancelled. */
  async run(planned: Step, resolve: StepResolver): Promise<Step> {
    const { signal } = this.#cancelled
    const stopped = new Promise<undefined>((over) => {
      signal.addEventListener('abort', () => {
        over(undefined)
      })
    })
    this.#note('baton', `asks the resolver at ${new URL(planned.resolver?.url ?? '').origin}`)
    const resolved = await Promise.race([resolve(planned, signal), stopped])
    this.isAsking = false
    for (const what of resolved?.evidence ?? []) this.#note('baton', what)

    return resolved?.step ?? planned
  }

  /** The step is run as planned. */
  skip(why: string): void {
    this.isAsking = false
    this.#note('baton', why)
  }

  /** @param end the end of the caller's dialog, where that is why */
  cancel(end?: SipDialogEnd): void {
    if (end?.by === 'peer') this.#note('caller', withPassedOver('BYE', end.request))
    else if (end) this.#note('baton', `dialog ended: ${end.reason}`)
    this.#cancelled.abort()
  }

  /** The step's first attempt begins. */
  begin(record: AttemptRecord): void {
    record.beginsWith(this.#evidence, this.#startedAt)
  }

  #note(from: Evidence['from'], what: string): void {
    this.#evidence.push({ at: isoTime(this.#clock.now()), from, what: copyText(what) })
  }
}

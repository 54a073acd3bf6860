import { randomUUID } from 'node:crypto'

import { defined } from '../../base/defined.ts'
import { type RehearsalParts, Rehearsal } from './rehearsal.ts'
import { type Actor, type PinnedTable, plan } from '../../routes/index.ts'
import type { AllRehearsalsRequest, AllRehearsalsView, RehearsalRequest, RehearsalView } from './rehearsal-views.ts'
import { judge, type RehearsalJudgement } from './judge.ts'
import { scriptOf, type RehearsalScript, trialTable, TrialRefused } from './script.ts'
import type { Trunk } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import type { SipStack } from '../sip/stack.ts'
import { inviteTargets } from '../transfer/destination.ts'

/** Each has three ports of its own. */
const maxRehearsals = 8
/** Handoffs of one table that are rehearsed side by side. */
const maxSideBySide = 3

/** In the history, for the rehearsal of the welcome. */
const baton: Actor = { who: 'baton', from: 'rehearsal' }

/** Rehearsals of this Baton: synthetic calls over real SIP that prove a handoff. */
export class Rehearsals {
  readonly #parts: RehearsalParts
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  constructor(parts: RehearsalParts) {
    this.#parts = parts
  }

  /**
   * Places the call and resolves with its result; a handoff that cannot be reached is a verdict, not an error. History gets one line.
   * @throws TrialRefused (or RoutesError) when there is nothing to call: no such project, environment, handoff, number or version
   */
  async rehearse(request: RehearsalRequest, actor: Actor = baton): Promise<RehearsalView> {
    return this.#oneOfMany(async () => {
      const pinned = await trialTable(this.#parts.routing, request, 'rehearse')
      const played = await this.#play(request, pinned)
      await this.#record(request, pinned, [played], actor)

      return played.view
    })
  }

  /** Rehearses every handoff that is in use, some at a time; history gets one line. Throws as `rehearse` does. */
  async rehearseAll(request: AllRehearsalsRequest, actor: Actor = baton): Promise<AllRehearsalsView> {
    return this.#oneOfMany(async () => {
      const pinned = await trialTable(this.#parts.routing, request, 'rehearse')
      const names = pinned.handoffs.filter(({ active }) => active).map(({ name }) => name)
      const played: PlayedRehearsal[] = []
      for (let first = 0; first < names.length; first += maxSideBySide) {
        const some = names.slice(first, first + maxSideBySide)
        played.push(...(await Promise.all(some.map((handoff) => this.#play({ ...request, handoff }, pinned)))))
      }
      await this.#record(request, pinned, played, actor)
      const failed = played.filter(({ view }) => view.verdict === 'failed').map(({ view }) => view.handoff)
      const passed = `${played.length - failed.length} of ${played.length} handoffs have passed`

      return {
        ...placeOf(request, pinned),
        verdict: failed.length === 0 ? 'passed' : 'failed',
        cause: failed.length === 0 ? `${passed}.` : `${passed}; ${failed.join(', ')} failed.`,
        rehearsals: played.map(({ view }) => view),
      }
    })
  }

  /** Idempotent. Breaks running rehearsals off; resolves when their calls are over. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#running)
  }

  async #oneOfMany<T>(rehearse: () => Promise<T>): Promise<T> {
    if (this.#running.size >= maxRehearsals) {
      throw new TrialRefused(
        'too_many_rehearsals',
        `${maxRehearsals} rehearsals are running; try again when one is over.`,
      )
    }
    const run = rehearse()
    this.#running.add(run)
    try {
      return await run
    } finally {
      this.#running.delete(run)
    }
  }

  async #play(request: RehearsalRequest, pinned: PinnedTable): Promise<PlayedRehearsal> {
    const { stack, clock, log } = this.#parts
    const id = randomUUID()
    const { signal } = this.#closing
    const script = scriptOf(request, pinned, this.#parts)
    const rehearsal = new Rehearsal(this.#parts, script)
    const { expected, destination, at, trunk } = script
    const target = realTarget(script.pinned, request.handoff, trunk, at)
    const problem = destination === 'real' ? await destinationProblem(stack, clock, target, signal) : undefined
    const seen = problem === undefined ? await rehearsal.play(signal) : undefined
    const judged: RehearsalJudgement = seen
      ? judge(seen)
      : { verdict: 'failed', cause: problem ?? 'It was not played.' }
    const judgement = {
      ...judged,
      cause: `${closedText(request, script)}${judged.cause} ${syntheticText(destination)}`,
    }
    const passed = judgement.verdict === 'passed'
    const place = placeOf(request, pinned)
    const { handoff } = request
    log.log(passed ? 'info' : 'warn', `rehearsal ${judgement.verdict}`, { id, ...place, handoff, ...judgement })

    return {
      proved: passed ? expected : undefined,
      view: {
        id,
        ...place,
        handoff,
        synthetic: syntheticParties(destination),
        ...judgement,
        ...defined({ call: seen?.call }),
        ladder: rehearsal.call?.legs.ladder.view() ?? { messages: [] },
        headersReceived: { ...seen?.received },
        timings: { ...seen?.timings },
      },
    }
  }

  /** A promotion may need the record. A store that cannot be reached does not change the verdict. */
  async #record(
    { draft = false, environment }: AllRehearsalsRequest,
    pinned: PinnedTable,
    played: readonly PlayedRehearsal[],
    actor: Actor,
  ): Promise<void> {
    const { routing, log } = this.#parts
    const { project, digest } = pinned
    const rehearsal = {
      ...{ environment: pinned.environment, version: draft ? ('draft' as const) : pinned.version, digest },
      handoffs: played.map(({ view }) => view.handoff),
      proved: played.flatMap(({ proved }) => proved ?? []),
    }
    try {
      await routing.recordRehearsal(project, rehearsal, actor)
    } catch (error) {
      log.log('warn', 'a rehearsal could not be recorded', { project, environment, error: String(error) })
    }
  }
}

/** One handoff's rehearsal, and the handoff that it has proved. */
interface PlayedRehearsal {
  view: RehearsalView
  proved: string | undefined
}

function placeOf({ draft = false }: Pick<RehearsalRequest, 'draft'>, { project, environment, version }: PinnedTable) {
  return { project, environment, version, ...defined({ draft: draft ? (true as const) : undefined }) }
}

function syntheticParties(destination: RehearsalScript['destination']): RehearsalView['synthetic'] {
  return destination === 'real' ? ['caller', 'agent'] : ['caller', 'agent', 'destination']
}

function syntheticText(destination: RehearsalScript['destination']): string {
  return destination === 'real'
    ? 'Synthetic: the caller and the agent; the destination was the real one.'
    : 'Synthetic: the caller, the agent and the destination.'
}

/** Says that another handoff takes the call at the time that is rehearsed. */
function closedText({ handoff, at = '' }: RehearsalRequest, { expected }: RehearsalScript): string {
  return expected === handoff ? '' : `At ${at} ${handoff} gives way to ${expected}. `
}

/** A destination may take so long to answer OPTIONS. */
const optionsTimeoutMs = 4000

/** The URI that a handoff's route is called by; undefined for a number when the trunk has no gateway, '' for a handoff by BYE. */
function realTarget(pinned: PinnedTable, handoff: string, trunk: Trunk, now?: number): string | undefined {
  const [step] = plan(pinned, { handoff }, { callId: 'rehearsal' }, { now }).steps
  if (!step || step.method === 'bye') return ''

  return inviteTargets(step.target, trunk, step.numberFormat)[0]
}

/** Asks a destination by OPTIONS whether it takes calls (RFC 3261 11). Resolves with what is wrong, or undefined. */
async function destinationProblem(
  stack: SipStack,
  clock: Clock,
  target: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (target === undefined) return 'The route is a number, and the trunk has no gateways to call it by.'
  if (target === '') return undefined

  const response = await Promise.race([
    stack.request('OPTIONS', target, { headers: [['Accept', 'application/sdp']] }),
    new Promise<undefined>((resolve) => {
      clock.after(optionsTimeoutMs, () => resolve(undefined))
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    }),
  ])
  if (!response) return `${target} did not answer OPTIONS within ${optionsTimeoutMs / 1000} s.`
  // Any response shows that the destination is up: many PBXs answer OPTIONS with 404 or 405 and take calls.
  if (response.local) return `${target} cannot be reached: ${response.status} ${response.reason}.`
  if (response.status === 503) return `${target} answered OPTIONS with 503 ${response.reason}.`

  return undefined
}

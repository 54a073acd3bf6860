import { type RehearsalParts, Rehearsal } from './rehearsal.ts'
import { randomUUID } from 'node:crypto'
import type { Settings, Trunk } from '../../config/index.ts'
import { plan, type Actor, type PinnedTable } from '../../routes/index.ts'
import type { AllRehearsalsRequest, AllRehearsalsView, RehearsalRequest, RehearsalView } from './rehearsal-views.ts'
import { Trunks } from '../legs/trunks.ts'
import type { SipAddress } from '../sip/stack.ts'
import { judge, type Judgement } from './judge.ts'
import { reachable, type Script, callerFrom, checkedHeaders } from './script.ts'
import { answersOptions, realTarget } from './real-destination.ts'
import { TrialRefused } from './trial.ts'

/** Seconds; a synthetic rehearsal takes less than one. */
const syntheticLimit = 15
const realLimit = 60
/** Each has three ports of its own. */
const atOnce = 8
/** How many handoffs of a table are rehearsed side by side. */
const sideBySide = 3

/** Who rehearses where no operator has asked. */
const itself: Actor = { who: 'baton', from: 'rehearsal' }

/** Rehearsals of this Baton: synthetic calls over real SIP that prove a handoff. */
export class Rehearsals {
  readonly #parts: RehearsalParts
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  constructor(parts: RehearsalParts) {
    this.#parts = parts
  }

  /**
   * Places the call and tells how it went; a handoff that cannot be reached is a verdict, not an error. History has one line of it.
   * @throws RehearsalRefused (or RoutesError) when there is nothing to call: no such project, environment, handoff, number or version
   */
  async rehearse(request: RehearsalRequest, actor: Actor = itself): Promise<RehearsalView> {
    return this.#oneOfMany(async () => {
      const pinned = await this.#table(request)
      const { handoff } = request
      if (!pinned.handoff(handoff)) throw unknownHandoff(pinned, handoff)
      const played = await this.#play(request, pinned)
      await this.#record(request, pinned, [played], actor)

      return played.view
    })
  }

  /** Every handoff that is in use, some at a time; one line of history. Throws as `rehearse`. */
  async rehearseAll(request: AllRehearsalsRequest, actor: Actor = itself): Promise<AllRehearsalsView> {
    return this.#oneOfMany(async () => {
      const pinned = await this.#table(request)
      const names = pinned.handoffs.filter(({ active }) => active).map(({ name }) => name)
      const played: Played[] = []
      for (let first = 0; first < names.length; first += sideBySide) {
        const some = names.slice(first, first + sideBySide)
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

  /** Idempotent. Breaks off what runs; resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#running)
  }

  async #oneOfMany<T>(rehearse: () => Promise<T>): Promise<T> {
    if (this.#running.size >= atOnce) {
      throw new TrialRefused('too_many_rehearsals', `${atOnce} rehearsals are running; try again when one is over.`)
    }
    const run = rehearse()
    this.#running.add(run)
    try {
      return await run
    } finally {
      this.#running.delete(run)
    }
  }

  async #play(request: RehearsalRequest, pinned: PinnedTable): Promise<Played> {
    const { stack, clock, log } = this.#parts
    const id = randomUUID()
    const { signal } = this.#closing
    const script = this.#script(request, pinned)
    const rehearsal = new Rehearsal(this.#parts, script)
    const { expected, destination, at, trunk } = script
    const target = realTarget(script.pinned, request.handoff, trunk, at)
    const silent = destination === 'real' ? await answersOptions(stack, clock, target, signal) : undefined
    const seen = silent === undefined ? await rehearsal.play(signal) : undefined
    const judged: Judgement = seen ? judge(seen) : { verdict: 'failed', cause: silent ?? 'It was not played.' }
    const judgement = { ...judged, cause: `${beside(request, script)}${judged.cause} ${syntheticText(destination)}` }
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
        ...(seen?.call && { call: seen.call }),
        ladder: rehearsal.call?.ladder.view() ?? { messages: [] },
        headersReceived: { ...seen?.received },
        timings: { ...seen?.timings },
      },
    }
  }

  /** A version may have to be rehearsed before it is promoted. That the store is away is no verdict over a handoff. */
  async #record(
    { draft = false, environment }: AllRehearsalsRequest,
    pinned: PinnedTable,
    played: readonly Played[],
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

  /** What the environment runs, or a version or the draft as it would run them. */
  async #table({ project, environment, version, draft = false }: AllRehearsalsRequest): Promise<PinnedTable> {
    const { routing } = this.#parts
    const { environments } = routing.project(project)
    if (draft || version !== undefined) return routing.environments.candidate(project, environment, version ?? 'draft')

    const pinned = routing.current(project, environment)
    if (pinned === 'unknown') {
      const names = Object.keys(environments).join(', ')
      throw new TrialRefused(
        'unknown_environment',
        `Project ${project} has no environment "${environment}", but ${names}.`,
      )
    }
    if (!pinned) {
      throw new TrialRefused(
        'no_version',
        `${environment} of ${project} runs no version yet: publish one and promote it, or rehearse the draft.`,
      )
    }

    return pinned
  }

  #script(request: RehearsalRequest, pinned: PinnedTable): Script {
    const { stack, settings } = this.#parts
    const { project, environment, handoff, destination = 'real', at } = request
    const [number] = pinned.numbers
    if (number === undefined) {
      throw new TrialRefused('no_number', `${environment} of ${project} has no number that could be called.`)
    }
    const { listen } = settings.sip
    const baton = reachable(stack.addresses, stack.kind === 'embedded' ? listen : [])
    const trunk = baton && this.#trunk(settings, baton.address)
    if (!baton || !trunk) throw new TrialRefused('not_listening', 'Baton does not listen for SIP yet.')
    const real = destination === 'real'
    const now = at === undefined ? undefined : Date.parse(at)
    // A moment is asked for because schedules and rules are meant; otherwise the handoff itself is, at night, too.
    const tried = now === undefined ? pinned.opened(handoff) : pinned
    const [step] = plan(tried, { handoff }, { callId: 'rehearsal' }, { now }).steps

    return {
      handoff,
      expected: step?.handoff ?? handoff,
      pinned: tried,
      at: now,
      number,
      from: callerFrom(request.caller),
      headers: checkedHeaders(request.headers),
      destination,
      baton,
      parties: real ? ownAddress(baton, listen) : baton,
      trunk,
      limit: real ? Math.min(realLimit, pinned.handoff(handoff)?.deadline ?? realLimit) : syntheticLimit,
    }
  }

  #trunk({ trunks }: Settings, address: string): Trunk | undefined {
    return new Trunks(trunks).of(address) ?? trunks[0]
  }
}

/** One handoff's rehearsal, and the handoff that it has proved. */
interface Played {
  view: RehearsalView
  proved: string | undefined
}

function placeOf({ draft = false }: Pick<RehearsalRequest, 'draft'>, { project, environment, version }: PinnedTable) {
  return { project, environment, version, ...(draft && { draft: true as const }) }
}

function syntheticParties(destination: Script['destination']): RehearsalView['synthetic'] {
  return destination === 'real' ? ['caller', 'agent'] : ['caller', 'agent', 'destination']
}

function syntheticText(destination: Script['destination']): string {
  return destination === 'real'
    ? 'Synthetic: the caller and the agent; the destination was the real one.'
    : 'Synthetic: the caller, the agent and the destination.'
}

/** That another handoff takes the call at the moment that is rehearsed. */
function beside({ handoff, at = '' }: RehearsalRequest, { expected }: Script): string {
  return expected === handoff ? '' : `At ${at} ${handoff} gives way to ${expected}. `
}

function unknownHandoff({ version, project, environment, handoffs }: PinnedTable, handoff: string): TrialRefused {
  const names = handoffs.map(({ name }) => name).join(', ')

  return new TrialRefused(
    'unknown_handoff',
    `Version ${version} of ${project}, for ${environment}, has no handoff "${handoff}", but ${names}.`,
  )
}

/** Real destinations may be anywhere: whoever calls them listens where Baton does. */
function ownAddress(baton: SipAddress, listen: Settings['sip']['listen']): SipAddress {
  const found = listen.find(({ transport }) => transport === baton.transport)

  return { ...baton, ...(found && { address: found.address }) }
}

import { randomUUID } from 'node:crypto'
import type { Settings, Trunk } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import type { PinnedTable, Routing } from '../../routes/index.ts'
import type { RehearsalRequest, RehearsalView } from '../api/index.ts'
import type { Calls } from '../calls/calls.ts'
import type { Events } from '../calls/events.ts'
import { Trunks } from '../calls/trunks.ts'
import type { SipAddress, SipStack } from '../sip/stack.ts'
import { judge, type Judgement } from './judge.ts'
import type { PendingRehearsals } from './pending.ts'
import { reachable } from './reach.ts'
import { answersOptions, realTarget } from './real-destination.ts'
import { RehearsalRefused } from './rehearsal-refused.ts'
import { Rehearsal, type Script } from './rehearsal.ts'
import { callerFrom, checkedHeaders } from './request.ts'

export interface RehearsalParts {
  calls: Calls
  events: Events
  routing: Routing
  clock: Clock
  settings: Settings
  pending: PendingRehearsals
  /** Baton's own stack: where the calls go, and what asks a real destination whether it is there. */
  stack: SipStack
  /** A stack for one party, on a free port; `baton` is the address at which it reaches Baton. */
  newStack(at: Pick<SipAddress, 'address' | 'transport'>, baton: string): SipStack
  log: { log(level: string, message: string, fields: object): unknown }
}

/** Seconds; a synthetic rehearsal takes less than one. */
const syntheticLimit = 15
const realLimit = 60
/** Each has three ports of its own. */
const atOnce = 8

/** Rehearsals of this Baton: synthetic calls over real SIP that prove a handoff. */
export class Rehearsals {
  readonly #parts: RehearsalParts
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  constructor(parts: RehearsalParts) {
    this.#parts = parts
  }

  /**
   * Places the call and tells how it went; a handoff that cannot be reached is a verdict, not an error.
   * @throws RehearsalRefused (or RoutesError) when there is nothing to call: no such project, environment, handoff, number or version
   */
  async rehearse(request: RehearsalRequest): Promise<RehearsalView> {
    if (this.#running.size >= atOnce) {
      throw new RehearsalRefused('too_many_rehearsals', `${atOnce} rehearsals are running; try again when one is over.`)
    }
    const pinned = this.#table(request)
    const script = this.#script(request, pinned)
    const run = this.#run(request, pinned, script)
    this.#running.add(run)
    try {
      return await run
    } finally {
      this.#running.delete(run)
    }
  }

  /** Idempotent. Breaks off what runs; resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#running)
  }

  async #run(request: RehearsalRequest, pinned: PinnedTable, script: Script): Promise<RehearsalView> {
    const { stack, clock, log } = this.#parts
    const id = randomUUID()
    const { signal } = this.#closing
    const rehearsal = new Rehearsal(this.#parts, script)
    const target = realTarget(pinned, request.handoff, script.trunk)
    const silent = script.destination === 'real' ? await answersOptions(stack, clock, target, signal) : undefined
    const seen = silent === undefined ? await rehearsal.play(signal) : undefined
    const judgement: Judgement = seen ? judge(seen) : { verdict: 'failed', cause: silent ?? 'It was not played.' }
    const { project, environment } = pinned
    const { handoff } = request
    // A canary may have given the call another version.
    const version = seen?.call?.version ?? pinned.version
    const passed = judgement.verdict === 'passed'
    if (passed) await this.#record(project, version, handoff)
    log.log(passed ? 'info' : 'warn', `rehearsal ${judgement.verdict}`, {
      id,
      project,
      environment,
      version,
      handoff,
      ...judgement,
    })

    return {
      id,
      project,
      environment,
      version,
      handoff,
      ...judgement,
      ...(seen?.call && { call: seen.call }),
      ladder: rehearsal.call?.ladder.view() ?? { messages: [] },
      headersReceived: { ...seen?.received },
      timings: { ...seen?.timings },
    }
  }

  /** A version may have to be rehearsed before it is promoted. That the store is away is no verdict over a handoff. */
  async #record(project: string, version: number, handoff: string): Promise<void> {
    const { routing, log } = this.#parts
    try {
      await routing.recordRehearsal(project, version, handoff, { who: 'baton', from: 'rehearsal' })
    } catch (error) {
      log.log('warn', 'a rehearsal that passed could not be recorded', {
        project,
        version,
        handoff,
        error: String(error),
      })
    }
  }

  #table({ project, environment, handoff }: RehearsalRequest): PinnedTable {
    const { routing } = this.#parts
    const { environments } = routing.project(project)
    const pinned = routing.current(project, environment)
    if (pinned === 'unknown') {
      const names = Object.keys(environments).join(', ')
      throw new RehearsalRefused(
        'unknown_environment',
        `Project ${project} has no environment "${environment}", but ${names}.`,
      )
    }
    if (!pinned) {
      throw new RehearsalRefused(
        'no_version',
        `${environment} of ${project} runs no version yet: publish one and promote it, then rehearse.`,
      )
    }
    if (!pinned.handoff(handoff)) {
      const names = pinned.handoffs.map(({ name }) => name).join(', ')
      throw new RehearsalRefused(
        'unknown_handoff',
        `Version ${pinned.version}, which ${environment} of ${project} runs, has no handoff "${handoff}", but ${names}.`,
      )
    }

    return pinned
  }

  #script(request: RehearsalRequest, pinned: PinnedTable): Script {
    const { stack, settings } = this.#parts
    const { project, environment, handoff, destination = 'synthetic' } = request
    const [number] = pinned.numbers
    if (number === undefined) {
      throw new RehearsalRefused('no_number', `${environment} of ${project} has no number that could be called.`)
    }
    const { listen } = settings.sip
    const baton = reachable(stack.addresses, stack.kind === 'embedded' ? listen : [])
    const trunk = baton && this.#trunk(settings, baton.address)
    if (!baton || !trunk) throw new RehearsalRefused('not_listening', 'Baton does not listen for SIP yet.')
    const real = destination === 'real'

    return {
      handoff,
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

/** Real destinations may be anywhere: whoever calls them listens where Baton does. */
function ownAddress(baton: SipAddress, listen: Settings['sip']['listen']): SipAddress {
  const found = listen.find(({ transport }) => transport === baton.transport)

  return { ...baton, ...(found && { address: found.address }) }
}

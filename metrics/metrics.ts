import { performance } from 'node:perf_hooks'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { CollectedNumbers, type Definitions, type EnvironmentLabels, type LabelsOf } from './collected-numbers.ts'
import {
  definitions,
  exceptionPlaces,
  recoveryResults,
  resolverResults,
  speechResults,
  switchActions,
} from './definitions.ts'
import { createInstruments, type Instruments } from './instruments.ts'
import { RunVersions } from './labels.ts'

export type EndedCall = EnvironmentLabels &
  Pick<LabelsOf<'calls'>, 'result' | 'reason'> & {
    /** The final response to the caller's INVITE. */
    sipStatus: number
    /** No agent answered, and the handoff under `agent_down` was tried. */
    isAgentDown?: boolean
  }

/** Times of a call's set-up, in seconds. */
export interface SetupTimes {
  /** From the caller's INVITE to the 200, for answered calls. */
  setup?: number | undefined
  /** From the caller's INVITE to the first provisional response beyond 100. */
  ringingAfter?: number | undefined
  /** From that response to the answer, or to the end. */
  ring?: number | undefined
}

export type EndedTransfer = EnvironmentLabels &
  Omit<LabelsOf<'transfers'>, keyof EnvironmentLabels | 'trunk' | 'version'> & {
    /** The caller's trunk. */
    trunk?: string | undefined
    /** The version of the routing table. */
    version?: number | undefined
  }
export type EndedAttempt = EnvironmentLabels &
  Omit<LabelsOf<'transferAttempts'>, keyof EnvironmentLabels | 'code'> & { code?: number | undefined }
export type LookupResult = LabelsOf<'routeLookups'>['result']

export type HttpListener = LabelsOf<'httpRequests'>['listener']
export type SignInLabel = LabelsOf<'httpSignIns'>['result']

/** An answered request to an HTTP listener. */
export interface AnsweredHttp {
  listener: HttpListener
  /** The pattern of the path; undefined for an unknown path. */
  route: string | undefined
  method: string
  status: number
}

/**
 * All metrics of the process. Events of a call are counted by a method each; numbers that other parts keep are read at each
 * scrape.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #of: Instruments<Definitions>
  readonly #versions = new RunVersions()
  /** The numbers that are read at each scrape. */
  readonly collect: CollectedNumbers

  constructor(version: string) {
    this.#of = createInstruments(this.#registry, definitions)
    this.collect = new CollectedNumbers(this.#registry, this.#of, version)
    this.#of.buildInfo.add({ version })
    this.#expect(rejections, {})
    this.#of.routeLookups.recount(
      (['hit', 'default', 'unknown_number', 'no_version'] as const).map((result) => [{ result }, 0]),
    )
    for (const result of resolverResults) this.#of.resolverRequests.add({ result }, 0)
    for (const result of speechResults) this.#of.speechRequests.add({ result }, 0)
    for (const result of recoveryResults) this.#of.callsRecovered.add({ result }, 0)
    for (const place of exceptionPlaces) this.#of.exceptions.add({ in: place }, 0)
    this.collect.loop(() => performance.eventLoopUtilization().active / 1000)
    for (const result of ['accepted', 'missing', 'wrong', 'limited'] as const) this.#of.httpSignIns.add({ result }, 0)
    collectDefaultMetrics({ register: this.#registry })
    for (const name of misnamed) this.#registry.removeSingleMetric(name)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** The text of `GET /metrics`. */
  text(): Promise<string> {
    this.collect.read()

    return this.#registry.metrics()
  }

  /** A call of the process before. */
  callRecovered(result: (typeof recoveryResults)[number]): void {
    this.#of.callsRecovered.add({ result })
  }

  callEnded(
    { project, environment, result, reason, sipStatus, isAgentDown = false }: EndedCall,
    times: SetupTimes = {},
  ): void {
    const { setup, ringingAfter } = times
    const place = { project, environment }
    this.#of.calls.add({ project, environment, result, reason })
    if (isAgentDown) this.#of.callsAgentDown.add({ project, environment, result })
    this.#of.callFinalResponses.add({ project, environment, code: sipStatus })
    if (setup !== undefined) this.#of.callSetup.add(place, setup)
    const delay = ringingAfter ?? setup
    if (delay !== undefined) this.#of.sessionRequestDelay.add(place, delay)
    if (times.ring === undefined) return
    this.#of.ringTime.add({ project, environment, result: setup === undefined ? 'unanswered' : 'answered' }, times.ring)
  }

  agentAttempt(attempt: EnvironmentLabels & Pick<LabelsOf<'agentAttempts'>, 'result' | 'reason'>): void {
    const { project, environment, result, reason } = attempt
    this.#of.agentAttempts.add({ project, environment, result, reason })
  }

  resolverAsked(result: LabelsOf<'resolverRequests'>['result'], seconds: number): void {
    this.#of.resolverRequests.add({ result })
    this.#of.resolverTime.add({}, seconds)
  }

  textSpoken(result: LabelsOf<'speechRequests'>['result'], seconds: number): void {
    this.#of.speechRequests.add({ result })
    if (result !== 'kept') this.#of.speechTime.add({}, seconds)
  }

  transferEnded(ended: EndedTransfer, seconds: number): void {
    const { project, environment, handoff, method, result, reason, trunk, version } = ended
    const place = { project, environment }
    for (const gone of this.#versions.add(place, version)) {
      void this.#of.transfers.removeAll({ ...place, version: gone })
    }
    this.#of.transfers.add({ project, environment, handoff, method, result, reason, trunk, version })
    this.#of.transferTime.add({ method, result }, seconds)
  }

  /** @param was the outcome that was counted when the transfer ended */
  transferAmended(amended: EndedTransfer, was: Pick<EndedTransfer, 'result' | 'reason'>): void {
    const { project, environment, handoff, method, result, reason } = amended
    const counted = { was: was.result, was_reason: was.reason }
    this.#of.transfersAmended.add({ project, environment, handoff, method, ...counted, result, reason })
  }

  transferAttempt({ project, environment, handoff, method, result, code }: EndedAttempt): void {
    this.#of.transferAttempts.add({ project, environment, handoff, method, result, code })
  }

  routeLookup(result: LookupResult): void {
    this.#of.routeLookups.add({ result })
  }

  /** A table of the store is damaged, too large or invalid: the last good one is served. */
  routeRejected(): void {
    this.#of.routeRejected.add({})
  }

  unknownVariables(project: string, environment: string, count = 1): void {
    this.#of.unknownVariables.add({ project, environment }, count)
  }

  exception(place: LabelsOf<'exceptions'>['in']): void {
    this.#of.exceptions.add({ in: place })
  }

  httpAnswered({ listener, route, method, status }: AnsweredHttp): void {
    const hundreds = `${Math.floor(status / 100)}xx` as LabelsOf<'httpRequests'>['status']
    this.#of.httpRequests.add({ listener, route, method, status: hundreds })
  }

  signIn(result: SignInLabel): void {
    this.#of.httpSignIns.add({ result })
  }

  twilioWebhook(labels: LabelsOf<'twilioWebhooks'>): void {
    this.#of.twilioWebhooks.add(labels)
  }

  httpCutOff(listener: HttpListener, reason: string): void {
    this.#of.httpCutOffs.add({ listener, reason })
  }

  /** @param version undefined when the environment has no version any more */
  setRouteVersion(project: string, environment: string, version: number | undefined): void {
    this.#of.routeVersion.remove({ project, environment })
    if (version === undefined) return
    this.#of.routeVersion.add({ project, environment }, version)
    for (const series of [
      this.#of.callsActive,
      this.#of.callsSilent,
      this.#of.transfersActive,
      this.#of.unknownVariables,
      this.#of.switchExpiry,
    ]) {
      series.add({ project, environment }, 0)
    }
    for (const action of switchActions) this.#of.switches.add({ project, environment, action }, 0)
    this.#expect(failures, { project, environment })
  }

  #expect(ends: typeof rejections | typeof failures, { project, environment }: EnvironmentLabels): void {
    for (const end of ends) this.#of.calls.add({ project, environment, ...end }, 0)
  }
}

// Gauges of prom-client whose names end in `_total`; nodejs_active_resources and the like have the same numbers by type.
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

// Prometheus sees no increase in the first sample of a series, so series that alerts use exist at 0 from the start.
const rejections = [
  { result: 'rejected', reason: 'unknown_trunk' },
  { result: 'rejected', reason: 'unknown_number' },
  { result: 'rejected', reason: 'draining' },
] as const
const failures = [
  { result: 'failed', reason: 'no_agent' },
  { result: 'failed', reason: 'internal_error' },
  { result: 'answered', reason: 'internal_error' },
] as const

/** The metrics of one process. */
export function createMetrics({ version = '0.0.0' }: { version?: string } = {}): Metrics {
  return new Metrics(version)
}

import { performance } from 'node:perf_hooks'
import { collectDefaultMetrics, Registry } from 'prom-client'
import {
  degradableChecks,
  definitions,
  engineDefinitions,
  exceptionPlaces,
  overloadReasons,
  switchActions,
  webhookResults,
} from './definitions.ts'
import {
  collectEngine,
  authenticationSeries,
  directed,
  requestSeries,
  responseSeries,
  type EngineStats,
  type SipStats,
} from './stats.ts'
import { createInstruments, type LabelInputs, type Instruments } from './instruments.ts'
import { RunVersions } from './labels.ts'
import { collectTargets, type TargetSamples } from './target-samples.ts'

type Definitions = typeof definitions
type LabelsOf<K extends keyof Definitions> = LabelInputs<Definitions[K]['labels']>

/** A project's environment; left out for calls without one. */
export interface EnvironmentLabels {
  project?: string | undefined
  environment?: string | undefined
}

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

/** Calls and transfers at this moment, one entry for each. */
export interface ActiveCounts {
  calls: Iterable<EnvironmentLabels>
  /** Calls without a message from any party for an hour. */
  silent: Iterable<EnvironmentLabels>
  transfers: Iterable<EnvironmentLabels>
}

/** A switch in force, and when it ends in milliseconds since the epoch: Infinity for one that does not. */
export interface ActiveSwitch {
  project: string
  environment: string
  action: LabelsOf<'switches'>['action']
  until: number
}

function firstExpiries(active: readonly ActiveSwitch[]): [labels: LabelsOf<'switchExpiry'>, seconds: number][] {
  const first = new Map<string, ActiveSwitch>()
  for (const one of active) {
    const place = `${one.project} ${one.environment}`
    if (one.until < (first.get(place)?.until ?? Infinity)) first.set(place, one)
  }

  return [...first.values()].map(({ project, environment, until }) => [{ project, environment }, until / 1000])
}

/**
 * All metrics of the process. Events of a call are counted by a method each; numbers that other parts keep are read by a
 * callback at each scrape, which must not throw.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #version: string
  readonly #of: Instruments<Definitions>
  readonly #versions = new RunVersions()
  readonly #readers: (() => void)[] = []

  constructor(version: string) {
    this.#version = version
    this.#of = createInstruments(this.#registry, definitions)
    this.#of.buildInfo.add({ version })
    this.#expect(rejections, {})
    this.#of.routeLookups.recount(
      (['hit', 'default', 'unknown_number', 'no_version'] as const).map((result) => [{ result }, 0]),
    )
    for (const place of exceptionPlaces) this.#of.exceptions.add({ in: place }, 0)
    this.#readers.push(() => {
      this.#of.loopActive.recount([[{}, performance.eventLoopUtilization().active / 1000]])
    })
    for (const result of ['accepted', 'missing', 'wrong', 'limited'] as const) this.#of.httpSignIns.add({ result }, 0)
    collectDefaultMetrics({ register: this.#registry })
    for (const name of misnamed) this.#registry.removeSingleMetric(name)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** The text of `GET /metrics`. */
  text(): Promise<string> {
    for (const read of this.#readers) read()

    return this.#registry.metrics()
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

  collectActive(read: () => ActiveCounts): void {
    this.#readers.push(() => {
      const { calls, transfers, silent } = read()
      this.#of.callsActive.recount(Array.from(calls, placed))
      this.#of.callsSilent.recount(Array.from(silent, placed))
      this.#of.transfersActive.recount(Array.from(transfers, placed))
    })
  }

  /** @param read seconds since the tables were last known to be current */
  collectRouteStaleness(read: () => number): void {
    this.#readers.push(() => this.#of.routeStaleness.recount([[{}, read()]]))
  }

  /** @param read the switches in force */
  collectSwitches(read: () => readonly ActiveSwitch[]): void {
    this.#readers.push(() => {
      const active = read()
      this.#of.switches.recount(active.map(({ project, environment, action }) => [{ project, environment, action }, 1]))
      this.#of.switchExpiry.recount(firstExpiries(active))
    })
  }

  /** @param read `degraded`: failed checks that do not stop calls */
  collectReadiness(read: () => { ready: boolean; draining: boolean; degraded: readonly string[] }): void {
    this.#readers.push(() => {
      const { ready, draining, degraded } = read()
      this.#of.degraded.recount(degradableChecks.map((check) => [{ check }, Number(degraded.includes(check))]))
      this.#of.ready.recount([[{}, Number(ready)]])
      this.#of.draining.recount([[{}, Number(draining)]])
    })
  }

  collectSip(read: () => SipStats): void {
    this.#readers.push(() => {
      const { requestsIn, requestsOut, responsesIn, responsesOut } = read()
      this.#of.sipRequests.recount(directed(requestSeries(requestsIn), requestSeries(requestsOut)))
      this.#of.sipResponses.recount(directed(responseSeries(responsesIn), responseSeries(responsesOut)))
    })
  }

  /** @param read by trunk and result, such as `pbx accepted` */
  collectAuthentications(read: () => ReadonlyMap<string, number>): void {
    this.#readers.push(() => this.#of.authentications.recount(authenticationSeries(read())))
  }

  /** @param read refusals by reason */
  collectOverload(read: () => ReadonlyMap<LabelsOf<'overloadRefusals'>['reason'], number>): void {
    this.#readers.push(() => {
      const counts = read()
      this.#of.overloadRefusals.recount(overloadReasons.map((reason) => [{ reason }, counts.get(reason) ?? 0]))
    })
  }

  collectUnknownSources(
    read: () => { counts: Record<LabelsOf<'unknownSourceRequests'>['result'], number>; blocked: number },
  ): void {
    this.#readers.push(() => {
      const { counts, blocked } = read()
      const { refused, scanner } = counts
      this.#of.unknownSourceRequests.recount([
        [{ result: 'refused' }, refused],
        [{ result: 'blocked' }, counts.blocked],
        [{ result: 'scanner' }, scanner],
      ])
      this.#of.blockedSources.recount([[{}, blocked]])
    })
  }

  collectLadders(read: () => number): void {
    this.#readers.push(() => this.#of.ladderBytes.recount([[{}, read()]]))
  }

  /** @param read how many records could not be written */
  collectLostRecords(read: () => number): void {
    this.#readers.push(() => this.#of.lostRecords.recount([[{}, read()]]))
  }

  /** @param read how many entries of the history of changes could not be written */
  collectLostAuditEntries(read: () => number): void {
    this.#readers.push(() => this.#of.lostAuditEntries.recount([[{}, read()]]))
  }

  collectHistory(read: () => { calls: number; bytes: number; lost: number }): void {
    this.#readers.push(() => {
      const { calls, bytes, lost } = read()
      this.#of.historyCalls.recount([[{}, calls]])
      this.#of.historyBytes.recount([[{}, bytes]])
      this.#of.historyLost.recount([[{}, lost]])
    })
  }

  collectWebhooks(
    read: () => {
      waiting: number
      deadLetters: number
      oldestSeconds: number
      counts: Readonly<Record<LabelsOf<'webhooks'>['result'], number>>
    },
  ): void {
    this.#readers.push(() => {
      const { waiting, deadLetters, oldestSeconds, counts } = read()
      this.#of.webhooksWaiting.recount([[{}, waiting]])
      this.#of.webhookDeadLetters.recount([[{}, deadLetters]])
      this.#of.webhookDeadLetterAge.recount([[{}, oldestSeconds]])
      this.#of.webhooks.recount(webhookResults.map((result) => [{ result }, counts[result]]))
    })
  }

  /** @param read when the certificates in use expire, by file, in seconds since 1970 */
  collectCertificates(read: () => ReadonlyMap<string, number>): void {
    this.#readers.push(() => {
      this.#of.certificateExpiry.recount(Array.from(read(), ([file, expiry]) => [{ file }, expiry]))
    })
  }

  /** @param read the refusals by what was full, down or taken out; several agents may be at one address */
  collectRefusals(read: () => Iterable<LabelsOf<'targetRefusals'> & { count: number }>): void {
    this.#readers.push(() => {
      const sums = new Map<string, [LabelsOf<'targetRefusals'>, number]>()
      for (const { kind, target, reason, count } of read()) {
        const key = `${kind} ${target} ${reason}`
        sums.set(key, [{ kind, target, reason }, (sums.get(key)?.[1] ?? 0) + count])
      }
      this.#of.targetRefusals.recount([...sums.values()])
    })
  }

  collectCaps(read: () => readonly { trunk: string; prefix: string; used: number; callsPerDay: number }[]): void {
    this.#readers.push(() => {
      this.#of.trunkCapUsed.recount(
        read().map(({ trunk, prefix, used, callsPerDay }) => [{ trunk, prefix }, used / Math.max(1, callsPerDay)]),
      )
    })
  }

  collectContexts(read: () => { found: number; unknown: number; storeErrors: number }): void {
    this.#readers.push(() => {
      const { found, unknown, storeErrors } = read()
      this.#of.contextReads.recount([
        [{ result: 'found' }, found],
        [{ result: 'unknown' }, unknown],
      ])
      this.#of.contextStoreErrors.recount([[{}, storeErrors]])
    })
  }

  collectTargets(read: () => TargetSamples): void {
    this.#readers.push(collectTargets(this.#of, read))
  }

  collectHep(read: () => { sent: number; dropped: number }): void {
    this.#readers.push(() => {
      const { sent, dropped } = read()
      this.#of.hepPackets.recount([
        [{ result: 'sent' }, sent],
        [{ result: 'dropped' }, dropped],
      ])
    })
  }

  /** For the embedded engine: its own metrics, and drachtio-server's names for what it has of them. */
  collectEngine(read: () => SipStats & EngineStats): void {
    this.#readers.push(collectEngine(createInstruments(this.#registry, engineDefinitions), this.#version, read))
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

function placed({ project, environment }: EnvironmentLabels): [LabelsOf<'callsActive'>, number] {
  return [{ project, environment }, 1]
}

import type { Registry } from 'prom-client'
import { degradableChecks, journalStores, overloadReasons, webhookResults, type definitions } from './definitions.ts'
import { engineDefinitions } from './engine-definitions.ts'
import { createInstruments, type Instruments, type LabelInputs } from './instruments.ts'
import {
  authenticationSeries,
  collectEngine,
  directed,
  requestSeries,
  responseSeries,
  type EngineStats,
  type SipStats,
} from './stats.ts'

/** The definitions of the process's own metrics, by name. */
export type Definitions = typeof definitions
/** The labels of one metric. */
export type LabelsOf<K extends keyof Definitions> = LabelInputs<Definitions[K]['labels']>

/** A project's environment; left out for calls without one. */
export interface EnvironmentLabels {
  project?: string | undefined
  environment?: string | undefined
}

/** Calls and transfers at this moment, one entry for each. */
export interface ActiveCounts {
  calls: Iterable<EnvironmentLabels>
  /** Calls without a message from any party for an hour. */
  silent: Iterable<EnvironmentLabels>
  transfers: Iterable<EnvironmentLabels>
}

export interface MediaSamples {
  servers: readonly { name: string; isUp: boolean; sessions: number }[]
  /** By `command result`. */
  commands: ReadonlyMap<string, number>
  /** Legs with a reason to be anchored, by `reason result`. */
  legs: ReadonlyMap<string, number>
  /** By side. */
  silent: ReadonlyMap<LabelsOf<'mediaSilent'>['side'], number>
}

/** A switch in force, and when it ends in milliseconds since the epoch: Infinity for one that does not. */
export interface ActiveSwitch {
  project: string
  environment: string
  action: LabelsOf<'switches'>['action']
  until: number
}

/**
 * Numbers that other parts keep, such as calls that are up: each is read by its callback at each scrape, which must not throw.
 */
export class CollectedNumbers {
  readonly #registry: Registry
  readonly #version: string
  readonly #of: Instruments<Definitions>
  readonly #readers: (() => void)[] = []

  constructor(registry: Registry, instruments: Instruments<Definitions>, version: string) {
    this.#registry = registry
    this.#of = instruments
    this.#version = version
  }

  /** Reads all of them. */
  read(): void {
    for (const read of this.#readers) read()
  }

  loop(read: () => number): void {
    this.#readers.push(() => this.#of.loopActive.recount([[{}, read()]]))
  }

  active(read: () => ActiveCounts): void {
    this.#readers.push(() => {
      const { calls, transfers, silent } = read()
      this.#of.callsActive.recount(Array.from(calls, placed))
      this.#of.callsSilent.recount(Array.from(silent, placed))
      this.#of.transfersActive.recount(Array.from(transfers, placed))
    })
  }

  /** @param read seconds since the tables were last known to be current */
  routeStaleness(read: () => number): void {
    this.#readers.push(() => this.#of.routeStaleness.recount([[{}, read()]]))
  }

  /** @param read the switches in force */
  switches(read: () => readonly ActiveSwitch[]): void {
    this.#readers.push(() => {
      const active = read()
      this.#of.switches.recount(active.map(({ project, environment, action }) => [{ project, environment, action }, 1]))
      this.#of.switchExpiry.recount(firstExpiries(active))
    })
  }

  /** @param read `degraded`: failed checks that do not stop calls */
  readiness(read: () => { ready: boolean; draining: boolean; degraded: readonly string[] }): void {
    this.#readers.push(() => {
      const { ready, draining, degraded } = read()
      this.#of.degraded.recount(degradableChecks.map((check) => [{ check }, Number(degraded.includes(check))]))
      this.#of.ready.recount([[{}, Number(ready)]])
      this.#of.draining.recount([[{}, Number(draining)]])
    })
  }

  sip(read: () => SipStats): void {
    this.#readers.push(() => {
      const { requestsIn, requestsOut, responsesIn, responsesOut } = read()
      this.#of.sipRequests.recount(directed(requestSeries(requestsIn), requestSeries(requestsOut)))
      this.#of.sipResponses.recount(directed(responseSeries(responsesIn), responseSeries(responsesOut)))
    })
  }

  /** @param read by trunk and result, such as `pbx accepted` */
  authentications(read: () => ReadonlyMap<string, number>): void {
    this.#readers.push(() => this.#of.authentications.recount(authenticationSeries(read())))
  }

  /** @param read refusals by reason */
  overload(read: () => ReadonlyMap<LabelsOf<'overloadRefusals'>['reason'], number>): void {
    this.#readers.push(() => {
      const counts = read()
      this.#of.overloadRefusals.recount(overloadReasons.map((reason) => [{ reason }, counts.get(reason) ?? 0]))
    })
  }

  unknownSources(
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

  ladders(read: () => number): void {
    this.#readers.push(() => this.#of.ladderBytes.recount([[{}, read()]]))
  }

  leaseLost(read: () => boolean): void {
    this.#readers.push(() => this.#of.leaseLost.recount([[{}, Number(read())]]))
  }

  /** @param read how many writes of the calls that are up have failed */
  journalErrors(read: () => Readonly<Record<(typeof journalStores)[number], number>>): void {
    this.#readers.push(() => {
      const errors = read()
      this.#of.journalErrors.recount(journalStores.map((store) => [{ store }, errors[store]]))
    })
  }

  /** @param read how many records wait for the disk, and how many will not be written */
  records(read: () => { waiting: number; lost: number }): void {
    this.#readers.push(() => {
      const { waiting, lost } = read()
      this.#of.waitingRecords.recount([[{}, waiting]])
      this.#of.lostRecords.recount([[{}, lost]])
    })
  }

  /** @param read how many entries of the history of changes could not be written */
  lostAuditEntries(read: () => number): void {
    this.#readers.push(() => this.#of.lostAuditEntries.recount([[{}, read()]]))
  }

  history(read: () => { calls: number; bytes: number; lost: number }): void {
    this.#readers.push(() => {
      const { calls, bytes, lost } = read()
      this.#of.historyCalls.recount([[{}, calls]])
      this.#of.historyBytes.recount([[{}, bytes]])
      this.#of.historyLost.recount([[{}, lost]])
    })
  }

  webhooks(
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
  certificates(read: () => ReadonlyMap<string, number>): void {
    this.#readers.push(() => {
      this.#of.certificateExpiry.recount(Array.from(read(), ([file, expiry]) => [{ file }, expiry]))
    })
  }

  /** @param read the refusals by what was full, down or taken out; several agents may be at one address */
  refusals(read: () => Iterable<LabelsOf<'targetRefusals'> & { count: number }>): void {
    this.#readers.push(() => {
      const sums = new Map<string, [LabelsOf<'targetRefusals'>, number]>()
      for (const { kind, target, reason, count } of read()) {
        const key = `${kind} ${target} ${reason}`
        sums.set(key, [{ kind, target, reason }, (sums.get(key)?.[1] ?? 0) + count])
      }
      this.#of.targetRefusals.recount([...sums.values()])
    })
  }

  caps(read: () => readonly { trunk: string; prefix: string; used: number; callsPerDay: number }[]): void {
    this.#readers.push(() => {
      this.#of.trunkCapUsed.recount(
        read().map(({ trunk, prefix, used, callsPerDay }) => [{ trunk, prefix }, used / Math.max(1, callsPerDay)]),
      )
    })
  }

  contexts(read: () => { found: number; unknown: number; storeErrors: number }): void {
    this.#readers.push(() => {
      const { found, unknown, storeErrors } = read()
      this.#of.contextReads.recount([
        [{ result: 'found' }, found],
        [{ result: 'unknown' }, unknown],
      ])
      this.#of.contextStoreErrors.recount([[{}, storeErrors]])
    })
  }

  targets(read: () => TargetSamples): void {
    this.#readers.push(collectTargets(this.#of, read))
  }

  media(read: () => MediaSamples): void {
    this.#readers.push(() => {
      const { servers, commands, legs, silent } = read()
      this.#of.mediaSilent.recount(Array.from(silent, ([side, count]) => [{ side }, count]))
      this.#of.mediaServerUp.recount(servers.map(({ name, isUp }) => [{ server: name }, Number(isUp)]))
      this.#of.mediaSessions.recount(servers.map(({ name, sessions }) => [{ server: name }, sessions]))
      this.#of.mediaCommands.recount(
        Array.from(commands, ([key, count]) => {
          const [command, result] = key.split(' ') as [
            LabelsOf<'mediaCommands'>['command'],
            LabelsOf<'mediaCommands'>['result'],
          ]

          return [{ command, result }, count]
        }),
      )
      this.#of.mediaLegs.recount(
        Array.from(legs, ([key, count]) => {
          const [reason, result] = key.split(' ') as [LabelsOf<'mediaLegs'>['reason'], LabelsOf<'mediaLegs'>['result']]

          return [{ reason, result }, count]
        }),
      )
    })
  }

  hep(read: () => { sent: number; dropped: number }): void {
    this.#readers.push(() => {
      const { sent, dropped } = read()
      this.#of.hepPackets.recount([
        [{ result: 'sent' }, sent],
        [{ result: 'dropped' }, dropped],
      ])
    })
  }

  /** For the embedded engine: its own metrics, and drachtio-server's names for what it has of them. */
  engine(read: () => SipStats & EngineStats): void {
    this.#readers.push(collectEngine(createInstruments(this.#registry, engineDefinitions), this.#version, read))
  }
}

function firstExpiries(active: readonly ActiveSwitch[]): [labels: LabelsOf<'switchExpiry'>, seconds: number][] {
  const first = new Map<string, ActiveSwitch>()
  for (const one of active) {
    const place = `${one.project} ${one.environment}`
    if (one.until < (first.get(place)?.until ?? Infinity)) first.set(place, one)
  }

  return [...first.values()].map(({ project, environment, until }) => [{ project, environment }, until / 1000])
}

function placed({ project, environment }: EnvironmentLabels): [LabelsOf<'callsActive'>, number] {
  return [{ project, environment }, 1]
}

/** Gauges and counters of targets, which come and go with the configuration. */

type TargetLabels = LabelInputs<(typeof definitions)['targetUp']['labels']>
interface PlaceLabels {
  project: string
  environment: string
}

export interface TargetSamples {
  readonly targets: readonly {
    readonly labels: TargetLabels
    /** Undefined while nothing is known, or an operator has taken it out. */
    readonly up: boolean | undefined
    /** Seconds. */
    readonly rtt: number | undefined
    readonly calls: number
    /** In seconds since 1970; undefined where none has been seen. */
    readonly certificateExpiry: number | undefined
  }[]
  /** How many agents of each environment take calls. */
  readonly agentsUp: readonly (PlaceLabels & { readonly up: number })[]
}

/** Makes the callback that copies them at each scrape. What the configuration does not name any more has no series. */
function collectTargets(
  { targetUp, targetRtt, targetCalls, targetCertificateExpiry, agentsUp }: Instruments<typeof definitions>,
  read: () => TargetSamples,
): () => void {
  const gauges = [targetUp, targetRtt, targetCalls, targetCertificateExpiry]
  let known: readonly TargetLabels[] = []
  let places: readonly PlaceLabels[] = []

  return () => {
    const samples = read()
    for (const labels of known) for (const gauge of gauges) gauge.remove(labels)
    for (const place of places) agentsUp.remove(place)
    known = samples.targets.map(({ labels }) => labels)
    places = samples.agentsUp.map(({ project, environment }) => ({ project, environment }))
    for (const { labels, up, rtt, calls, certificateExpiry } of samples.targets) {
      if (up !== undefined) targetUp.add(labels, Number(up))
      if (rtt !== undefined) targetRtt.add(labels, rtt)
      targetCalls.add(labels, calls)
      if (certificateExpiry !== undefined) targetCertificateExpiry.add(labels, certificateExpiry)
    }
    for (const { up, ...place } of samples.agentsUp) agentsUp.add(place, up)
  }
}

import { join } from 'node:path'
import type { Logger } from 'winston'
import { defined } from '../base/defined.ts'
import type { Settings } from '../config/index.ts'
import type { TimerWheel } from '../engine/index.ts'
import { LoopLag, type OverloadBrake } from '../engine/index.ts'
import { type HttpListener, type Metrics } from '../metrics/index.ts'
import type { Routing } from '../routes/index.ts'
import { announceRoutes, announceTarget, followLease } from './announcements.ts'
import { buildApi, buildMetricsServer, callBook, PeerBatons, type Api, type HttpObserver } from './api/index.ts'
import { type Accounts, checkProvider } from './access/index.ts'
import { audioSources, createSpeech, type AudioStore } from './audio/index.ts'
import type { Audit } from './audit/index.ts'
import { Calls } from './calls/calls.ts'
import { Cdrs } from './calls/cdr.ts'
import { Events } from './calls/events.ts'
import { collectMetrics } from './collected-metrics.ts'
import { listenersOf } from './explain/explained-call.ts'
import { Trunks } from './legs/trunks.ts'
import { Explainer } from './explain/explainer.ts'
import { Observer } from './calls/observer.ts'
import { healthOf, type Health } from './health.ts'
import { certificateExpiries, checkup, type CheckFinding } from './checkup/index.ts'
import { Homer } from './hep/index.ts'
import { CallHistory } from './history/index.ts'
import type { Contexts } from './context/index.ts'
import type { TwilioConnection } from './twilio/index.ts'
import type { Recovery } from './recovery/index.ts'
import { type StandbyCalls } from './recovery/index.ts'
import { openParts, type OpenedParts } from './open-parts.ts'
import { listening, listenProblem } from './listen-problem.ts'
import { openFreeSwitch, type FreeSwitch } from './media/open-freeswitch.ts'
import { createMedia, type MediaAnchors } from './media/index.ts'
import type { ReadFiles } from './project-files.ts'
import { PendingRehearsals, Rehearsals, withStandIns, type StandIns } from './rehearsal/index.ts'
import { ResolverClient } from './resolver/index.ts'
import { createBrake, createPartyStack, createStack } from './sip/create-stack.ts'
import type { SipAddress, SipStack } from './sip/stack.ts'
import { DailyCaps, KeptCaps, Limits, Pools, SharedLimits } from './limits/index.ts'
import { TargetWatch, type TargetStores } from './targets/index.ts'
import { version } from './version.ts'
import { Webhooks, type DeadLetters } from './webhooks/index.ts'

/** The addresses of a running Baton. */
export interface Addresses {
  sip: readonly SipAddress[]
  /** `http://address:port` */
  http: string
  metrics: string
}

/** Every part of a Baton that serves, built and wired here. */
export class App {
  readonly settings: Settings
  readonly log: Logger
  readonly routing: Routing
  readonly calls: Calls
  readonly events = new Events()
  readonly metrics: Metrics
  readonly rehearsals: Rehearsals
  readonly #targets: TargetWatch
  readonly #limits: Limits
  #sharedLimits: SharedLimits | undefined
  readonly #pools: Pools
  readonly #caps: DailyCaps
  #keptCaps: KeptCaps | undefined
  readonly #clock: TimerWheel
  readonly #cdrs: Cdrs
  readonly #history: CallHistory | undefined
  readonly #observer: Observer
  readonly #deadLetters: DeadLetters | undefined
  readonly #webhooks: Webhooks | undefined
  readonly #accounts: Accounts
  readonly #audit: Audit
  readonly #targetStores: TargetStores
  readonly #contexts: Contexts
  readonly #audio: AudioStore
  readonly #twilio: TwilioConnection | undefined
  readonly #stack: SipStack
  readonly #standIns: StandIns | undefined
  readonly #recovery: Recovery | undefined
  readonly #brake: OverloadBrake
  readonly #lag = new LoopLag()
  readonly #homer: Homer | undefined
  readonly #media: MediaAnchors | undefined
  #freeSwitch: FreeSwitch | undefined
  readonly #httpServers: { close(): Promise<unknown> }[] = []
  #addresses: Addresses | undefined
  /** In seconds since 1970, by file. */
  #certificateExpiries: ReadonlyMap<string, number> = new Map()
  #closed = false

  /** Opens the stores and builds the parts; `start` opens the listeners. Rejects with what is wrong and where. @param files those of PROJECTS */
  static async create(settings: Settings, log: Logger, files: ReadFiles = [], standby?: StandbyCalls): Promise<App> {
    return new App(await openParts(settings, log, files, standby))
  }

  private constructor(opened: OpenedParts) {
    const { settings, log, routing, clock, metrics, guard, standIns } = opened
    const { deadLetters, accounts, audit, targetStores, contexts, audio } = opened
    this.settings = settings
    this.#clock = clock
    this.#caps = new DailyCaps(settings.trunks, clock, (level, { trunk, prefix, used, callsPerDay }) => {
      log.warn(`cap ${level}`, { trunk, prefix, used, callsPerDay })
    })
    this.#pools = new Pools(clock, settings.redisUrl, routing)
    this.#limits = new Limits(guard.clock(clock), this.#caps)
    this.#deadLetters = deadLetters
    this.#accounts = accounts
    this.#audit = audit
    this.#targetStores = targetStores
    this.#contexts = contexts
    this.#audio = audio
    this.#twilio = opened.twilio
    this.log = log
    this.metrics = metrics
    this.routing = routing
    this.#brake = createBrake(settings.overload, this.#clock, log)
    this.#standIns = standIns
    this.#recovery = opened.recovery
    const stack = withStandIns(createStack(settings, new Trunks(settings.trunks), clock, log, this.#brake), standIns)
    this.#stack = stack
    this.#cdrs = new Cdrs(join(settings.dataDir, 'cdr'), log)
    const { events } = this
    this.#webhooks =
      settings.webhook && deadLetters && new Webhooks({ ...settings.webhook, events, deadLetters, clock, guard, log })
    const history = settings.history && new CallHistory(join(settings.dataDir, 'history'), settings.history, log)
    this.#history = history
    this.#observer = new Observer({
      ...{ events, metrics, cdrs: this.#cdrs, history, log, routing, keeper: this.#recovery?.keeper },
    })
    this.#targets = new TargetWatch({
      ...{ trunks: settings.trunks, probeInterval: settings.probeInterval, routing, stack, clock },
      stores: targetStores,
      observer: (target, change) => {
        announceTarget(target, change, this)
      },
    })
    this.#media = createMedia(settings, clock, log, audioSources(audio, createSpeech(settings, clock, metrics)))
    const pending = new PendingRehearsals()
    const homer = (this.#homer = settings.hep && new Homer(settings.hep, log))
    this.calls = new Calls({
      stack,
      clock,
      settings,
      routing,
      observer: this.#observer,
      targets: this.#targets.targets,
      limits: this.#limits,
      caps: this.#caps,
      contexts,
      kept: this.#recovery,
      media: this.#media,
      numbers: this.#pools.numbers,
      resolvers: new ResolverClient({
        ...{ clock, secrets: settings.resolverSecrets },
        observed: (result, seconds) => {
          metrics.resolverAsked(result, seconds)
        },
      }),
      override: (invite) => pending.claim(invite),
      isExpected: (invite) => pending.expects(invite),
      mirror: homer && ((record, correlation) => homer.report(record, correlation)),
      ladderCleared: history && ((ladder) => history.ladderCleared(ladder)),
    })
    this.rehearsals = new Rehearsals({
      ...{ calls: this.calls, events, routing, clock, settings, pending, stack, log },
      newStack: (at, baton) => withStandIns(createPartyStack(settings, at, baton, log), standIns),
    })
    this.#brake.lag = () => this.#lag.lag
    this.#brake.calls = () => this.calls.size
    collectMetrics(metrics, {
      ...{ routing, stack, history, homer, deadLetters, audit, contexts, recovery: this.#recovery, media: this.#media },
      calls: this.calls,
      brake: this.#brake,
      targets: this.#targets,
      limits: this.#limits,
      caps: this.#caps,
      cdrs: this.#cdrs,
      webhooks: this.#webhooks,
      certificateExpiries: () => this.#certificateExpiries,
      health: () => this.health(),
    })
    announceRoutes(this)
    followLease({ recovery: this.#recovery, calls: this.calls, stack, log })
  }

  /** Opens the listeners: metrics, API, and SIP last, so that calls come when all is ready. */
  async start(): Promise<Addresses> {
    const { http, metrics, media } = this.settings
    const metricsServer = await buildMetricsServer({
      metrics: this.metrics,
      httpLimits: this.settings.httpLimits,
      observer: this.#httpObserver('metrics'),
    })
    ;[this.#keptCaps, this.#sharedLimits] = await Promise.all([
      KeptCaps.open(this.#caps, this.settings, this.#clock),
      SharedLimits.open(this.#limits, this.settings, this.routing, this.#clock),
      this.#pools.open(),
    ])
    const api = await this.#buildApi()
    this.#httpServers.push(metricsServer, api)
    const metricsAt = await listening('METRICS_LISTEN', metrics, metricsServer)
    const httpAt = await listening('HTTP_LISTEN', http, api)
    if (this.settings.overload.lag > 0) this.#lag.start()
    await this.#media?.port.start()
    await this.#standIns?.start()
    await this.#stack.start(this.calls).catch((error: unknown) => {
      throw listenProblem('SIP_LISTEN', 'udp:127.0.0.1:5070,tcp:127.0.0.1:5070', error)
    })
    await this.#recovery?.begin({ calls: this.calls, events: this.events, cdrs: this.#cdrs, log: this.log })
    this.#targets.start()
    await this.#readExpiries()
    this.#freeSwitch = await openFreeSwitch(media, this.#stack)
    this.#addresses = { sip: this.#stack.addresses, http: httpAt, metrics: `${metricsAt}/metrics` }

    return this.#addresses
  }

  /** Undefined before Baton has started. */
  get addresses(): Addresses | undefined {
    return this.#addresses
  }

  health(): Health {
    const { ok, problems } = this.routing.health()

    return healthOf({
      live: !this.#closed,
      sipProblem: this.#recovery?.lostProblem ?? (this.#addresses ? this.#stack.problem : 'not listening yet'),
      draining: this.calls.draining,
      storeProblem: ok ? undefined : problems.join('; '),
      projects: this.routing.projects().length,
      cdrProblem: this.#cdrs.problem,
      historyProblem: this.#history?.problem,
      auditProblem: this.#audit.problem,
      journalProblem: this.#recovery?.problem,
      mediaProblem: this.#media?.port.problem,
    })
  }

  /** The findings of `doctor`, about these projects. @param asksTargets whether every target is asked by OPTIONS first */
  async doctor(asksTargets: boolean, hasProject?: (project: string) => boolean): Promise<CheckFinding[]> {
    if (asksTargets) await this.#targets.probeAll()
    const { settings, routing } = this
    const parts = { settings, routing, targets: this.#targets.list(), health: this.health(), hasProject }
    // Twilio and the OpenID provider may answer slowly, and are asked when targets are.
    const others = asksTargets ? [this.#twilio?.checks() ?? [], checkProvider(settings.http)] : []

    return (await Promise.all([checkup(parts), ...others])).flat()
  }

  /** Reads certificates and keys again; calls go on. Rejects with the file's name when one is not valid, and keeps the old ones. */
  async reload(): Promise<void> {
    await this.#stack.reload?.()
    await this.#readExpiries()
  }

  /** New calls get 503. Resolves when the others have ended, after the drain deadline at the latest. */
  async drain(): Promise<void> {
    await this.calls.drain(this.settings.drainDeadline)
  }

  /** Whether a process after this one can take its calls up. */
  get keepsCalls(): boolean {
    return this.#recovery?.isKept === true && this.#stack.restorer !== undefined
  }

  /**
   * Stops reading SIP messages, which are the next process's from then on, as the calls are, and writes what is pending. This
   * process must exit.
   */
  async handOver(): Promise<void> {
    const disconnected = this.#stack.disconnect?.()
    this.calls.handOver()
    this.#observer.flush()
    await Promise.all([disconnected, this.#recovery?.close(), this.#cdrs.close(), this.#history?.close()])
  }

  /** Idempotent. Ends the remaining calls, writes their CDRs and closes all listeners. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#lag.stop()
    if (!this.calls.draining) await this.calls.drain(0)
    await this.rehearsals.close()
    this.#freeSwitch?.close()
    await this.#media?.port.close()
    this.#targets.close()
    this.#targetStores.close()
    this.#limits.close()
    await this.#sharedLimits?.close()
    await this.#keptCaps?.close()
    await this.#stack.close()
    await this.#standIns?.close()
    await this.#webhooks?.close()
    await this.#deadLetters?.close()
    this.#observer.flush()
    await this.#recovery?.close()
    await Promise.all([
      ...this.#httpServers.map((server) => server.close()),
      ...[this.#cdrs.close(), this.#history?.close(), this.routing.close()],
    ])
    this.#audio.close()
    await Promise.all([this.#accounts.close(), this.#audit.close(), this.#contexts.close(), this.#pools.close()])
    await this.#twilio?.close()
    this.#brake.close()
    this.#homer?.close()
    this.#clock.clear()
  }

  /** Only the embedded stack has certificates; a drachtio server has its own. */
  async #readExpiries(): Promise<void> {
    const { tls } = this.settings.sip
    if (!tls || this.#stack.kind !== 'embedded') return
    this.#certificateExpiries = await certificateExpiries(tls.certificates.map(({ certificate }) => certificate))
  }

  #buildApi(): Promise<Api> {
    const { routing, events, log, settings } = this

    return buildApi({
      version,
      routing,
      calls: callBook(this.calls),
      trunks: this.calls.trunkBook,
      targets: this.#targets,
      limits: this.#limits,
      events,
      log,
      health: () => this.health(),
      doctor: (asksTargets, hasProject) => this.doctor(asksTargets, hasProject),
      explainer: new Explainer({
        settings,
        listeners: () => listenersOf(settings, this.#stack.addresses),
        memory: this.calls.memory,
        targets: this.#targets.targets,
        limits: this.#limits,
      }),
      rehearsals: this.rehearsals,
      ...(this.#deadLetters &&
        this.#webhooks && { webhooks: { letters: this.#deadLetters, delivery: this.#webhooks } }),
      httpLimits: settings.httpLimits,
      observer: {
        ...this.#httpObserver('api'),
        signIn: (result) => this.metrics.signIn(result),
        twilioWebhook: (request, result) => this.metrics.twilioWebhook({ request, result }),
      },
      contexts: this.#contexts,
      audio: this.#audio,
      ...defined({ twilio: this.#twilio, twilioVoice: settings.twilioVoice }),
      ...{ access: this.#accounts.access, accounts: this.#accounts },
      audit: this.#audit,
      ...defined({ history: this.#history, caps: this.#keptCaps, publicUrl: settings.http.publicUrl }),
      ...{ proxies: settings.http.proxies, peers: (port) => PeerBatons.open(settings, this.#clock, port) },
    })
  }

  #httpObserver(listener: HttpListener): HttpObserver {
    const { metrics } = this

    return {
      answered: (answer) => metrics.httpAnswered({ listener, ...answer }),
      cutOff: (reason) => metrics.httpCutOff(listener, reason),
    }
  }
}

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../clock/index.ts'
import { knownMethods } from '../message/index.ts'
import { UserAgent, type UserAgentOptions } from '../user-agent/index.ts'
import { CallReports } from './call-reports.ts'
import { execute, tryingVerb } from './commands.ts'
import { type NetworkRequestOptions, NetworkRequests } from './network-requests.ts'
import { AdminPort, type AdminPortOptions } from './protocol/admin-port.ts'
import { Application, type ApplicationUser, SecretCheck } from './protocol/application.ts'
import { Outboxes } from './protocol/frames.ts'
import { protocolVersion } from './protocol/server-messages.ts'
import { forwardAck, forwardInDialog, proxyByHandler } from './proxy/proxy.ts'
import { Registrations } from './registrations.ts'
import { type RequestHandler, RequestHandlers } from './request-handlers.ts'
import { ServerAddresses } from './server-addresses.ts'
import { ApplicationDialogs, ApplicationRoutes, PendingRequests, type ServerContext } from './server-context.ts'
import type { ServerLog } from './server-log.ts'
import { ServerMetrics } from './server-metrics.ts'

export interface DrachtioServerOptions {
  /** Ports where applications connect: a plain one, one with TLS, or both. */
  admin: readonly AdminPortOptions[]
  secret: string
  /** Time between TCP keep-alive probes of an application's connection; 0 for none. */
  keepAliveMs?: number | undefined
  sip: Pick<UserAgentOptions, 'listen' | 'clock' | 'timers' | 'minSession' | 'missingToTag' | 'transport'>
  log?: ServerLog | undefined
  network?: NetworkRequestOptions | undefined
  /** URI of the next hop for requests outside dialogs. */
  outboundProxy?: string | undefined
  /** DNS names of this server. */
  dnsNames?: readonly string[] | undefined
  /** Domains of this server, with their subdomains. */
  localDomains?: readonly string[] | undefined
  defaultRefresher?: 'none' | 'uac' | 'uas' | undefined
  /** The time from the loss of an application's connection to the BYEs of its calls. */
  applicationLossGraceMs?: number | undefined
  /** Whether applications may take call records (`cdr:start` and so on). */
  callRecords?: boolean | undefined
  /** Whether a peer whose Contact differs from its source address is reached at its source address. */
  detectsNat?: boolean | undefined
  requestHandlers?: readonly RequestHandler[] | undefined
  /** The address of the metrics' HTTP server. */
  metrics?: { address: string; port: number } | undefined
}

const defaultApplicationLossGraceMs = 2_000

/** A drachtio server: it sends and receives SIP for applications that speak its protocol. */
export class DrachtioServer {
  readonly userAgent: UserAgent
  readonly metrics: ServerMetrics
  readonly #options: DrachtioServerOptions
  readonly #clock: Clock
  readonly #routes = new ApplicationRoutes()
  readonly #applications = new Set<Application>()
  readonly #clientUser: ApplicationUser
  readonly #ports: AdminPort[] = []
  readonly #context: ServerContext
  readonly #network: NetworkRequests
  #addresses = new ServerAddresses([])
  #metricsServer: Server | undefined
  #isClosed = false

  constructor(options: DrachtioServerOptions) {
    this.#options = options
    this.userAgent = new UserAgent({
      ...options.sip,
      log: options.log,
      methods: knownMethods,
      capabilitiesBy: 'user',
      optionsAnsweredBy: 'user',
      // RFC 3261 17.2.1: 100 is sent at once, because an application may take more than 200 ms to respond.
      timers: { ...options.sip.timers, trying: 0 },
      transport: { answerTo: 'source', ...options.sip.transport },
    })
    this.#clock = this.userAgent.core.clock
    this.#context = this.#createExchange()
    this.metrics = this.#createMetrics()
    this.#network = this.#createNetwork()
    this.#clientUser = {
      clock: this.#clock,
      secretCheck: new SecretCheck(options.secret, this.#clock),
      greeting: () => [this.#addresses.advertised, protocolVersion, this.#addresses.bound, tryingVerb],
      log: options.log,
      outboxes: new Outboxes(),
      authenticated: (application) => {
        this.#applications.add(application)
        options.log?.notice('an application has connected', {
          application: application.name,
          tags: [...application.tags].join(),
        })
      },
      command: (application, command) => execute(this.#context, application, command),
      defect: (error) => this.#context.defect(error),
      disconnected: (application) => this.#disconnected(application),
    }
  }

  /** The ports where applications connect; empty before `start`. */
  get adminPorts(): readonly number[] {
    return this.#ports.map(({ port }) => port)
  }

  /** The advertised SIP addresses, `udp/10.0.0.9:5060,…`. */
  get hostPorts(): string {
    return this.#addresses.advertised
  }

  /** Number of connected applications. */
  get applications(): number {
    return this.#applications.size
  }

  /** The port of the metrics' HTTP server; 0 without one. */
  get metricsPort(): number {
    const address = this.#metricsServer?.address()

    return address && typeof address === 'object' ? address.port : 0
  }

  /** Opens all listeners. Rejects with an error that names the address when one is not available, and closes the others. */
  async start(): Promise<void> {
    const { admin, dnsNames, localDomains, metrics, keepAliveMs: keepAliveMs = 45_000 } = this.#options
    await this.userAgent.start(this.#network)
    this.#addresses = new ServerAddresses(this.userAgent.listeners, dnsNames, localDomains)
    try {
      for (const port of admin) {
        const serve = (socket: Socket, onAuthenticated: () => void) => {
          new Application(this.#clientUser, socket, onAuthenticated)
        }
        this.#ports.push(await AdminPort.open(port, keepAliveMs, serve))
      }
      if (metrics) this.#metricsServer = await this.metrics.serve(metrics.address, metrics.port)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Numbers of live objects; all zero when no call is left. */
  state(): { transactions: number; dialogs: number; timers: number; applicationDialogs: number; pending: number } {
    const { dialogs, pending } = this.#context

    return { ...this.userAgent.state(), applicationDialogs: dialogs.size, pending: pending.size }
  }

  /** Idempotent. Closes every connection, without BYE in calls. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const application of [...this.#applications]) application.close()
    this.#metricsServer?.close()
    this.#metricsServer?.closeAllConnections()
    await Promise.all(this.#ports.map((port) => port.close()))
    await this.userAgent.close()
  }

  #createExchange(): ServerContext {
    const { core } = this.userAgent
    const { defaultRefresher = 'none', outboundProxy, callRecords = false, detectsNat = true } = this.#options

    return {
      core,
      routes: this.#routes,
      pending: new PendingRequests(),
      dialogs: new ApplicationDialogs(core.clock),
      subscribing: new Map(),
      registrations: new Registrations(core.clock),
      proxies: new Set(),
      reports: new CallReports(core.clock, {
        progressed: (direction, seconds) => this.metrics.progressed(direction, seconds),
        answered: (direction, seconds) => this.metrics.answered(direction, seconds),
        ...(callRecords && { record: (kind, payload) => this.#routes.next(`cdr:${kind}`)?.send(payload) }),
      }),
      defaultRefresher,
      outboundProxy,
      detectsNat,
      isOwnUri: (uri) => this.#addresses.isOwnUri(uri),
      defect: (error) => this.#options.log?.error('an exception was caught in the drachtio server', { error }),
      route: (request) => this.#network.request(request),
    }
  }

  #createNetwork(): NetworkRequests {
    const context = this.#context
    const routing = new RequestHandlers(this.#options.requestHandlers ?? [], {
      applicationWith: (method, tag) => this.#routes.next(method.toLowerCase(), tag),
      deliver: (request, application) => this.#network.deliver(request, application),
      connected: (socket, use) => this.#connected(socket, use),
      proxy: (request, order) => proxyByHandler(context, request, order),
      defect: (error) => context.defect(error),
    })

    return new NetworkRequests(context, this.#options.network ?? {}, {
      log: this.#options.log,
      applicationFor: (method) => this.#routes.next(method.toLowerCase()),
      askHandler: (request) => routing.take(request),
      forward: (request) => forwardInDialog(context, request),
      forwardAck: (ack) => forwardAck(context, ack),
    })
  }

  #createMetrics(): ServerMetrics {
    const { dialogs, proxies, registrations } = this.#context
    const applications = this.#applications

    return new ServerMetrics({
      userAgent: this.userAgent,
      get applications() {
        return applications.size
      },
      get proxies() {
        return proxies.size
      },
      get registrations() {
        return registrations.size
      },
      stableDialogs: () => dialogs.countStable(),
    })
  }

  /** The server has connected to an application. */
  #connected(socket: Socket, use: (application: Application) => void): void {
    const user = this.#clientUser
    const authenticated = (application: Application): void => {
      user.authenticated(application)
      use(application)
    }
    new Application({ ...user, authenticated }, socket)
  }

  /** An application's connection is lost: its pending requests are answered at once, its calls end after the grace period. */
  #disconnected(application: Application): void {
    this.#applications.delete(application)
    this.#routes.removeApplication(application)
    this.#options.log?.notice('an application is gone', { application: application.name, why: application.closeReason })
    if (this.#isClosed) return
    const { pending, dialogs } = this.#context
    pending.abandon(application)
    this.#clock.after(this.#options.applicationLossGraceMs ?? defaultApplicationLossGraceMs, () => {
      for (const dialog of dialogs.ofApplication(application)) dialog.abandon()
    })
  }
}

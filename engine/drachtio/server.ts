import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../transaction/index.ts'
import { knownMethods } from '../message/index.ts'
import { UserAgent, type UserAgentOptions } from '../user-agent/index.ts'
import { AdminPort, type AdminPortOptions } from './admin-port.ts'
import { Attempts } from './attempts.ts'
import { CallReports } from './call-reports.ts'
import type { RequestHandler } from './call-routing/ask.ts'
import { CallRouting } from './call-routing/call-routing.ts'
import { Client, type ClientUser } from './client.ts'
import { execute, tryingVerb } from './commands.ts'
import type { Exchange } from './exchange.ts'
import { Legs } from './legs.ts'
import type { ServerLog } from './log.ts'
import { EngineMetrics } from './metrics.ts'
import { Network, type NetworkOptions } from './network.ts'
import { OwnAddresses } from './own-addresses.ts'
import { forwardAck, forwardInDialog } from './proxy/in-dialog.ts'
import { Outboxes } from './outbox.ts'
import { Proxy } from './proxy/proxy.ts'
import { Registrations } from './registrations.ts'
import { Routes } from './routes.ts'
import { protocolVersion } from './server-messages.ts'
import { Transactions } from './transactions.ts'

export interface DrachtioServerOptions {
  /** Where applications connect: a plain port, one with TLS, or both. */
  admin: readonly AdminPortOptions[]
  secret: string
  /** Milliseconds between the system's probes of an application's connection; 0 for none. */
  keepAlive?: number | undefined
  sip: Pick<UserAgentOptions, 'listen' | 'clock' | 'timers' | 'minSession' | 'missingToTag' | 'transport'>
  log?: ServerLog | undefined
  network?: NetworkOptions | undefined
  /** URI of the next hop for requests outside dialogs. */
  outboundProxy?: string | undefined
  /** DNS names of ours. */
  dnsNames?: readonly string[] | undefined
  /** Domains that are ours, with all below them. */
  localDomains?: readonly string[] | undefined
  defaultRefresher?: 'none' | 'uac' | 'uas' | undefined
  /** How long the calls of an application that is gone go on. Milliseconds. */
  clientLossGrace?: number | undefined
  /** Whether clients may have records of calls (`cdr:start` and so on). */
  callRecords?: boolean | undefined
  /** Whether peers are answered where they come from when their Contact is another address. */
  detectsNat?: boolean | undefined
  requestHandlers?: readonly RequestHandler[] | undefined
  /** Where metrics are served. */
  metrics?: { address: string; port: number } | undefined
}

const defaultGrace = 2_000

/** A drachtio server: SIP for applications that connect to it and speak its protocol. */
export class DrachtioServer {
  readonly userAgent: UserAgent
  readonly metrics: EngineMetrics
  readonly #options: DrachtioServerOptions
  readonly #clock: Clock
  readonly #routes = new Routes()
  readonly #clients = new Set<Client>()
  readonly #clientUser: ClientUser
  readonly #ports: AdminPort[] = []
  readonly #exchange: Exchange
  readonly #network: Network
  #addresses = new OwnAddresses([])
  #scraped: Server | undefined
  #isClosed = false

  constructor(options: DrachtioServerOptions) {
    this.#options = options
    this.userAgent = new UserAgent({
      ...options.sip,
      log: options.log,
      methods: knownMethods,
      capabilitiesBy: 'user',
      optionsAnsweredBy: 'user',
      // 17.2.1: applications take their time, so the peer is calmed at once.
      timers: { ...options.sip.timers, trying: 0 },
      transport: { answerTo: 'source', ...options.sip.transport },
    })
    this.#clock = this.userAgent.core.clock
    this.#exchange = this.#createExchange()
    this.metrics = this.#createMetrics()
    this.#network = this.#createNetwork()
    this.#clientUser = {
      clock: this.#clock,
      attempts: new Attempts(options.secret, this.#clock),
      greeting: () => [this.#addresses.advertised, protocolVersion, this.#addresses.bound, tryingVerb],
      log: options.log,
      outboxes: new Outboxes(),
      authenticated: (client) => {
        this.#clients.add(client)
        options.log?.notice('an application has connected', { application: client.name, tags: [...client.tags].join() })
      },
      command: (client, command) => execute({ exchange: this.#exchange, routes: this.#routes }, client, command),
      defect: (error) => this.#exchange.defect(error),
      gone: (client) => this.#lost(client),
    }
  }

  /** Ports on which applications connect, as they are; filled by `start`. */
  get adminPorts(): readonly number[] {
    return this.#ports.map(({ port }) => port)
  }

  /** Where we listen for SIP, `udp/10.0.0.9:5060,…`, as peers see us. */
  get hostPorts(): string {
    return this.#addresses.advertised
  }

  /** How many applications are connected. */
  get clients(): number {
    return this.#clients.size
  }

  /** Where metrics are served, if they are. */
  get metricsPort(): number {
    const address = this.#scraped?.address()

    return address && typeof address === 'object' ? address.port : 0
  }

  /** Listens for SIP and for applications. Rejects, naming the address, when one cannot be had; nothing is left open then. */
  async start(): Promise<void> {
    const { admin, dnsNames, localDomains, metrics, keepAlive = 45_000 } = this.#options
    await this.userAgent.start(this.#network)
    this.#addresses = new OwnAddresses(this.userAgent.listeners, dnsNames, localDomains)
    try {
      for (const port of admin) {
        const serve = (socket: Socket, onAuthenticated: () => void) => {
          new Client(this.#clientUser, socket, onAuthenticated)
        }
        this.#ports.push(await AdminPort.open(port, keepAlive, serve))
      }
      if (metrics) this.#scraped = await this.metrics.serve(metrics.address, metrics.port)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** What is alive; all zero when nothing is left. */
  state(): { transactions: number; dialogs: number; timers: number; legs: number; pending: number } {
    const { legs, transactions } = this.#exchange

    return { ...this.userAgent.state(), legs: legs.size, pending: transactions.size }
  }

  /** Idempotent. Closes every connection; calls are left as they are. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const client of [...this.#clients]) client.close()
    this.#scraped?.close()
    this.#scraped?.closeAllConnections()
    await Promise.all(this.#ports.map((port) => port.close()))
    await this.userAgent.close()
  }

  #createExchange(): Exchange {
    const { core } = this.userAgent
    const { defaultRefresher = 'none', outboundProxy, callRecords = false, detectsNat = true } = this.#options

    return {
      core,
      transactions: new Transactions(),
      legs: new Legs(core.clock),
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
      isMyself: (uri) => this.#addresses.isMyself(uri),
      defect: (error) => this.#options.log?.error('an exception was caught in the drachtio server', { error }),
      route: (request) => this.#network.request(request),
    }
  }

  #createNetwork(): Network {
    const exchange = this.#exchange
    const routing = new CallRouting(this.#options.requestHandlers ?? [], {
      clientWith: (method, tag) => this.#routes.next(method.toLowerCase(), tag),
      deliver: (request, client) => this.#network.deliver(request, client),
      welcome: (socket, use) => this.#welcome(socket, use),
      proxy: (request, order) => {
        const nobody = {
          began: () => undefined,
          final: () => undefined,
          done: () => undefined,
          failed: () => undefined,
        }
        new Proxy(exchange, request, { ...order, transactionId: '' }, nobody).start()
      },
      defect: (error) => exchange.defect(error),
    })

    return new Network(exchange, this.#options.network ?? {}, {
      log: this.#options.log,
      clientFor: (method) => this.#routes.next(method.toLowerCase()),
      decideElsewhere: (request) => routing.take(request),
      forward: (request) => forwardInDialog(exchange, request),
      forwardAck: (ack) => forwardAck(exchange, ack),
    })
  }

  #createMetrics(): EngineMetrics {
    const { legs, proxies, registrations } = this.#exchange
    const clients = this.#clients

    return new EngineMetrics({
      userAgent: this.userAgent,
      get clients() {
        return clients.size
      },
      get proxies() {
        return proxies.size
      },
      get registrations() {
        return registrations.size
      },
      stableDialogs: () => legs.stable(),
    })
  }

  /** An application that we have connected to. */
  #welcome(socket: Socket, use: (client: Client) => void): void {
    const user = this.#clientUser
    const authenticated = (client: Client): void => {
      user.authenticated(client)
      use(client)
    }
    new Client({ ...user, authenticated }, socket)
  }

  /** An application is gone: what waits for it is answered at once; its calls go on for a moment. */
  #lost(client: Client): void {
    this.#clients.delete(client)
    this.#routes.removeClient(client)
    this.#options.log?.notice('an application is gone', { application: client.name, why: client.end })
    if (this.#isClosed) return
    const { transactions, legs } = this.#exchange
    transactions.abandon(client)
    this.#clock.after(this.#options.clientLossGrace ?? defaultGrace, () => {
      for (const leg of legs.of(client)) leg.abandon()
    })
  }
}

import type { Socket } from 'node:net'
import type { Clock } from '../transaction/index.ts'
import { knownMethods, UserAgent, type UserAgentOptions } from '../user-agent/index.ts'
import { AdminPort, type AdminPortOptions } from './admin-port.ts'
import { Attempts } from './attempts.ts'
import { CallReports } from './call-reports.ts'
import { Client, type ClientUser, type Command } from './client.ts'
import { execute } from './commands.ts'
import type { Exchange } from './exchange.ts'
import { Legs } from './legs.ts'
import { Network, type NetworkOptions } from './network.ts'
import { OwnAddresses } from './own-addresses.ts'
import { Registrations } from './registrations.ts'
import { Routes } from './routes.ts'
import { Transactions } from './transactions.ts'

/** The version of drachtio-server that we are like; drachtio-srf sends pings to 0.8.2 and later. */
export const protocolVersion = 'v0.9.10'

export interface DrachtioServerOptions {
  /** Where applications connect: a plain port, one with TLS, or both. */
  admin: readonly AdminPortOptions[]
  secret: string
  /** Milliseconds between the system's probes of an application's connection; 0 for none. */
  keepAlive?: number | undefined
  sip: Pick<UserAgentOptions, 'listen' | 'clock' | 'timers' | 'transport' | 'log'>
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
}

const defaultGrace = 2_000

/** A drachtio server: SIP for applications that connect to it and speak its protocol. */
export class DrachtioServer {
  readonly userAgent: UserAgent
  readonly #options: DrachtioServerOptions
  readonly #clock: Clock
  readonly #routes = new Routes()
  readonly #clients = new Set<Client>()
  readonly #ports: AdminPort[] = []
  readonly #exchange: Exchange
  readonly #network: Network
  #addresses = new OwnAddresses([])
  #isClosed = false

  constructor(options: DrachtioServerOptions) {
    this.#options = options
    this.userAgent = new UserAgent({
      ...options.sip,
      methods: knownMethods,
      capabilitiesBy: 'user',
      optionsAnsweredBy: 'user',
      // 17.2.1: applications take their time, so the peer is calmed at once.
      timers: { ...options.sip.timers, trying: 0 },
    })
    const { core } = this.userAgent
    this.#clock = core.clock
    this.#exchange = {
      core,
      transactions: new Transactions(),
      legs: new Legs(),
      subscribing: new Map(),
      registrations: new Registrations(core.clock),
      reports: new CallReports(core.clock, { progressed: () => undefined, answered: () => undefined }),
      defaultRefresher: options.defaultRefresher ?? 'none',
      outboundProxy: options.outboundProxy,
      isMyself: (uri) => this.#addresses.isMyself(uri),
      route: (request) => this.#network.request(request),
    }
    this.#network = new Network(this.#exchange, options.network ?? {}, {
      clientFor: (method) => this.#routes.next(method.toLowerCase()),
      decideElsewhere: () => false,
      forward: () => false,
      forwardAck: () => undefined,
    })
  }

  /** Ports on which applications connect, as they are; filled by `start`. */
  get adminPorts(): readonly number[] {
    return this.#ports.map(({ port }) => port)
  }

  /** How many applications are connected. */
  get clients(): number {
    return this.#clients.size
  }

  /** Listens for SIP and for applications. Rejects, naming the address, when one cannot be had; nothing is left open then. */
  async start(): Promise<void> {
    const { admin, secret, dnsNames, localDomains, keepAlive = 45_000 } = this.#options
    await this.userAgent.start(this.#network)
    this.#addresses = new OwnAddresses(this.userAgent.listeners, dnsNames, localDomains)
    const user = this.#clientUser(secret)
    try {
      for (const port of admin) {
        this.#ports.push(await AdminPort.open(port, keepAlive, (socket: Socket) => new Client(user, socket)))
      }
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
    await Promise.all(this.#ports.map((port) => port.close()))
    await this.userAgent.close()
  }

  #clientUser(secret: string): ClientUser {
    return {
      clock: this.#clock,
      attempts: new Attempts(secret, this.#clock),
      greeting: () => [this.#addresses.advertised, protocolVersion, this.#addresses.bound],
      authenticated: (client) => this.#clients.add(client),
      command: (client, command) => this.#execute(client, command),
      gone: (client) => this.#lost(client),
    }
  }

  #execute(client: Client, command: Command): void {
    const desk = { exchange: this.#exchange, routes: this.#routes, proxy: () => undefined }
    execute(desk, client, command)
  }

  /** An application is gone: what waits for it is answered at once; its calls go on for a moment. */
  #lost(client: Client): void {
    this.#clients.delete(client)
    this.#routes.removeClient(client)
    if (this.#isClosed) return
    const { transactions, legs } = this.#exchange
    transactions.abandon(client)
    this.#clock.after(this.#options.clientLossGrace ?? defaultGrace, () => {
      for (const leg of legs.of(client)) leg.abandon()
    })
  }
}

import { CountingClock, TimerWheel } from '../clock/index.ts'
import {
  ClientInvite,
  ClientRequest,
  type Core,
  defaultHeaders,
  Dialog,
  DialogTable,
  type InviteUser,
  type KeptDialog,
  type KeptInvite,
  type RequestUser,
  shortestSession,
} from '../dialog/index.ts'
import { DigestSession, RequestAuthorization } from '../digest/index.ts'
import { type Flow, formatEndpoint, isSecure, type Target } from '../flow/index.ts'
import { createResponse, type Request, type Response } from '../message/index.ts'
import { NextHopSelector } from '../next-hop/index.ts'
import { RefusedInvites, shed } from '../overload/index.ts'
import { randomToken } from '../random.ts'
import { defaultTimers, type LayerUser, TransactionLayer } from '../transaction/index.ts'
import { type Listener, type Tap, type TransportLayer, Transports, type TransportUser } from '../transport/index.ts'
import { methodsWith, type OutOfDialogOptions, type UserAgentOptions, type UserAgentUser } from './options.ts'
import { outOfDialogRequest } from './out-of-dialog.ts'
import { UasCore, RequestInspection } from './uas-core.ts'
import { UserAgentStats } from './user-agent-stats.ts'

/**
 * A SIP user agent (RFC 3261): builds the layers, sends requests, and ends everything at `close`. Received messages go from
 * the transport through the transaction layer to the `UasCore`.
 */
export class UserAgent {
  readonly stats: UserAgentStats
  readonly #options: UserAgentOptions
  readonly #clock: TimerWheel | CountingClock
  readonly #transports: TransportLayer
  readonly #nextHops: NextHopSelector
  readonly #uas: UasCore
  #isClosed = false
  /** Messages that have come before all listeners were open. */
  #early: (() => void)[] | undefined = []

  constructor(options: UserAgentOptions) {
    this.#options = options
    const { aliases, brake, clock, dns, log, transport } = options
    this.#clock = clock ? new CountingClock(clock) : new TimerWheel((error) => this.#uas.defect(error))
    const transportUser = this.#transportUser()
    this.#transports =
      options.transports?.(transportUser) ??
      new Transports(transportUser, this.#clock, { ...transport, sources: options.sources })
    this.stats = new UserAgentStats(this.#transports.stats)
    this.#nextHops = new NextHopSelector({
      transports: this.#transports,
      clock: this.#clock,
      dns,
      aliases,
      udpMaximum: transport?.udpMaximum,
      onFailure: (name, error) => log?.warn('a name could not be looked up', { name, error }),
    })
    this.#uas = this.#makeUas()
    if (brake) {
      const { layer, timers } = this.core
      const refused = new RefusedInvites(this.#clock, 64 * timers.t1)
      this.#transports.shedder = (data) => shed(data, brake, refused, (invite) => layer.knowsInvite(invite))
    }
  }

  /** The shared parts of dialogs, requests and responses, for users that build their own. */
  get core(): Core {
    return this.#uas.core
  }

  /** While this is set, OPTIONS get 503. */
  set draining(draining: boolean) {
    this.#uas.isDraining = draining
  }

  /** The open listeners, after `start`. */
  get listeners(): readonly Listener[] {
    return this.#transports.listeners
  }

  /** Sees every received and sent message, retransmissions included, before it is handled. */
  set tap(tap: Tap | undefined) {
    this.#transports.tap = tap
  }

  /**
   * Opens the listeners. Rejects, naming the listener, when an address cannot be bound; nothing is left open then.
   * @param opened runs when all are open, before the first message is handled: dialogs are restored there
   */
  async start(user: UserAgentUser, opened?: () => void): Promise<void> {
    this.#uas.user = user
    try {
      for (const listener of this.#options.listen) await this.#transports.listen(listener)
      opened?.()
    } catch (error) {
      await this.close()
      throw error
    }
    const early = this.#early
    this.#early = undefined
    for (const handle of early ?? []) handle()
  }

  /** A dialog that another process has kept; its owner sets its user at once. */
  restore(kept: KeptDialog): Dialog {
    return Dialog.restored(this.core, kept, (at) => this.#transports.flowTo(at))
  }

  /** A request that another process has received is handled as if it had just come from there. */
  repeat(request: Request, from: KeptInvite['at']): void {
    const flow = this.#transports.flowTo(from)
    if (flow) this.core.layer.receive(request, flow)
  }

  /**
   * Goes on with an INVITE of another process: its next hop takes it for a repetition, and answers as it did before
   * (RFC 3261 17.2.1). Without a flow to it, `user.unanswered` gets a 503 before this returns.
   */
  resume(request: Request, at: KeptInvite['at'], user: InviteUser): ClientInvite {
    const invite = new ClientInvite(this.core, user, 'end')
    const flow = this.#transports.flowTo(at)
    if (flow) invite.send(new ClientRequest(this.core, flow, request, invite))
    else user.unanswered(createResponse(request, 503, undefined, randomToken()))

    return invite
  }

  /** Reads the certificates and keys of every listener again. Rejects, naming the file, and keeps the old ones when one is invalid. */
  async reload(): Promise<void> {
    await this.#transports.reload()
  }

  /**
   * Sends an INVITE, at once unless DNS has to be queried. Without a flow to the next hop `user.unanswered` gets a 503, before
   * this returns if no query is needed.
   */
  invite(options: OutOfDialogOptions, user: InviteUser): ClientInvite {
    const invite = new ClientInvite(this.#coreFor(options), user, this.#options.afterCancel ?? 'end')
    this.#prepare('INVITE', options, invite, (request) => invite.send(request))

    return invite
  }

  /** The restriction to reachable addresses holds for later requests of the dialog, too. */
  #coreFor({ reachable }: OutOfDialogOptions): Core {
    return reachable ? { ...this.core, flowTo: (uri) => this.#nextHops.flowTo(uri, reachable) } : this.core
  }

  /** Sends a request other than INVITE, ACK and CANCEL. As with `invite`, a request without a flow gets a 503. */
  request(method: string, options: OutOfDialogOptions, user: RequestUser): void {
    this.#prepare(method, options, user, (request) => request.send())
  }

  /** The addresses of a next hop, the best first (RFC 3263 4); a promise when DNS has to be queried. */
  targetsOf(uri: string): readonly Target[] | Promise<readonly Target[]> {
    return this.#nextHops.targetsOf(uri)
  }

  /** When the certificate that a peer has shown expires, in seconds since 1970; undefined without a connection to it. */
  peerExpiry(target: Target): number | undefined {
    return this.#transports.peerExpiry(target)
  }

  /** Whether a request that came by a flow may belong to this dialog, confirmed or ended; it is counted when it may not. */
  isOfPeer(dialog: Dialog, flow: Flow): boolean {
    return this.#uas.isOfPeer(dialog, flow)
  }

  /** The numbers of what is still alive; zero after everything has ended. */
  state(): {
    transactions: number
    clientTransactions: number
    serverTransactions: number
    dialogs: number
    timers: number
  } {
    const { dialogs, layer } = this.core
    const { clientSize, serverSize } = layer

    return {
      transactions: clientSize + serverSize,
      clientTransactions: clientSize,
      serverTransactions: serverSize,
      dialogs: dialogs.size,
      timers: this.#clock.size,
    }
  }

  /** Idempotent. Closes listeners and connections, at once, and leaves dialogs and transactions as they are. */
  async disconnect(): Promise<void> {
    await this.#transports.close()
  }

  /** Idempotent. Drops every dialog and transaction, closes listeners and connections, cancels every timer. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.core.dialogs.close()
    this.core.layer.close()
    await this.#transports.close()
    this.#clock.clear()
  }

  #prepare(
    method: string,
    options: OutOfDialogOptions,
    user: RequestUser,
    send: (request: ClientRequest) => void,
  ): void {
    const nextHop = options.nextHop ?? options.uri
    const { reachable, address, addresses } = options
    const sendTo = (found: readonly Target[]): void => {
      const chosen = addresses ? addresses.choose(found) : this.#nextHops.inOrder(found)
      // The checked addresses are the ones that are used: the name is not resolved again.
      const targets = reachable ? chosen.filter((each) => reachable(each.address)) : chosen
      const flows = this.#isClosed ? [] : targets.map((target) => () => this.#transports.flowTo(target))
      let flow: Flow | undefined
      while (!flow && flows.length > 0) flow = flows.shift()?.()
      const request = outOfDialogRequest(this.core, method, options, flow)
      if (!flow) {
        const reason = targets.length < found.length ? 'No Address That May Be Reached' : undefined
        user.unanswered(createResponse(request, 503, reason, randomToken()))
        return
      }
      const { credentials, timeoutMs } = options
      const authorization = credentials && new RequestAuthorization(new DigestSession(credentials), nextHop)
      send(new ClientRequest(this.core, flow, request, user, { authorization, nextFlows: flows, timeoutMs, addresses }))
    }
    const targets = address ? [address] : this.#nextHops.targetsOf(nextHop)
    if (targets instanceof Promise) {
      targets.then(sendTo).catch((error: unknown) => {
        this.#uas.defect(error)
      })
    } else sendTo(targets)
  }

  #transportUser(): TransportUser {
    return {
      onMessage: (message, flow) => {
        if (this.#early) this.#early.push(() => this.core.layer.receive(message, flow))
        else this.core.layer.receive(message, flow)
      },
      onBad: (message, flow) => this.#uas.receiveBad(message, flow),
      onFlowFailed: (flow) => {
        const { transport, failure, remote } = flow
        if (failure !== undefined && isSecure(transport)) {
          const to = formatEndpoint(remote)
          this.#options.log?.warn('a secure connection could not be made', { transport, to, failure })
        }
        this.core.layer.flowFailed(flow)
      },
      onDefect: (error) => this.#uas.defect(error),
    }
  }

  #makeUas(): UasCore {
    const options = this.#options
    const { capabilitiesBy = 'engine', extensions = [], methods = methodsWith(extensions), product = '' } = options
    const { minSession = shortestSession } = options
    const clock = this.#clock
    const nextHops = this.#nextHops
    const { stats } = this
    const isCapable = capabilitiesBy === 'engine'
    const inspection = new RequestInspection(methods, isCapable ? extensions : undefined, minSession)
    const timers = { ...defaultTimers, ...options.timers }
    const send = (message: Request | Response, flow: Flow): void => flow.send(message)
    const resend = (text: string, flow: Flow): void => {
      if (text.startsWith('SIP/')) stats.responsesRepeated += 1
      else stats.requestsRepeated += 1
      flow.send(text)
    }
    const makeCore = (user: LayerUser): Core => ({
      clock,
      timers,
      layer: new TransactionLayer(clock, timers, { send, resend }, user),
      dialogs: new DialogTable(),
      supports: (extension) => isCapable && extensions.includes(extension),
      minSession,
      defaultHeaders: defaultHeaders(isCapable ? inspection.allow : '', extensions, product),
      reuse: options.reuse ?? { followsSource: () => false, keepsConnections: true },
      flowTo: (uri) => nextHops.flowTo(uri),
      connectionFor: (request, flow) => nextHops.connectionFor(request, flow),
      noteOutcome: (flow, outcome) => nextHops.noteOutcome(flow, outcome),
      send,
      resend,
    })

    return new UasCore({ options, inspection, stats, makeCore })
  }
}

import { randomUUID } from 'node:crypto'
import { isIPv6, type Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import {
  type Clock,
  type Dns,
  formatEndpoint,
  type OverloadBrake,
  type ReplaceableDialog,
  takeoverRefusal,
  type Replaces,
  type Request,
  FailedTargets,
  ReferredDialogs,
  Resolver,
  type SourcePolicy,
  type Target,
  tooShortSession,
} from '../../../engine/index.ts'
import { defined } from '../../../base/defined.ts'
import { Guard } from '../../guard.ts'
import type {
  InviteEvents,
  InviteOptions,
  OutgoingInvite,
  RequestOptions,
  SendOptions,
  SipAddress,
  SipResponse,
  SipStack,
  SipUser,
  StackState,
} from '../stack.ts'
import { decode } from '../text.ts'
import { readHostPorts, type DrachtioFrame } from './frame.ts'
import { optionsCapabilities, unsupported, hasHost } from './outgoing-text.ts'
import { DrachtioConnection, type ConnectionMode, OrderedDelivery } from './drachtio-connection.ts'
import { DrachtioInvite, DrachtioOutgoingInvite, shapeOf } from './drachtio-invites.ts'
import { DrachtioRequest } from './drachtio-request.ts'
import { LocatedInvite, HopLocator } from './located-invite.ts'
import { LocalResponse } from '../local-response.ts'
import { OutgoingRequest } from './drachtio-outgoing-request.ts'
import type { RequestReceiver, AdapterContext } from './adapter-context.ts'

export interface DrachtioOptions {
  mode: ConnectionMode
  userAgent: string
  /** Milliseconds; the server has timers of its own. */
  timers: { t1: number }
  /** Seconds: the shortest session interval that is agreed to (RFC 4028), not below the server's minimum. */
  minSession: number
  clock: Clock
  log: AdapterContext['log']
  brake?: OverloadBrake
  /** Restricts the sources of messages; every source is taken when left out. */
  sources?: SourcePolicy
  /** The machine's name servers when left out. */
  dns?: Dns
}

/** The SIP port on drachtio-srf and a drachtio server, ours or the original one. */
export class DrachtioStack implements SipStack {
  readonly kind = 'drachtio'
  readonly #connection: DrachtioConnection
  readonly #context: AdapterContext
  readonly #up = new Set<Socket>()
  readonly #mode: ConnectionMode['kind']
  readonly #brake: OverloadBrake | undefined
  readonly #locator: HopLocator
  #addresses: readonly SipAddress[] = []
  #draining = false
  #user: SipUser | undefined

  constructor({ mode, userAgent, timers, minSession, clock, log, brake, sources, dns }: DrachtioOptions) {
    const guard = new Guard((error) =>
      log.error('an exception was caught in the adapter of drachtio servers', { error }),
    )
    const turns = new OrderedDelivery(guard)
    this.#mode = mode.kind
    this.#brake = brake
    const resolver = new Resolver({
      clock,
      reach: () => this.#addresses.map(({ transport, address }) => ({ transport, family: isIPv6(address) ? 6 : 4 })),
      onFailure: (name, error) => {
        log.warn('a name could not be looked up', {
          name,
          error: error instanceof Error ? error.message : String(error),
        })
      },
      ...defined({ dns }),
    })
    this.#locator = new HopLocator(resolver, new FailedTargets(clock))
    this.#connection = new DrachtioConnection(
      mode,
      {
        connected: (socket, hostPorts) => {
          this.#connected(socket, hostPorts)
        },
        lost: (socket) => {
          guard.run(() => this.#lost(socket))
        },
        frame: ({ record, message }, socket) => {
          guard.run(() => record && this.#user?.message(record, message))
          if (mode.kind === 'listen') this.#releaseWhenIdle(socket)
        },
        request: (req, res, frame) => {
          this.#receive(req, res, frame)
        },
        cancel: (transactionId, cancel) => this.#context.invites.get(transactionId)?.cancelled(cancel),
        ownAddress: (transport) => {
          const address = this.#addresses.find((each) => each.transport === transport) ?? this.#addresses[0]

          return address ? formatEndpoint(address) : ''
        },
      },
      turns,
      log,
    )
    this.#context = {
      ...{
        clock,
        log,
        userAgent,
        t1: timers.t1,
        minSession,
        connection: this.#connection,
        deliveries: turns,
        guard,
        sources,
      },
      ...{ dialogs: new Map(), late: new ReferredDialogs(clock), invites: new Map(), pendingRequests: new Set() },
    }
  }

  /** The listeners of the server that connected last. */
  get addresses(): readonly SipAddress[] {
    return this.#addresses
  }

  get problem(): string | undefined {
    return this.#mode === 'connect' && this.#up.size === 0 ? 'no connection to the drachtio server' : undefined
  }

  /** For server/media alone: drachtio-fsmrf needs the library's own object. */
  get srf(): Srf {
    return this.#connection.srf
  }

  /** The address at which servers connect to us, when they do. */
  get port(): number {
    return this.#connection.port
  }

  get reportsTrying(): boolean {
    return this.#connection.reportsTrying
  }

  async start(user: SipUser): Promise<void> {
    this.#user = user
    await this.#connection.start()
  }

  invite(uri: string, options: InviteOptions, events: InviteEvents): OutgoingInvite {
    const callId = options.callId ?? randomUUID()
    const { reachable, addresses, nextHop = uri } = options
    if (!reachable && !addresses) return this.#invite(uri, options, events, callId)

    return new LocatedInvite({
      ...{ callId, events, addresses, failed: this.#locator.failed },
      hops: this.#locator.locate(nextHop, options),
      send: (hop, heard) => this.#invite(uri, { ...options, nextHop: hop }, heard, callId),
    })
  }

  #invite(uri: string, options: InviteOptions, events: InviteEvents, callId: string): OutgoingInvite {
    const socket = this.#connection.newest
    if (socket) {
      return new DrachtioOutgoingInvite(this.#context, socket, shapeOf('INVITE', uri, callId, options), options, events)
    }
    queueMicrotask(() => {
      events.failed(noServer(callId))
    })

    return { callId, cancel: () => undefined }
  }

  async request(method: string, uri: string, options: RequestOptions = {}): Promise<SipResponse> {
    const callId = options.callId ?? randomUUID()
    const { reachable, address, nextHop = uri } = options
    if (!reachable && !address) return this.#request(method, uri, options, callId)
    const [hop] = await this.#locator.locate(nextHop, options)

    return hop
      ? this.#request(method, uri, { ...options, nextHop: hop.uri }, callId)
      : new LocalResponse(503, callId, 'No Address That May Be Reached')
  }

  #request(method: string, uri: string, options: RequestOptions, callId: string): Promise<SipResponse> {
    const socket = this.#connection.newest
    if (!socket) return Promise.resolve(noServer(callId))

    return new Promise((resolve) => {
      const shape = shapeOf(method, uri, callId, options)
      const user = { final: resolve, update: () => undefined }
      new OutgoingRequest(this.#context, socket, shape, options, user).send()
    })
  }

  resolve(uri: string): Promise<readonly Target[]> {
    return this.#locator.resolve(uri)
  }

  drain(): void {
    this.#draining = true
  }

  state(): StackState {
    const { pendingRequests, dialogs } = this.#context

    return { transactions: pendingRequests.size, dialogs: dialogs.size, timers: 0 }
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  #connected(socket: Socket, hostPorts: string): void {
    this.#addresses = readHostPorts(hostPorts)
    this.#up.add(socket)
    if (this.#up.size === 1) this.#user?.connected(true)
  }

  #lost(socket: Socket): void {
    const { pendingRequests, dialogs } = this.#context
    const wasUp = this.#up.delete(socket)
    if (wasUp && this.#up.size === 0) this.#user?.connected(false)
    for (const each of [...pendingRequests, ...dialogs.values()]) if (each.socket === socket) each.connectionLost()
    this.#sweep(socket)
  }

  /** Ends the library's own dialogs, whose users are not told otherwise. */
  #sweep(socket: Socket): void {
    const { _dialogs } = this.#connection.srf
    for (const [id, dialog] of _dialogs) {
      if (dialog.socket !== socket) continue
      _dialogs.delete(id)
      dialog.connected = false
      dialog.emit('destroy')
    }
  }

  #releaseWhenIdle(socket: Socket): void {
    // Once everything that the frame causes has happened.
    setImmediate(() => {
      const { pendingRequests, dialogs, deliveries } = this.#context
      deliveries.deliver(() => {
        for (const each of [...pendingRequests, ...dialogs.values()]) if (each.socket === socket) return
        this.#connection.release(socket)
      })
    })
  }

  #receive(req: Srf.Req, res: Srf.Res, { message }: DrachtioFrame): void {
    if (message.kind !== 'request') return
    // The connection was lost while the request was queued.
    if (!this.#connection.isUp(req.socket)) return
    const { method } = message
    const id = req.stackDialogId
    const { dialogs, late } = this.#context
    const dialog = dialogs.get(id) ?? late.get(id) ?? (method === 'NOTIFY' ? lateDialog(late, message) : undefined)
    if (dialog) {
      dialog.receive(req, res, message)
      return
    }
    if (method === 'ACK' || req.source === 'application') return
    if (method === 'INVITE' && message.toTag === undefined) this.#receiveInvite(req, res, message)
    else this.#receiveRequest(new DrachtioRequest(this.#context, req, res, message))
  }

  #receiveInvite(req: Srf.Req, res: Srf.Res, message: Request): void {
    const refuse = (status: number, options?: SendOptions): void => {
      new DrachtioRequest(this.#context, req, res, message).respond(status, options)
    }
    const retryAfter = this.#retryAfter(message)
    if (retryAfter !== undefined) {
      refuse(503, { headers: [['Retry-After', String(retryAfter)]] })
      return
    }
    this.#brake?.took()
    const { contact } = message
    if (contact && !hasHost(contact.uri)) {
      this.#warnOfContact(message, contact.uri)
      return
    }
    const missing = unsupported(message)
    const tooShort = tooShortSession(message, this.#context.minSession)
    const takeover = takeoverRefusal(message, (named) => this.#find(named))
    if (missing !== '') refuse(420, { headers: [['Unsupported', missing]] })
    else if (tooShort !== undefined) refuse(422, { headers: tooShort })
    else if (takeover !== undefined) refuse(takeover)
    else if (!contact || !this.#user) refuse(400, { reason: 'Missing Contact' })
    else this.#user.invite(new DrachtioInvite(this.#context, req, res, message))
  }

  /** Seconds, for an INVITE that the overload brake refuses; undefined for one that it lets through. */
  #retryAfter(message: Request): number | undefined {
    const { uri, to } = message
    const reason = this.#brake?.reason
    if (!this.#brake || !reason) return undefined
    const priorities = message.headers('Resource-Priority')

    return this.#brake.isEmergencyCall({ uri, to: to?.uri, priorities }) ? undefined : this.#brake.refuse(reason)
  }

  #warnOfContact({ callId, from }: Request, contact: string): void {
    this.#context.log.warn(
      'an INVITE is left without an answer: drachtio-server would not survive one to its Contact',
      { callId: decode(callId), from: decode(from?.uri ?? ''), contact: decode(contact) },
    )
  }

  #find({ callId, toTag, fromTag }: Replaces): ReplaceableDialog | undefined {
    // The server names a dialog after the tag of the side that began it.
    const isHere = [toTag, fromTag].some((tag) =>
      this.#context.dialogs.has(`${decode(callId)};from-tag=${decode(tag)}`),
    )

    return isHere ? { isEarly: false, initiatedBy: 'peer' } : undefined
  }

  #receiveRequest(request: DrachtioRequest): void {
    const { method, toTag } = request.message
    const missing = unsupported(request.message)
    if (missing !== '') request.respond(420, { headers: [['Unsupported', missing]] })
    // RFC 3262 3: the server has matched the PRACK to a response of ours.
    else if (method === 'PRACK') request.respond(200)
    else if (toTag !== undefined || method === 'BYE' || method === 'UPDATE') request.respond(481)
    else if (method === 'OPTIONS') {
      request.respond(this.#draining ? 503 : 200, { headers: optionsCapabilities })
    } else this.#user?.request(request)
  }
}

/** drachtio-server forgets a dialog with its BYE, and delivers later requests in it as requests outside dialogs. */
function lateDialog(
  late: AdapterContext['late'],
  { callId, fromTag = '', toTag = '' }: Request,
): RequestReceiver | undefined {
  const [call, remoteTag, localTag] = [decode(callId), decode(fromTag), decode(toTag)]
  // The server names a dialog after the tag of the side that began it.
  const dialog = late.get(`${call};from-tag=${remoteTag}`) ?? late.get(`${call};from-tag=${localTag}`)

  return dialog?.remoteTag === remoteTag && dialog.localTag === localTag ? dialog : undefined
}

function noServer(callId: string): SipResponse {
  return new LocalResponse(503, callId, 'No Connection To The SIP Server')
}

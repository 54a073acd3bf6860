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
  Resolver,
  type SourcePolicy,
} from '../../../engine/index.ts'
import { Guard } from '../../guard.ts'
import type {
  HeadersToSend,
  InviteEvents,
  InviteOptions,
  OutgoingInvite,
  SipAddress,
  SipResponse,
  SipStack,
  SipUser,
  StackState,
} from '../stack.ts'
import { decode } from '../text.ts'
import { readHostPorts, type DrachtioFrame } from './frame.ts'
import { optionsCapabilities, tooShortSession, unsupported } from './capabilities.ts'
import { DrachtioConnection, type ConnectionMode, DeliveryQueue } from './drachtio-connection.ts'
import { DrachtioInvite, DrachtioOutgoingInvite, shapeOf } from './drachtio-invites.ts'
import { DrachtioRequest } from './drachtio-request.ts'
import { LocatedInvite, reachableHop } from './located-invite.ts'
import { LocalResponse } from '../local-response.ts'
import { OutgoingRequest } from './drachtio-outgoing-request.ts'
import { hasHost } from './outgoing-text.ts'
import type { RequestReceiver, AdapterContext } from './adapter-context.ts'

export interface DrachtioOptions {
  mode: ConnectionMode
  userAgent: string
  /** Milliseconds; the server's own timers are its affair. */
  timers: { t1: number }
  /** Seconds: the shortest session interval that is agreed to (RFC 4028); not below the server's own. */
  minSession: number
  clock: Clock
  log: AdapterContext['log']
  /** Refuses new calls that there is no room for. */
  brake?: OverloadBrake
  /** Whose messages are taken; anybody's when left out. */
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
  readonly #resolver: Resolver
  #addresses: readonly SipAddress[] = []
  #draining = false
  #user: SipUser | undefined

  constructor({ mode, userAgent, timers, minSession, clock, log, brake, sources, dns }: DrachtioOptions) {
    const guard = new Guard((error) =>
      log.error('an exception was caught in the adapter of drachtio servers', { error }),
    )
    const turns = new DeliveryQueue(guard)
    this.#mode = mode.kind
    this.#brake = brake
    this.#resolver = new Resolver({
      clock,
      reach: () => this.#addresses.map(({ transport, address }) => ({ transport, family: isIPv6(address) ? 6 : 4 })),
      onFailure: (name, error) => {
        log.warn('a name could not be looked up', {
          name,
          error: error instanceof Error ? error.message : String(error),
        })
      },
      ...(dns && { dns }),
    })
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
      ...{ dialogs: new Map(), late: new Map(), invites: new Map(), pendingRequests: new Set() },
    }
  }

  /** What the last server that connected says. */
  get addresses(): readonly SipAddress[] {
    return this.#addresses
  }

  get problem(): string | undefined {
    return this.#mode === 'connect' && this.#up.size === 0 ? 'no connection to the drachtio server' : undefined
  }

  /** For server/media alone: drachtio-fsmrf wants the library's own object. */
  get srf(): Srf {
    return this.#connection.srf
  }

  /** Where servers connect to us, when they do. */
  get port(): number {
    return this.#connection.port
  }

  get tellsOfTrying(): boolean {
    return this.#connection.tellsOfTrying
  }

  async start(user: SipUser): Promise<void> {
    this.#user = user
    await this.#connection.start()
  }

  invite(uri: string, options: InviteOptions, events: InviteEvents): OutgoingInvite {
    const callId = options.callId ?? randomUUID()
    const { reachable, nextHop = uri } = options
    if (!reachable) return this.#invite(uri, options, events, callId)

    return new LocatedInvite(callId, events, reachableHop(this.#resolver, nextHop, reachable), (nextHop) =>
      this.#invite(uri, { ...options, nextHop }, events, callId),
    )
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

  request(method: string, uri: string, options: InviteOptions = {}): Promise<SipResponse> {
    const callId = options.callId ?? randomUUID()
    const socket = this.#connection.newest
    if (!socket) return Promise.resolve(noServer(callId))

    return new Promise((resolve) => {
      const shape = shapeOf(method, uri, callId, options)
      const user = { final: resolve, update: () => undefined }
      new OutgoingRequest(this.#context, socket, shape, options, user).send()
    })
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

  /** Dialogs of the library's own, whose users nobody tells. */
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
    // When all that the frame leads to has happened.
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
    // Gone while its turn was awaited.
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
    const { uri, to } = message
    const reason = this.#brake?.reason
    if (
      this.#brake &&
      reason &&
      !this.#brake.isEmergencyCall({ uri, to: to?.uri, priorities: message.headers('Resource-Priority') })
    ) {
      const headers: HeadersToSend = [['Retry-After', String(this.#brake.refuse(reason))]]
      new DrachtioRequest(this.#context, req, res, message).respond(503, { headers })
      return
    }
    this.#brake?.took()
    const missing = unsupported(message)
    if (message.contact && !hasHost(message.contact.uri)) {
      const { from, contact } = message
      this.#context.log.warn(
        'an INVITE is left without an answer: drachtio-server would not survive one to its Contact',
        {
          ...{ callId: decode(message.callId), from: decode(from?.uri ?? ''), contact: decode(contact.uri) },
        },
      )
      return
    }
    const takeover = takeoverRefusal(message, (named) => this.#find(named))
    const tooShort = tooShortSession(message, this.#context.minSession)
    if (missing === '' && tooShort === undefined && takeover === undefined && message.contact && this.#user) {
      this.#user.invite(new DrachtioInvite(this.#context, req, res, message))
      return
    }
    const refused = new DrachtioRequest(this.#context, req, res, message)
    if (missing !== '') refused.respond(420, { headers: [['Unsupported', missing]] })
    else if (tooShort !== undefined) refused.respond(422, { headers: tooShort })
    else if (takeover !== undefined) refused.respond(takeover)
    else refused.respond(400, { reason: 'Missing Contact' })
  }

  #find({ callId, toTag, fromTag }: Replaces): ReplaceableDialog | undefined {
    // Named after the tag of whoever began it.
    const isHere = [toTag, fromTag].some((tag) =>
      this.#context.dialogs.has(`${decode(callId)};from-tag=${decode(tag)}`),
    )

    return isHere ? { isEarly: false, initiatedBy: 'peer' } : undefined
  }

  #receiveRequest(request: DrachtioRequest): void {
    const { method, toTag } = request.message
    const missing = unsupported(request.message)
    if (missing !== '') request.respond(420, { headers: [['Unsupported', missing]] })
    // RFC 3262 3: the server has matched it to a response of ours.
    else if (method === 'PRACK') request.respond(200)
    else if (toTag !== undefined || method === 'BYE' || method === 'UPDATE') request.respond(481)
    else if (method === 'OPTIONS') {
      request.respond(this.#draining ? 503 : 200, { headers: optionsCapabilities })
    } else this.#user?.request(request)
  }
}

/** drachtio-server forgets a dialog with its BYE, and hands over what comes in it later as if it were in none. */
function lateDialog(
  late: AdapterContext['late'],
  { callId, fromTag = '', toTag = '' }: Request,
): RequestReceiver | undefined {
  const [call, remoteTag, localTag] = [decode(callId), decode(fromTag), decode(toTag)]
  // Named after the tag of whoever began it.
  const dialog = late.get(`${call};from-tag=${remoteTag}`) ?? late.get(`${call};from-tag=${localTag}`)

  return dialog?.remoteTag === remoteTag && dialog.localTag === localTag ? dialog : undefined
}

function noServer(callId: string): SipResponse {
  return new LocalResponse(503, callId, 'No Connection To The SIP Server')
}

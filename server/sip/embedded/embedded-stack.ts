import { randomUUID } from 'node:crypto'

import {
  defaultMethods,
  type FlowReuse,
  type SourcePolicy,
  type OutOfDialogOptions,
  type OverloadBrake,
  UserAgent,
  type UserAgentOptions,
  type UserAgentUser,
  type Endpoint,
  formatEndpoint,
  type Target,
  type Traced,
  type Transport,
} from '../../../engine/index.ts'
import { defined } from '../../../base/defined.ts'
import type { Settings } from '../../../config/index.ts'
import type { EngineStats } from '../../../metrics/index.ts'
import type {
  InviteEvents,
  InviteOptions,
  OutgoingInvite,
  RequestOptions,
  SipAddress,
  SipResponse,
  SipStack,
  SipUser,
  StackState,
  MessageRecord,
} from '../stack.ts'
import { finalResponse, EmbeddedRequest } from './embedded-dialog.ts'
import { EmbeddedInvite, EmbeddedOutgoingInvite, EmbeddedRestorer } from './embedded-invites.ts'
import { LateNotifies } from './late-notifies.ts'
import { countedBySlug, udpReceiveErrors } from './engine-stats.ts'
import { ReceivedRequest } from '../received.ts'
import { encodeAdditions, encodeCredentials, encodeLine, decode } from '../text.ts'

interface StackLog {
  warn(message: string, fields?: object): unknown
  error(message: string, fields?: object): unknown
}

type OptionalSettings =
  | 'minSession'
  | 'udpMaximum'
  | 'limits'
  | 'missingToTag'
  | 'answerTo'
  | 'dialogSources'
  | 'sips'
  | 'maxConnections'
  | 'nat'
  | 'reusesConnections'

type EmbeddedOptions = Omit<Settings['sip'], OptionalSettings> &
  Partial<Pick<Settings['sip'], OptionalSettings>> & {
    log: StackLog
    reuse?: FlowReuse
    /** The owners and limits of the addresses that messages come from. */
    sources?: SourcePolicy
    /** Addresses that are reached at other addresses. */
    aliases?: ReadonlyMap<string, string>
    /** Another clock, network or name servers than the machine's. */
    surroundings?: Pick<UserAgentOptions, 'clock' | 'transport' | 'transports' | 'dns'>
    brake?: OverloadBrake
  }

/** The SIP port on the engine, in this process: messages pass as objects and are never serialised in between. */
export class EmbeddedStack implements SipStack {
  readonly kind = 'embedded'
  readonly canIgnore = true
  readonly reportsTrying = true
  readonly restorer: EmbeddedRestorer
  readonly #agent: UserAgent
  readonly #lateNotifies: LateNotifies

  constructor(options: EmbeddedOptions) {
    const { listen, externalIp, tls, timers, minSession, userAgent, log, aliases, brake, surroundings } = options
    const { limits, udpMaximum, answerTo, missingToTag, maxConnections, reuse, sources } = options
    this.#agent = new UserAgent({
      ...surroundings,
      transport: {
        ...defined({ limits, udpMaximum, answerTo, maxConnections }),
        ...surroundings?.transport,
      },
      listen: listen.map((listener) => ({
        ...defined({ advertised: externalIp === undefined ? undefined : { host: externalIp } }),
        ...listener,
        ...defined({ tls }),
      })),
      aliases,
      reuse,
      sources,
      timers,
      minSession,
      missingToTag,
      product: userAgent,
      extensions: ['100rel', 'timer', 'norefersub'],
      methods: [...defaultMethods, 'PRACK', 'SUBSCRIBE'],
      log,
      brake,
    })
    this.#lateNotifies = new LateNotifies(this.#agent.core.clock, (dialog, flow) => this.#agent.isOfPeer(dialog, flow))
    this.restorer = new EmbeddedRestorer(this.#agent, this.#lateNotifies)
  }

  get addresses(): readonly SipAddress[] {
    return this.#agent.listeners.map((listener) => {
      // A listener on every address is reached, from outside, by the one that leads there (addresses of RFC 5737, 3849).
      const { host, port } = listener.advertisedTo(listener.local.address.includes(':') ? '2001:db8::1' : '192.0.2.1')

      return { transport: listener.transport, address: host, port }
    })
  }

  async start(user: SipUser): Promise<void> {
    this.#agent.tap = (traced) => {
      const { message } = traced
      user.message(new EmbeddedRecord(traced), message.kind === 'bad' ? undefined : message)
    }
    const opened = () => user.opened?.()
    const handled: UserAgentUser = {
      invite: (invite) => {
        user.invite(new EmbeddedInvite(invite, this.#lateNotifies))
      },
      request: (request) => {
        user.request(new EmbeddedRequest(request))
      },
      ignores: (request, flow) => user.ignores?.(new ReceivedRequest(request, flow)) ?? false,
      stray: (request) => {
        this.#lateNotifies.receive(request)
      },
    }
    await this.#agent.start(handled, opened)
  }

  invite(uri: string, options: InviteOptions, events: InviteEvents): OutgoingInvite {
    const callId = options.callId ?? randomUUID()
    const outgoing = new EmbeddedOutgoingInvite(callId, events, this.#lateNotifies)
    outgoing.invite = this.#agent.invite(outOfDialog(uri, options, callId), outgoing)

    return outgoing
  }

  request(method: string, uri: string, options: RequestOptions = {}): Promise<SipResponse> {
    return finalResponse((user) => {
      const { timeoutMs, address } = options
      this.#agent.request(method, { ...outOfDialog(uri, options), timeoutMs, address }, user)
    })
  }

  async resolve(uri: string): Promise<readonly Target[]> {
    return this.#agent.targetsOf(encodeLine(uri))
  }

  peerExpiry(at: Target): number | undefined {
    return this.#agent.peerExpiry(at)
  }

  drain(): void {
    this.#agent.draining = true
  }

  state(): StackState {
    const { transactions, dialogs, timers } = this.#agent.state()

    return { transactions, dialogs, timers }
  }

  readonly engineStats = (): EngineStats => {
    const { stats } = this.#agent
    const { clientTransactions, serverTransactions, dialogs, timers } = this.#agent.state()

    return {
      clientTransactions,
      serverTransactions,
      dialogs,
      timers,
      messagesIn: total(stats.transport.requestsIn) + total(stats.transport.responsesIn),
      messagesOut: total(stats.transport.requestsOut) + total(stats.transport.responsesOut),
      retransmittedRequests: stats.requestsRepeated,
      retransmittedResponses: stats.responsesRepeated,
      badMessages: countedBySlug(stats.bad),
      passedOverHeaders: stats.passedOver,
      udpReceiveErrors: udpReceiveErrors(
        this.#agent.listeners.filter(({ transport }) => transport === 'udp').map(({ local }) => local),
      ),
      drops: new Map([
        ['stray_response', stats.strayResponses],
        ['repeated_request', stats.requestsAbsorbed],
        ['keep_alive', stats.transport.keepAlives],
        ['not_from_peer', stats.notFromPeer],
        ['over_rate', stats.requestsOverRate],
        ['ignored', stats.requestsIgnored],
        ['connection_refused', stats.transport.connectionsRefused],
      ]),
    }
  }

  reload(): Promise<void> {
    return this.#agent.reload()
  }

  disconnect(): Promise<void> {
    return this.#agent.disconnect()
  }

  close(): Promise<void> {
    return this.#agent.close()
  }
}

function outOfDialog(uri: string, options: InviteOptions, callId = options.callId): OutOfDialogOptions {
  const { from, to, nextHop, maxForwards, credentials, reachable, addresses } = options
  const { headers, body } = encodeAdditions(options)

  return {
    headers,
    body,
    credentials: credentials && encodeCredentials(credentials),
    uri: encodeLine(uri),
    from: from && encodeLine(from),
    to: to && encodeLine(to),
    callId: callId && encodeLine(callId),
    maxForwards,
    nextHop: nextHop && encodeLine(nextHop),
    reachable,
    addresses,
  }
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const count of counts.values()) sum += count

  return sum
}

/** A message as it was on the wire. It is made for each message and read for few: addresses become text when they are read. */
export class EmbeddedRecord implements MessageRecord {
  readonly at = Date.now()
  readonly direction: 'in' | 'out'
  readonly transport: Transport
  callId: string
  readonly method: string
  readonly status: number | undefined
  readonly text: string
  readonly #local: Endpoint
  readonly #remote: Endpoint

  constructor({ direction, transport, local, remote, message, text }: Traced) {
    const isResponse = message.kind === 'response'
    this.direction = direction
    this.transport = transport
    this.callId = decode(message.callId)
    this.method = (isResponse ? message.cseq?.method : message.method) ?? ''
    this.status = isResponse ? message.status : undefined
    this.text = text
    this.#local = local
    this.#remote = remote
  }

  get local(): string {
    return formatEndpoint(this.#local)
  }

  get remote(): string {
    return formatEndpoint(this.#remote)
  }
}

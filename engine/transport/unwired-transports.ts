import { type Endpoint, familyOf, type Flow, type SentBy, type Target, type Transport } from '../flow/index.ts'
import { parseMessage, type Request, type Response } from '../message/index.ts'
import type { Shedder, Tap, TransportUser } from './hub.ts'
import { advertisedAddress, bestListener, type Listener, type ListenOptions } from './listener.ts'
import { noteSource } from './response-routing.ts'
import { defaultSettings } from './settings.ts'
import { TransportStats } from './transport-stats.ts'
import type { TransportLayer } from './transports.ts'

/** The other end of every flow. */
export interface FarSide {
  /** Gets a sent message as it would be on the wire. Answers come later, through `deliver`. */
  sent(text: string, flow: Flow): void
}

/**
 * Transports without a network, for `explain` and tests: no socket is opened, and sent messages go to the far side. All
 * layers above are the real ones.
 */
export class UnwiredTransports implements TransportLayer {
  readonly stats = new TransportStats()
  tap: Tap | undefined
  shedder: Shedder | undefined
  readonly #user: TransportUser
  readonly #farSide: FarSide
  readonly #listeners: Listener[] = []

  constructor(user: TransportUser, farSide: FarSide) {
    this.#user = user
    this.#farSide = farSide
  }

  peerExpiry(): undefined {
    return undefined
  }

  get listeners(): readonly Listener[] {
    return this.#listeners
  }

  listen(options: ListenOptions): Promise<Listener> {
    const { transport, address, port } = options
    const local = { address, port }
    const advertisedTo = (remote: string): SentBy => advertisedAddress(options, local, remote)
    const listener: Listener = { transport, local, advertisedTo, close: () => Promise.resolve() }
    this.#listeners.push(listener)

    return Promise.resolve(listener)
  }

  flowTo(target: Target): Flow | undefined {
    const listener = bestListener(this.#listeners, target)

    return listener && new UnwiredFlow(listener, { address: target.address, port: target.port }, this.#farSide)
  }

  flowWithin(target: Target): Flow | undefined {
    return this.flowTo(target)
  }

  /** Receives a message from the far side of a flow. */
  deliver(text: string, flow: Flow): void {
    const message = parseMessage(text, defaultSettings.limits)
    if (message.kind === 'bad') {
      this.#user.onBad(message, flow)
      return
    }
    if (message.kind === 'request') noteSource(message, flow, defaultSettings.answerTo)
    this.#user.onMessage(message, flow)
  }

  reload(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

class UnwiredFlow implements Flow {
  readonly transport: Transport
  readonly reliable: boolean
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly open = true
  readonly #listener: Listener
  readonly #farSide: FarSide

  constructor(listener: Listener, remote: Endpoint, farSide: FarSide) {
    this.#listener = listener
    this.#farSide = farSide
    this.transport = listener.transport
    this.reliable = listener.transport !== 'udp'
    this.local = listener.local
    this.remote = remote
  }

  get advertised(): SentBy {
    return this.#listener.advertisedTo(this.remote.address)
  }

  send(message: Request | Response | string): void {
    this.#farSide.sent(message.toString(), this)
  }
}

/** A DNS that answers every name with one documentation address (RFC 5737, RFC 3849): nothing is looked up. */
export function anyAddress(listeners: readonly { address: string }[]) {
  const hasIpv4 = listeners.some(({ address }) => familyOf(address) === 4)
  const [type, address] = hasIpv4 ? ['A', '192.0.2.1'] : ['AAAA', '2001:db8::1']

  return {
    query: (asked: string) => Promise.resolve({ records: (asked === type ? [address] : []) as never[], ttl: 60 }),
  }
}

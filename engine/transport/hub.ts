import type { Clock } from '../clock/index.ts'
import type { Endpoint, Flow, Transport } from '../flow/index.ts'
import { type BadMessage, parseMessage, type Request, type Response, type Via } from '../message/index.ts'
import { noteSource } from './response-routing.ts'
import type { TransportSettings } from './settings.ts'
import type { TransportStats } from './transport-stats.ts'

/** The point that all received and sent messages of all transports pass: parsing, counting, tracing. */
export class Hub {
  readonly clock: Clock
  readonly settings: TransportSettings
  readonly stats: TransportStats
  readonly #user: TransportUser
  tap: Tap | undefined
  shedder: Shedder | undefined
  /** A peer asks for messages to its sent-by to use its connection (RFC 5923). */
  onAlias: ((via: Via, flow: Flow) => void) | undefined

  constructor(user: TransportUser, clock: Clock, settings: TransportSettings, stats: TransportStats) {
    this.#user = user
    this.clock = clock
    this.settings = settings
    this.stats = stats
  }

  /** Takes the bytes of one message; false when they are malformed. */
  received(data: Buffer | string, flow: Flow): boolean {
    this.stats.bytesIn += data.length
    const shed = this.shedder?.(data)
    if (shed) {
      this.#shed(shed, flow)
      return true
    }
    const message = parseMessage(data, this.settings.limits)
    if (message.kind === 'bad') {
      this.refused(message, flow)
      return false
    }
    this.#trace('in', message, flow)
    this.stats.countIn(message)
    if (message.kind === 'request') {
      noteSource(message, flow, this.settings.answerTo)
      // RFC 5923 5: on TLS only, where the peer's certificate proves its name.
      if (flow.transport === 'tls' && message.via?.params.has('alias')) this.onAlias?.(message.via, flow)
    }
    this.#deliver(message, flow)
    // Reading headers has added to the lines that are passed over.
    if (message.passedOver.length > 0) this.stats.countPassedOver(message.passedOver)

    return true
  }

  #deliver(message: Request | Response, flow: Flow): void {
    try {
      this.#user.onMessage(message, flow)
    } catch (error) {
      this.#user.onDefect(error)
    }
  }

  refused(bad: BadMessage, flow: Flow): void {
    this.#trace('in', bad, flow)
    this.stats.countIn(bad)
    if (bad.method !== undefined) noteSource(bad, flow, this.settings.answerTo)
    try {
      this.#user.onBad(bad, flow)
    } catch (error) {
      this.#user.onDefect(error)
    }
  }

  #shed({ invite, answer }: Shed, flow: Flow): void {
    this.#trace('in', invite, flow)
    this.stats.countShed()
    noteSource(invite, flow, this.settings.answerTo)
    flow.send(answer())
  }

  /** Parses a text that is sent again; undefined, after the flow is reported as failed, when it is malformed. */
  reread(text: string, flow: Flow): Request | Response | undefined {
    const message = parseMessage(text, this.settings.limits)
    if (message.kind !== 'bad') return message
    this.failed(flow, new Error(`not sent, because it is no SIP message: ${message.reason}`))

    return undefined
  }

  /** Counts and traces a message that is about to be sent. Returns its bytes. */
  encode(message: Request | Response, flow: Flow): Buffer {
    const data = Buffer.from(message.toString(), 'latin1')
    this.stats.countOut(message)
    this.stats.bytesOut += data.length
    this.#trace('out', message, flow)

    return data
  }

  failed(flow: Flow, error: Error): void {
    try {
      this.#user.onFlowFailed(flow, error)
    } catch (defect) {
      this.#user.onDefect(defect)
    }
  }

  #trace(direction: 'in' | 'out', message: Request | Response | BadMessage, flow: Flow): void {
    if (!this.tap) return
    const { transport, local, remote } = flow
    try {
      this.tap({ direction, transport, local, remote, message, text: message.toString() })
    } catch (error) {
      this.#user.onDefect(error)
    }
  }
}

/** The layer above the transport. */
export interface TransportUser {
  /** A request (its top Via has `received` and `rport`) or a response. */
  onMessage(message: Request | Response, flow: Flow): void
  /** A malformed message. A stream that cannot be framed any more is closed after this, when the data sent on it is out. */
  onBad(message: BadMessage, flow: Flow): void
  /** A message could not be sent on this flow, or its connection is closed; a connection reports that once. */
  onFlowFailed(flow: Flow, error: Error): void
  /** A method of the user threw, which must not stop the engine. */
  onDefect(error: unknown): void
}

/** One message as it was on the wire. */
export interface Traced {
  readonly direction: 'in' | 'out'
  readonly transport: Transport
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly message: Request | Response | BadMessage
  readonly text: string
}

/** An INVITE that is refused before it is parsed, and its answer, which is made after `received` and `rport` are noted. */
export interface Shed {
  readonly invite: BadMessage
  answer: () => Response
}

/** Sees every received message before it is parsed; undefined for a message that is not refused. */
export type Shedder = (data: Buffer | string) => Shed | undefined

export type Tap = (traced: Traced) => void

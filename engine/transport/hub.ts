import type { Clock } from '../clock/index.ts'
import type { Endpoint, Flow, Transport } from '../flow/index.ts'
import { type BadMessage, parseMessage, type Request, type Response, type Via } from '../message/index.ts'
import { noteSource } from './response-routing.ts'
import type { TransportSettings } from './settings.ts'
import type { TransportStats } from './stats.ts'

/** What every transport shares: it is where all messages pass, in and out. */
export class Hub {
  readonly clock: Clock
  readonly settings: TransportSettings
  readonly stats: TransportStats
  readonly #user: TransportUser
  tap: Tap | undefined
  shedder: Shedder | undefined
  /** A peer asks for its connection to be used for what goes to its sent-by. */
  onAlias: ((via: Via, flow: Flow) => void) | undefined

  constructor(user: TransportUser, clock: Clock, settings: TransportSettings, stats: TransportStats) {
    this.#user = user
    this.clock = clock
    this.settings = settings
    this.stats = stats
  }

  /** One whole message as it came. True when it was one. */
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
      // RFC 5923 5: of TLS alone, where the peer can prove that it is who it says.
      if (flow.transport === 'tls' && message.via?.params.has('alias')) this.onAlias?.(message.via, flow)
    }
    this.#deliver(message, flow)
    // What the user looked at has added to the lines that are passed over.
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

  /** The message that a text sent once more is; undefined, with the flow failed, when it is none. */
  reread(text: string, flow: Flow): Request | Response | undefined {
    const message = parseMessage(text, this.settings.limits)
    if (message.kind !== 'bad') return message
    this.failed(flow, new Error(`not sent, because it is no SIP message: ${message.reason}`))

    return undefined
  }

  /** The bytes of a message that is about to be sent; it is counted and traced. */
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

/** The layer above: it is handed what comes in. */
export interface TransportUser {
  /** A request (its top Via has `received` and `rport`) or a response. */
  onMessage(message: Request | Response, flow: Flow): void
  /** What is no SIP message. A stream that cannot be cut any more is closed after this, once what was sent on it is out. */
  onBad(message: BadMessage, flow: Flow): void
  /** Something sent on this flow did not get out, or its connection is gone; a connection says so once. */
  onFlowFailed(flow: Flow, error: Error): void
  /** A method of the user threw: a defect of ours, and nothing that stops the engine. */
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

/** A request that is refused before it is parsed, and its answer, made once `received` and `rport` are in it. */
export interface Shed {
  readonly invite: BadMessage
  answer: () => Response
}

/** Looks at every message that comes in, before it is parsed; undefined for all that go on. */
export type Shedder = (data: Buffer | string) => Shed | undefined

export type Tap = (traced: Traced) => void

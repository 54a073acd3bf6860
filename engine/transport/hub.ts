import { type BadMessage, parseMessage, type Request, type Response, type Via } from '../message/index.ts'
import type { Clock } from '../transaction/clock.ts'
import type { Flow } from './flow.ts'
import type { TransportSettings } from './settings.ts'
import { noteSource } from './source.ts'
import type { TransportStats } from './stats.ts'
import type { Shed, Shedder, Tap, TransportUser } from './user.ts'

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
    this.deliver(message, flow)

    return true
  }

  deliver(message: Request | Response, flow: Flow): void {
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

import type { MessageRecord } from '../sip/stack.ts'
import { type CaptureAgent, hepPacket } from './hep-packet.ts'
import { TcpSender, UdpSender, type PacketSender } from './packet-senders.ts'

export interface HomerOptions extends CaptureAgent {
  readonly transport: 'udp' | 'tcp'
  readonly host: string
  readonly port: number
}

interface HomerLog {
  info(message: string, fields?: object): unknown
  warn(message: string, fields?: object): unknown
}

/** Sends a copy of every SIP message to Homer. Calls do not depend on it. */
export class Homer {
  /** Packets. */
  readonly counts = { sent: 0, dropped: 0 }
  readonly #options: HomerOptions
  readonly #sender: PacketSender
  readonly #log: HomerLog
  #isAway = false

  constructor(options: HomerOptions, log: HomerLog) {
    this.#options = options
    this.#log = log
    const { transport, host, port } = options
    this.#sender = new (transport === 'udp' ? UdpSender : TcpSender)(host, port, (error) => {
      this.#reached(error)
    })
  }

  /** @param correlation the same for all messages of a call */
  report(record: MessageRecord, correlation: string): void {
    try {
      if (this.#sender.send(hepPacket(record, correlation, this.#options))) this.counts.sent += 1
      else this.counts.dropped += 1
    } catch {
      this.counts.dropped += 1
    }
  }

  close(): void {
    this.#sender.close()
  }

  /** Logs each change once. */
  #reached(error: Error | undefined): void {
    const isAway = error !== undefined
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    const { transport, host, port } = this.#options
    const homer = `${transport}:${host}:${port}`
    if (isAway) this.#log.warn('Homer cannot be reached', { homer, error: error.message })
    else this.#log.info('Homer can be reached again', { homer })
  }
}

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'

/** RFC 4733 table 3: the events 0 to 15. */
const digits = '0123456789*#ABCD'

export interface PressedDigit {
  callId: string
  /** The tag of the side that has pressed it. */
  tag: string
  digit: string
}

/** A line of rtpengine's log of digits (`--dtmf-log-dest`); undefined for any other text. */
export function readDigit(text: string): PressedDigit | undefined {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof line !== 'object' || line === null) return undefined
  const { callid: callId, source_tag: tag, type, event } = line as Partial<Record<string, unknown>>
  const digit = typeof event === 'number' ? digits[event] : undefined
  if (type !== 'DTMF' || digit === undefined || typeof callId !== 'string' || typeof tag !== 'string') return undefined

  return { callId, tag, digit }
}

/** Takes the digits that rtpengines log to this address. */
export class DigitListener {
  readonly #socket: Socket
  #closed = false

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Rejects when the address cannot be listened at. */
  static async open(
    { address, port }: { address: string; port: number },
    pressed: (digit: PressedDigit) => void,
  ): Promise<DigitListener> {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    socket.bind(port, address)
    await once(socket, 'listening')
    socket.on('error', () => undefined)
    socket.on('message', (bytes) => {
      const digit = readDigit(bytes.toString('utf8'))
      if (digit) pressed(digit)
    })

    return new DigitListener(socket)
  }

  /** Idempotent. */
  close(): void {
    if (!this.#closed) this.#socket.close()
    this.#closed = true
  }
}

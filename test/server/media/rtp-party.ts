import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** One end of a call's audio: PCMU, and keys as telephone-events (RFC 4733). */
export class RtpParty {
  /** Packets of audio that were not silence. */
  heard = 0
  readonly #socket: Socket
  #sequence = 1
  #timestamp = 1000

  static async open(): Promise<RtpParty> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')

    return new RtpParty(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (packet) => {
      const isAudio = ((packet[1] ?? 0) & 0x7f) === 0
      // 0xff and 0x7f are PCMU's two zeros.
      if (isAudio && packet.subarray(12).some((sample) => (sample & 0x7f) !== 0x7f)) this.heard++
    })
  }

  /** What it offers. */
  get sdp(): string {
    const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n'
    const audio = `m=audio ${this.#socket.address().port} RTP/AVP 0 101\r\n`

    return `${session}${audio}a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n`
  }

  /** Presses keys, one after the other, 100 ms each, on the way that this answer names. */
  async press(keys: string, answer: string): Promise<void> {
    const port = Number(/m=audio (\d+)/.exec(answer)?.[1])
    for (const key of keys) {
      const began = this.#timestamp
      for (let packet = 1; packet <= 8; packet++) {
        const isOver = packet > 5
        const event = Buffer.from([eventOf(key), isOver ? 0x8a : 0x0a, 0, 0])
        event.writeUInt16BE(Math.min(packet, 5) * 160, 2)
        this.#send(port, 101, packet === 1, began, event)
        if (!isOver) await new Promise((resolve) => setTimeout(resolve, 20))
      }
      this.#timestamp += 1600
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  close(): void {
    this.#socket.close()
  }

  #send(port: number, type: number, isFirst: boolean, timestamp: number, payload: Buffer): void {
    const header = Buffer.alloc(12)
    header[0] = 0x80
    header[1] = type | (isFirst ? 0x80 : 0)
    header.writeUInt16BE(this.#sequence++, 2)
    header.writeUInt32BE(timestamp, 4)
    header.writeUInt32BE(4711, 8)
    this.#socket.send(Buffer.concat([header, payload]), port, '127.0.0.1')
  }
}

function eventOf(key: string): number {
  return '0123456789*#ABCD'.indexOf(key)
}

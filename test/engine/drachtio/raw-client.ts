import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { frame, FrameReader, maxPayloadBytes } from '../../../engine/drachtio/protocol/frames.ts'

/** A frame of the server: the fields of its metaline, and the text below. */
export interface Received {
  fields: string[]
  text: string
}

/** An application without drachtio-srf, which sends frames as tests write them. */
export class RawClient {
  readonly socket: Socket
  readonly received: Received[] = []
  #waiting: { matches: (one: Received) => boolean; resolve: (one: Received) => void }[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    const reader = new FrameReader(2 * maxPayloadBytes, (payload) => this.#take(payload))
    socket.on('data', (chunk: Buffer) => reader.push(chunk))
    socket.on('error', () => undefined)
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')

    return new RawClient(socket)
  }

  /** A connection that has authenticated. */
  static async authenticated(port: number, secret: string, tags = ''): Promise<RawClient> {
    const client = await RawClient.connect(port)
    await client.ask(`authenticate|${secret}|${tags}`)

    return client
  }

  /** Sends a message and returns its id. */
  send(message: string): string {
    const id = randomUUID()
    this.socket.write(frame(Buffer.from(`${id}|${message}`, 'utf8').toString('latin1')), 'latin1')

    return id
  }

  /** The fields of the answer to a message, after its id. */
  async ask(message: string): Promise<string[]> {
    return (await this.answer(message)).fields.slice(3)
  }

  answer(message: string): Promise<Received> {
    const id = this.send(message)

    return this.next(({ fields }) => fields[1] === 'response' && fields[2] === id)
  }

  /** The next SIP message. */
  sip(): Promise<Received> {
    return this.next(({ fields }) => fields[1] === 'sip')
  }

  /** The first frame that matches, now or later; each frame is returned once. */
  next(matches: (one: Received) => boolean): Promise<Received> {
    const at = this.received.findIndex(matches)
    if (at >= 0) return Promise.resolve(this.received.splice(at, 1)[0]!)

    return new Promise((resolve) => this.#waiting.push({ matches, resolve }))
  }

  closed(): Promise<unknown> {
    return this.socket.closed ? Promise.resolve() : once(this.socket, 'close')
  }

  #take(payload: string): void {
    const end = payload.indexOf('\r\n')
    const one = {
      fields: (end < 0 ? payload : payload.slice(0, end)).split('|'),
      text: end < 0 ? '' : payload.slice(end + 2),
    }
    const at = this.#waiting.findIndex(({ matches }) => matches(one))
    if (at >= 0) this.#waiting.splice(at, 1)[0]!.resolve(one)
    else this.received.push(one)
  }
}

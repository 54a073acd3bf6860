import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  createRequest,
  createResponse,
  type Message,
  parseMessage,
  type Request,
  type RequestParts,
  type Response,
} from '../../../engine/index.ts'

interface Waiting {
  is: (message: Request | Response) => boolean
  resolve: (message: Request | Response) => void
}

/** What a peer without a stack sends by. */
export interface Wire {
  readonly transport: 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS'
  /** What it says of itself in Via and Contact. */
  readonly host: string
  readonly port: number
  send(data: Buffer, port: number, address: string): void
  close(): void
}

/**
 * A peer without a stack: it sends what it is told to, and hands over what comes, repeated responses and ACKs included.
 * Any other request that is sent again, as on a busy machine it is, is handed over once.
 */
export class RawPeer {
  readonly uri: string
  readonly #wire: Wire
  #remote: { address: string; port: number }
  readonly #come: (Request | Response)[] = []
  readonly #waiting: Waiting[] = []
  /** `METHOD` or `status METHOD` of everything that has come; of a request that was repeated, once. */
  readonly seen: string[] = []
  readonly #requests = new Set<string>()
  #branch = 0

  /** Over a wire of one's own, which hands what comes to `take`. */
  constructor(wire: Wire, uriOfOther: string) {
    this.#wire = wire
    const [, address = '', port = ''] = /sip:(?:[^@]*@)?([\d.]+):(\d+)/.exec(uriOfOther) ?? []
    this.#remote = { address, port: Number(port) }
    const transport = wire.transport === 'UDP' ? '' : `;transport=${wire.transport.toLowerCase()}`
    this.uri = `sip:raw@${wire.host}:${wire.port}${transport}`
  }

  static async open(uriOfOther: string): Promise<RawPeer> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')

    const peer = new RawPeer(udpWire(socket), uriOfOther)
    socket.on('message', (data) => {
      peer.take(data)
    })

    return peer
  }

  get port(): number {
    return this.#wire.port
  }

  close(): void {
    this.#wire.close()
  }

  send(message: Message | string): void {
    this.#wire.send(Buffer.from(message.toString(), 'latin1'), this.#remote.port, this.#remote.address)
  }

  /** One whole message as it came. */
  take(data: Buffer | string): void {
    const message = parseMessage(data)
    if (message.kind !== 'bad') this.#take(message)
  }

  /** The next request of this method, come or to come. */
  async request(method: string): Promise<Request> {
    return (await this.#next((message) => message.kind === 'request' && message.method === method)) as Request
  }

  /** The next response to this method; 100 is passed over. */
  async response(method: string, status?: number): Promise<Response> {
    return (await this.#next(
      (message) =>
        message.kind === 'response' &&
        message.cseq?.method === method &&
        message.status > 100 &&
        (status === undefined || message.status === status),
    )) as Response
  }

  /** Answers a request with this tag, headers and Contact. */
  respond(request: Request, status: number, tag: string, headers: [string, string][] = [], session = ''): Response {
    const response = createResponse(request, status, undefined, tag)
    if (session !== '') response.add('Content-Type', 'application/sdp').body = session
    for (const [name, value] of headers) response.add(name, value)
    if (!response.has('Contact')) response.add('Contact', `<${this.uri};tag-of=${tag}>`)
    this.send(response)

    return response
  }

  /** As `respond`, to where the request came from. */
  answer(request: Request, status: number, tag: string, headers: [string, string][] = []): void {
    const { host, port } = request.via ?? {}
    this.#remote = { address: host ?? '', port: port ?? 5060 }
    this.respond(request, status, tag, headers)
  }

  /** Makes a request to the other side, with a branch of its own. */
  make(method: string, parts: Partial<RequestParts> = {}): Request {
    this.#branch += 1
    const { address, port } = this.#remote

    return createRequest({
      method,
      uri: `sip:${address}:${port}`,
      via: `SIP/2.0/${this.#wire.transport} ${this.#wire.host}:${this.port};rport;branch=z9hG4bK${this.port}-${this.#branch}`,
      from: `<${this.uri}>;tag=raw`,
      to: `<sip:${address}:${port}>`,
      callId: `raw-${this.port}`,
      cseq: this.#branch,
      contact: `<${this.uri}>`,
      ...parts,
    })
  }

  /** A request in the dialog that this response to our INVITE made. */
  inDialog(method: string, response: Response, parts: Partial<RequestParts> = {}): Request {
    return this.make(method, {
      uri: response.contact?.uri ?? '',
      from: response.header('From') ?? '',
      to: response.header('To') ?? '',
      callId: response.callId,
      ...(method === 'ACK' && { cseq: response.cseq?.number ?? 0 }),
      ...parts,
    })
  }

  #take(message: Request | Response): void {
    if (message.kind === 'request' && message.method !== 'ACK') {
      const text = message.toString()
      if (this.#requests.has(text)) return
      this.#requests.add(text)
    }
    this.seen.push(message.kind === 'request' ? message.method : `${message.status} ${message.cseq?.method ?? ''}`)
    const at = this.#waiting.findIndex(({ is }) => is(message))
    if (at < 0) this.#come.push(message)
    else this.#waiting.splice(at, 1)[0]!.resolve(message)
  }

  #next(is: Waiting['is']): Promise<Request | Response> {
    const at = this.#come.findIndex(is)
    if (at >= 0) return Promise.resolve(this.#come.splice(at, 1)[0]!)

    return new Promise((resolve) => this.#waiting.push({ is, resolve }))
  }
}

function udpWire(socket: Socket): Wire {
  return {
    transport: 'UDP',
    host: '127.0.0.1',
    port: socket.address().port,
    send: (data, port, address) => socket.send(data, port, address),
    close: () => socket.close(),
  }
}

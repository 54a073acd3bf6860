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

/** A peer without a stack: it sends what it is told to, and hands over what comes, repetitions included. */
export class RawPeer {
  readonly uri: string
  readonly #socket: Socket
  #remote: { address: string; port: number }
  readonly #come: (Request | Response)[] = []
  readonly #waiting: Waiting[] = []
  /** `METHOD` or `status METHOD` of everything that has come. */
  readonly seen: string[] = []
  #branch = 0

  private constructor(socket: Socket, uriOfOther: string) {
    this.#socket = socket
    const [, address = '', port = ''] = /sip:(?:[^@]*@)?([\d.]+):(\d+)/.exec(uriOfOther) ?? []
    this.#remote = { address, port: Number(port) }
    this.uri = `sip:raw@127.0.0.1:${this.port}`
    socket.on('message', (data) => {
      const message = parseMessage(data)
      if (message.kind !== 'bad') this.#take(message)
    })
  }

  static async open(uriOfOther: string): Promise<RawPeer> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')

    return new RawPeer(socket, uriOfOther)
  }

  get port(): number {
    return this.#socket.address().port
  }

  close(): void {
    this.#socket.close()
  }

  send(message: Message | string): void {
    this.#socket.send(Buffer.from(message.toString(), 'latin1'), this.#remote.port, this.#remote.address)
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
  respond(request: Request, status: number, tag: string, headers: [string, string][] = []): Response {
    const response = createResponse(request, status, undefined, tag)
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
      via: `SIP/2.0/UDP 127.0.0.1:${this.port};rport;branch=z9hG4bK${this.uri.length}-${this.#branch}`,
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

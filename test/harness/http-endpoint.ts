import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request that an endpoint has had. */
export interface EndpointRequest {
  path: string
  headers: IncomingHttpHeaders
  body: string
  /** The connection's local port, by which connections are told apart. */
  port: number | undefined
}

/** An HTTP endpoint such as a resolver or a speech service; each path has an answer of its own. */
export class HttpEndpoint {
  readonly asked: EndpointRequest[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  static async start(answers: Record<string, (response: ServerResponse) => void>): Promise<HttpEndpoint> {
    const endpoint = new HttpEndpoint(answers)
    endpoint.#server.listen(0, '127.0.0.1')
    await once(endpoint.#server, 'listening')

    return endpoint
  }

  private constructor(answers: Record<string, (response: ServerResponse) => void>) {
    this.#server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        const { url: path = '', headers, socket } = request
        this.asked.push({ path, headers, body, port: socket.remotePort })
        const answer = answers[path.slice(1)]
        if (answer) answer(response)
        else response.writeHead(404).end()
      })
    })
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  url(path: string): string {
    return `${this.origin}/${path}`
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Open connections. */
  get connections(): number {
    return this.#sockets.size
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Answers with JSON. */
export const json =
  (body: unknown, status = 200) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

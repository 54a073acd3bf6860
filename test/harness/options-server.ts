import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** A host that answers OPTIONS, and nothing else, with what the test says at the moment. */
export class OptionsServer {
  /** The status line's end, such as `404 Not Found`; '' for silence. */
  status = '200 OK'
  /** How many OPTIONS have come. */
  asked = 0
  #close: () => void = () => undefined

  static async udp(port: number): Promise<OptionsServer> {
    const host = new OptionsServer()
    const socket = createSocket('udp4')
    socket.on('message', (data, peer) => {
      const answer = host.#answer(data.toString('latin1'))
      if (answer !== '') socket.send(answer, peer.port, peer.address)
    })
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    host.#close = () => socket.close()

    return host
  }

  static tcp(port: number): Promise<OptionsServer> {
    return new OptionsServer().#listen(createServer(), 'connection', port)
  }

  static tls(port: number, options: TlsOptions): Promise<OptionsServer> {
    return new OptionsServer().#listen(createTlsServer(options), 'secureConnection', port)
  }

  close(): void {
    this.#close()
  }

  async #listen(server: Server, event: 'connection' | 'secureConnection', port: number): Promise<OptionsServer> {
    const sockets = new Set<Socket>()
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
    })
    server.on(event, (socket: Socket) => {
      // A request of Baton's comes in one segment on the loopback.
      socket.on('data', (data) => {
        const answer = this.#answer(data.toString('latin1'))
        if (answer !== '') socket.write(answer)
      })
      socket.on('error', () => undefined)
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    this.#close = () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    }

    return this
  }

  #answer(request: string): string {
    if (!request.startsWith('OPTIONS ')) return ''
    this.asked += 1
    if (this.status === '') return ''
    const copied = request.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/i.test(line))
    const tagged = copied.map((line) => (/^To:/i.test(line) ? `${line};tag=host` : line))

    return [`SIP/2.0 ${this.status}`, ...tagged, 'Content-Length: 0', '', ''].join('\r\n')
  }
}

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** Connections that may be open at once; those beyond are closed as they come. */
const mostConnections = 1000

/** Where applications connect. `tls` asks for TLS. */
export interface AdminPortOptions {
  address: string
  /** 0 for any that is free. */
  port: number
  tls?: Pick<TlsOptions, 'key' | 'cert' | 'ca' | 'minVersion' | 'ciphers'> | undefined
}

/** A listener for applications. */
export class AdminPort {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  /** Rejects, naming the address, when it cannot be had. */
  static async open(
    options: AdminPortOptions,
    keepAlive: number,
    onSocket: (socket: Socket) => void,
  ): Promise<AdminPort> {
    const { address, port, tls } = options
    const server = tls ? createTlsServer(tls) : createServer()
    const admin = new AdminPort(server)
    server.maxConnections = mostConnections
    server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      admin.#sockets.add(socket)
      socket.on('close', () => admin.#sockets.delete(socket))
      socket.setKeepAlive(keepAlive > 0, keepAlive)
      onSocket(socket)
    })
    // A peer that breaks off its handshake is no concern of the others.
    server.on('tlsClientError', () => undefined)
    server.listen(port, address)
    try {
      await once(server, 'listening')
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`cannot listen for applications on ${address}:${port}: ${why}`, { cause: error })
    }
    server.on('error', () => undefined)

    return admin
  }

  /** The port that it really has. */
  get port(): number {
    const address = this.#server.address()

    return address && typeof address === 'object' ? address.port : 0
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroySoon()
    await closed
  }
}

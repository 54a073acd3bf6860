import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** Connections that may be open at once; those beyond are closed as they come. */
const maxConnections = 1000
/** How long a TLS handshake may take. Milliseconds. */
const handshakeTimeoutMs = 5_000

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
  /** By the peer's `address:port`; with TLS, the plain socket until its handshake is over. */
  readonly #sockets: ReadonlyMap<string, Socket>

  private constructor(server: Server, sockets: ReadonlyMap<string, Socket>) {
    this.#server = server
    this.#sockets = sockets
  }

  /** Rejects, naming the address, when it cannot be had. */
  static async open(
    options: AdminPortOptions,
    keepAlive: number,
    onSocket: (socket: Socket, onAuthenticated: () => void) => void,
  ): Promise<AdminPort> {
    const { address, port, tls } = options
    const unauthenticated = new UnauthenticatedConnections()
    const sockets = new Map<string, Socket>()
    const take = (socket: Socket): void => {
      const peer = peerOf(socket)
      sockets.set(peer.name, socket)
      socket.setKeepAlive(keepAlive > 0, keepAlive)
      onSocket(socket, () => unauthenticated.release(peer))
    }
    const secure = tls && createTlsServer({ ...tls, handshakeTimeout: handshakeTimeoutMs }, take)
    // A peer that breaks off its handshake is no concern of the others.
    secure?.on('tlsClientError', () => undefined)
    const server = createServer((socket) => {
      const peer = peerOf(socket)
      if (!unauthenticated.admit(peer)) {
        socket.destroy()
        return
      }
      sockets.set(peer.name, socket)
      socket.on('close', () => {
        sockets.delete(peer.name)
        unauthenticated.release(peer)
      })
      if (secure) secure.emit('connection', socket)
      else take(socket)
    })
    server.maxConnections = maxConnections
    server.listen(port, address)
    try {
      await once(server, 'listening')
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`cannot listen for applications on ${address}:${port}: ${why}`, { cause: error })
    }
    server.on('error', () => undefined)

    return new AdminPort(server, sockets)
  }

  /** The port that it really has. */
  get port(): number {
    const address = this.#server.address()

    return address && typeof address === 'object' ? address.port : 0
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets.values()) socket.destroySoon()
    await closed
  }
}

function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): ConnectionPeer {
  return { address: remoteAddress, name: `${remoteAddress}:${remotePort}` }
}

/** Connections of one address that have not authenticated; those beyond are closed as they come. */
const maxUnauthenticatedPerAddress = 64
/** Connections of all addresses that have not authenticated: half of those that a port takes remain for applications. */
const maxUnauthenticated = 500

/** The other end of a connection. */
export interface ConnectionPeer {
  readonly address: string
  /** `address:port`. */
  readonly name: string
}

/** Counts the connections to an application port from their acceptance, TLS handshake included, until they authenticate. */
export class UnauthenticatedConnections {
  /** Names of peers. */
  readonly #pending = new Set<string>()
  readonly #perSource = new Map<string, number>()

  /** False when the connection is one too many. */
  admit({ address, name }: ConnectionPeer): boolean {
    const ofSource = this.#perSource.get(address) ?? 0
    if (ofSource >= maxUnauthenticatedPerAddress || this.#pending.size >= maxUnauthenticated) return false
    this.#pending.add(name)
    this.#perSource.set(address, ofSource + 1)

    return true
  }

  /** The connection has authenticated, or is gone. Idempotent. */
  release({ address, name }: ConnectionPeer): void {
    if (!this.#pending.delete(name)) return
    const ofSource = (this.#perSource.get(address) ?? 1) - 1
    if (ofSource === 0) this.#perSource.delete(address)
    else this.#perSource.set(address, ofSource)
  }
}

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** Open connections of one port; further ones are closed at once. */
const maxConnections = 1000
const handshakeTimeoutMs = 5_000

/** An address where applications connect, with TLS if `tls` is given. */
export interface AdminPortOptions {
  address: string
  /** 0 for a free port. */
  port: number
  tls?: Pick<TlsOptions, 'key' | 'cert' | 'ca' | 'minVersion' | 'ciphers'> | undefined
}

/** A listener for connections of applications. */
export class AdminPort {
  readonly #server: Server
  /** By the peer's `address:port`; with TLS, the plain socket until the handshake is complete. */
  readonly #sockets: ReadonlyMap<string, Socket>

  private constructor(server: Server, sockets: ReadonlyMap<string, Socket>) {
    this.#server = server
    this.#sockets = sockets
  }

  /** Rejects with an error that names the address when it is not available. */
  static async open(
    options: AdminPortOptions,
    keepAliveMs: number,
    onSocket: (socket: Socket, onAuthenticated: () => void) => void,
  ): Promise<AdminPort> {
    const { address, port, tls } = options
    const unauthenticated = new UnauthenticatedConnections()
    const sockets = new Map<string, Socket>()
    const accept = (socket: Socket): void => {
      const peer = peerOf(socket)
      sockets.set(peer.name, socket)
      socket.setKeepAlive(keepAliveMs > 0, keepAliveMs)
      onSocket(socket, () => unauthenticated.release(peer))
    }
    const secure = tls && createTlsServer({ ...tls, handshakeTimeout: handshakeTimeoutMs }, accept)
    // A handshake that fails closes its own connection only.
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
      else accept(socket)
    })
    server.maxConnections = maxConnections
    server.listen(port, address)
    try {
      await once(server, 'listening')
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`cannot listen for applications on ${address}:${port}: ${reason}`, { cause: error })
    }
    server.on('error', () => undefined)

    return new AdminPort(server, sockets)
  }

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

/** Unauthenticated connections of one address; further ones are closed at once. */
const maxUnauthenticatedPerAddress = 64
/** Unauthenticated connections of all addresses: half of `maxConnections` remains for applications. */
const maxUnauthenticated = 500

/** The application's end of a connection. */
interface ConnectionPeer {
  readonly address: string
  /** `address:port`. */
  readonly name: string
}

/** Counts connections from their acceptance, before the TLS handshake, until they authenticate. */
export class UnauthenticatedConnections {
  /** Names of the peers. */
  readonly #pending = new Set<string>()
  readonly #perSource = new Map<string, number>()

  /** False when a limit is reached. */
  admit({ address, name }: ConnectionPeer): boolean {
    const ofSource = this.#perSource.get(address) ?? 0
    if (ofSource >= maxUnauthenticatedPerAddress || this.#pending.size >= maxUnauthenticated) return false
    this.#pending.add(name)
    this.#perSource.set(address, ofSource + 1)

    return true
  }

  /** The connection has authenticated, or is closed. Idempotent. */
  release({ address, name }: ConnectionPeer): void {
    if (!this.#pending.delete(name)) return
    const ofSource = (this.#perSource.get(address) ?? 1) - 1
    if (ofSource === 0) this.#perSource.delete(address)
    else this.#perSource.set(address, ofSource)
  }
}

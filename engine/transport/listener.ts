import type { Server, Socket } from 'node:net'
import type { Connection } from './connection.ts'
import { ConnectionLimits } from './connection-limits.ts'
import type { Endpoint, Target, Transport } from './endpoint.ts'
import type { SentBy } from './flow.ts'
import type { Hub } from './hub.ts'
import { localAddressTowards } from './local-address.ts'
import type { TlsOptions } from './tls-credentials.ts'

export interface ListenOptions {
  readonly transport: Transport
  /** An IP address of ours; `0.0.0.0` and `::` for all. */
  readonly address: string
  /** 0 for any that is free. */
  readonly port: number
  /** What peers are told to use, behind a NAT. Our own address and port when left out. */
  readonly advertised?: { readonly host: string; readonly port?: number }
  /** For `tls` and `wss`, which cannot do without. */
  readonly tls?: TlsOptions
}

/** A socket that takes messages. */
export interface Listener {
  readonly transport: Transport
  /** Where it really listens. */
  readonly local: Endpoint
  /** What to write into Via and Contact towards a peer. */
  advertisedTo(remote: string): SentBy
  /** Reads certificates and keys again; the old ones stay, and this rejects, when the new ones are not right. */
  reload?(): Promise<void>
  /** Idempotent. Takes nothing more, and closes the connections that it has taken. */
  close(): Promise<void>
}

/** A listener for connections; it makes them as well. */
export interface ConnectingListener extends Listener {
  /** A connection that is being made when this returns; what is sent meanwhile waits. */
  connect(target: Target): Connection
}

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

/** `Listener.advertisedTo` for a listener at `local`. */
export function advertisedAddress(options: ListenOptions, local: Endpoint, remote: string): SentBy {
  const { advertised } = options
  if (advertised) return { host: advertised.host, port: advertised.port ?? local.port }

  return { host: isWildcard(local.address) ? localAddressTowards(remote) : local.address, port: local.port }
}

/** Where a server that is listening does so. */
export function localEndpoint(server: Server): Endpoint {
  const local = server.address()
  if (local === null || typeof local === 'string') throw new Error('it listens on no IP address')

  return { address: local.address, port: local.port }
}

/** Connections are made from the listener's own address, so that the peer sees the one it was told. */
export function sourceAddress(local: Endpoint): { localAddress?: string } {
  return isWildcard(local.address) ? {} : { localAddress: local.address }
}

/** What all servers have in common: bounds, errors that must not stop any, and an end to all connections at `close`. */
export class ServerSockets {
  readonly #server: Server
  // Those still at a handshake too, of which nobody else knows.
  readonly #sockets = new Set<Socket>()

  constructor(server: Server, { stats, settings }: Hub) {
    this.#server = server
    server.maxConnections = settings.maxConnections
    server.on('drop', () => stats.connectionsRefused++)
    // Accepting one connection failed, for want of file descriptors: the others go on.
    server.on('error', () => stats.failures++)
    const limits = new ConnectionLimits(settings)
    server.on('connection', (socket) => {
      if (!limits.take(socket)) {
        stats.connectionsRefused++
        socket.destroy()
        return
      }
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

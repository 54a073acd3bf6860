import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, createServer, type TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import { defaultLimits } from '../../engine/message/parse.ts'
import { StreamFramer } from '../../engine/transport/stream-framer.ts'
import type { PemFiles } from '../../engine/transport/tls-credentials.ts'
import { readFileSync } from 'node:fs'
import { RawPeer, type Wire } from '../engine/user-agent/raw-peer.ts'

export type Connecting = 'tcp' | 'tls' | 'ws' | 'wss'

interface Trust {
  /** PEM file of the authority that the other side's certificate must come from. */
  authority: string
  /** What is shown as a client. */
  own?: PemFiles
  /** The name that is asked for (SNI). */
  name?: string
}

/** A peer behind a NAT: its Contact is an address that cannot be reached, and only its connection leads to it. */
const hidden = () => ({ host: 'hidden.invalid', port: nextHidden++ })
let nextHidden = 5061

/** A peer that has connected to `at` (`address:port`) by a socket of Node's own. */
export async function connectedPeer(transport: Connecting, at: string, trust?: Trust): Promise<RawPeer> {
  const [host = '', port = ''] = at.split(':')
  const uri = `sip:${at}`
  const secure = trust && {
    ca: readFileSync(trust.authority),
    ...(trust.own && { cert: readFileSync(trust.own.certificate), key: readFileSync(trust.own.key) }),
    ...(trust.name !== undefined && { servername: trust.name }),
  }
  if (transport === 'ws' || transport === 'wss') {
    const websocket = new WebSocket(`${transport}://${at}/`, 'sip', { ...secure })
    await once(websocket, 'open')

    return websocketPeer(websocket, transport === 'ws' ? 'WS' : 'WSS', uri)
  }
  const socket = transport === 'tcp' ? connect(Number(port), host) : connectTls({ host, port: Number(port), ...secure })
  await once(socket, transport === 'tcp' ? 'connect' : 'secureConnect')

  return streamPeer(socket, { transport: transport === 'tcp' ? 'TCP' : 'TLS', ...hidden() }, uri)
}

/** A TLS server of Node's own, and the peer at the other end of each connection that it takes. */
export class TlsPeers {
  readonly uri: string
  readonly taken: RawPeer[] = []
  readonly #server: ReturnType<typeof createServer>
  #waiting: ((peer: RawPeer) => void)[] = []

  static async open(files: PemFiles, authority: string): Promise<TlsPeers> {
    const server = createServer({
      cert: readFileSync(files.certificate),
      key: readFileSync(files.key),
      ca: readFileSync(authority),
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')

    return new TlsPeers(server)
  }

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    this.uri = `sip:raw@127.0.0.1:${port};transport=tls`
    server.on('tlsClientError', () => undefined)
    server.on('secureConnection', (socket) => {
      const peer = streamPeer(socket, { transport: 'TLS', host: '127.0.0.1', port }, `sip:127.0.0.1:${port}`)
      this.taken.push(peer)
      for (const resolve of this.#waiting.splice(0)) resolve(peer)
    })
  }

  /** The first connection that was taken, or will be. */
  first(): Promise<RawPeer> {
    const [peer] = this.taken

    return peer ? Promise.resolve(peer) : new Promise((resolve) => this.#waiting.push(resolve))
  }

  close(): void {
    for (const peer of this.taken) peer.close()
    this.#server.close()
  }
}

/** The peer at the other end of a connection. */
export function streamPeer(
  socket: Socket | TLSSocket,
  own: Pick<Wire, 'transport' | 'host' | 'port'>,
  uri: string,
): RawPeer {
  socket.on('error', () => undefined)
  const peer = new RawPeer(
    {
      ...own,
      send: (data) => socket.write(data),
      close: () => socket.destroy(),
    },
    uri,
  )
  const framer = new StreamFramer(defaultLimits, {
    message: (data) => {
      peer.take(data)
    },
    ping: () => undefined,
    broken: ({ reason }) => {
      throw new Error(`Baton's stream broke: ${reason}`)
    },
  })
  socket.on('data', (data: Buffer) => {
    framer.push(data)
  })

  return peer
}

function websocketPeer(websocket: WebSocket, transport: 'WS' | 'WSS', uri: string): RawPeer {
  websocket.on('error', () => undefined)
  const peer = new RawPeer(
    {
      ...hidden(),
      transport,
      send: (data) => {
        websocket.send(data)
      },
      close: () => {
        websocket.terminate()
      },
    },
    uri,
  )
  websocket.on('message', (data: Buffer) => {
    peer.take(data)
  })

  return peer
}

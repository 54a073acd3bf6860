import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from '../flow/index.ts'

/** Bounds on the clients of an HTTP listener. */
export interface HttpBounds {
  /** Connections at once. */
  connections: number
  /** Connections at once from one source: an IPv4 address, or the /64 of an IPv6 address (RFC 6177). */
  connectionsBySource: number
  /** A client that reads nothing of its answer for so long is cut off; 15 s when left out. */
  stalledWriteMs?: number
}

export const defaultHttpBounds: HttpBounds = { connections: 512, connectionsBySource: 128 }

/** Why a connection was refused or cut off. */
type HttpCutOff = 'connections' | 'connections_by_source' | 'pipelined' | 'stalled'

/** Requests that may wait on a connection for the answer to the one before (RFC 9112 9.3.2). */
const maxPipelinedRequests = 16
const defaultStalledWriteMs = 15_000
const sweepIntervalMs = 1_000
const parsedPieceBytes = 4_096
/** The head of a request must have come within this time, and the whole of it within the next. */
const headersTimeoutMs = 10_000
const requestTimeoutMs = 30_000

/**
 * Enforces the bounds of an HTTP server: connections at once, pipelined requests of a connection, and the time that an answer
 * may wait for a slow reader. A connection has one answer at a time, which bounds the waiting data.
 */
export function boundHttpServer(server: Server, bounds: HttpBounds, cutOff: (why: HttpCutOff) => void): void {
  const connections = new Map<Socket, HttpConnection>()
  const sources = new Map<string, number>()
  const { stalledWriteMs = defaultStalledWriteMs } = bounds
  server.maxConnections = bounds.connections
  server.headersTimeout = headersTimeoutMs
  server.requestTimeout = requestTimeoutMs
  server.on('drop', () => cutOff('connections'))

  intercept<[Socket]>(server, 'connection', (accept, socket) => {
    const source = networkOf(socket.remoteAddress ?? '')
    const count = sources.get(source) ?? 0
    if (count >= bounds.connectionsBySource) {
      cutOff('connections_by_source')
      socket.destroy()

      return
    }
    sources.set(source, count + 1)
    connections.set(socket, new HttpConnection(socket, cutOff))
    socket.once('close', () => {
      connections.delete(socket)
      const left = (sources.get(source) ?? 1) - 1
      if (left > 0) sources.set(source, left)
      else sources.delete(source)
    })
    accept(socket)
    parseInPieces(socket)
  })

  intercept<[IncomingMessage, ServerResponse]>(server, 'request', (serve, request, response) => {
    const connection = connections.get(request.socket)
    if (connection) connection.add(response, () => serve(request, response))
    else serve(request, response)
  })

  const sweep = setInterval(() => {
    const now = performance.now()
    for (const connection of connections.values()) connection.cutOffStalled(now, stalledWriteMs)
  }, sweepIntervalMs).unref()
  server.on('close', () => clearInterval(sweep))
}

/** A client's connection, whose requests are answered one after the other. */
class HttpConnection {
  readonly #socket: Socket
  readonly #cutOff: (why: HttpCutOff) => void
  readonly #waiting: { response: ServerResponse; serve: () => void }[] = []
  #isAnswering = false
  /** Since when the client has read nothing of the waiting bytes. */
  #stalledSince: number | undefined

  constructor(socket: Socket, cutOff: (why: HttpCutOff) => void) {
    this.#socket = socket
    this.#cutOff = cutOff
    socket.on('drain', () => (this.#stalledSince = undefined))
  }

  add(response: ServerResponse, serve: () => void): void {
    if (this.#socket.destroyed) return
    if (this.#waiting.length >= maxPipelinedRequests) {
      this.#cutOff('pipelined')
      this.#waiting.length = 0
      this.#socket.destroy()

      return
    }
    this.#waiting.push({ response, serve })
    if (!this.#isAnswering) this.#answerNext()
  }

  cutOffStalled(now: number, stalledWriteMs: number): void {
    if (this.#socket.writableLength === 0) this.#stalledSince = undefined
    else this.#stalledSince ??= now
    if (this.#stalledSince === undefined || now - this.#stalledSince < stalledWriteMs) return
    this.#cutOff('stalled')
    this.#socket.destroy()
  }

  #answerNext(): void {
    const next = this.#socket.destroyed ? undefined : this.#waiting.shift()
    this.#isAnswering = next !== undefined
    if (!next) return
    // A response closes after its last byte went to the system, or with its connection.
    next.response.once('close', () => this.#answerNext())
    next.serve()
  }
}

/**
 * Node's parser makes a request and a response object for every request in a chunk of 64 KB, even after the first request got
 * the connection destroyed. When a chunk is parsed in pieces, the rest is skipped then.
 */
function parseInPieces(socket: Socket): void {
  const parsers = socket.listeners('data') as ((chunk: Buffer) => void)[]
  socket.removeAllListeners('data')
  socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length && !socket.destroyed; at += parsedPieceBytes) {
      for (const parse of parsers) parse.call(socket, chunk.subarray(at, at + parsedPieceBytes))
    }
  })
}

/** Puts `handler` before the one listener that Node's server has for an event. */
function intercept<Args extends unknown[]>(
  server: Server,
  event: 'connection' | 'request',
  handler: (next: (...args: Args) => void, ...args: Args) => void,
): void {
  const listeners = server.listeners(event) as ((...args: Args) => void)[]
  server.removeAllListeners(event)
  const next = (...args: Args): void => {
    for (const listener of listeners) listener.apply(server, args)
  }
  server.on(event, ((...args: Args) => {
    handler(next, ...args)
  }) as unknown as RequestListener)
}

import { createSocket } from 'node:dgram'
import { defaultLimits, type MessageLimits } from '../message/index.ts'
import type { AnswerTo } from './response-routing.ts'
import type { SourcePolicy } from './sources.ts'

/** Times are milliseconds, sizes bytes. */
export interface TransportSettings {
  readonly limits: MessageLimits
  /** Requests larger than this go by a connection when there is one to be had (RFC 3261 18.1.1). */
  readonly udpMaximum: number
  /** Where requests over UDP without `rport` are answered. */
  readonly answerTo: AnswerTo
  /** SO_RCVBUF of UDP sockets; the kernel may give less. */
  readonly udpReceiveBuffer: number
  /** A connection on which nothing happens is closed. */
  readonly idleTimeout: number
  /** A message that has begun must be whole after this. */
  readonly messageTimeout: number
  readonly connectTimeout: number
  /** Connections that one listener takes. */
  readonly maxConnections: number
  /** Whose connections are bounded by where they come from; none when left out. */
  readonly sources?: SourcePolicy | undefined
  /** Makes UDP sockets; another one in tests that have no network. */
  readonly createSocket: typeof createSocket
  /** What may wait to be written to a peer that does not read, before its connection is closed. */
  readonly maxUnsent: number
}

export const defaultSettings: TransportSettings = {
  limits: defaultLimits,
  createSocket,
  udpMaximum: 1300,
  answerTo: 'auto',
  udpReceiveBuffer: 4 * 1024 * 1024,
  idleTimeout: 600_000,
  messageTimeout: 30_000,
  connectTimeout: 5_000,
  maxConnections: 10_000,
  maxUnsent: 1024 * 1024,
}

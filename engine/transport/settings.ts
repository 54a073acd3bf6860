import { createSocket } from 'node:dgram'
import { defaultLimits, type MessageLimits } from '../message/index.ts'
import type { AnswerTo } from './response-routing.ts'
import type { SourcePolicy } from './sources.ts'

/** Times are milliseconds, sizes bytes. */
export interface TransportSettings {
  readonly limits: MessageLimits
  /** Longer requests go by TCP instead of UDP where possible (RFC 3261 18.1.1). */
  readonly udpMaximum: number
  /** The address to which requests over UDP without `rport` are answered. */
  readonly answerTo: AnswerTo
  /** SO_RCVBUF of UDP sockets; the kernel may give less. */
  readonly udpReceiveBuffer: number
  /** A connection without traffic for so long is closed. */
  readonly idleTimeout: number
  /** A message on a stream must be complete within this time. */
  readonly messageTimeout: number
  readonly connectTimeout: number
  /** Connections that one listener accepts. */
  readonly maxConnections: number
  /** Limits by source; none when left out. */
  readonly sources?: SourcePolicy | undefined
  /** Makes UDP sockets; tests without a network bring another one. */
  readonly createSocket: typeof createSocket
  /** Unsent data after which the connection of a peer that does not read is closed. */
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

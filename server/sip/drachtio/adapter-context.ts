import type { Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import type { Clock, Request, SourcePolicy } from '../../../engine/index.ts'
import type { Guard } from '../../guard.ts'
import type { DrachtioConnection, DeliveryQueue } from './drachtio-connection.ts'
import { sizeOf } from './outgoing-text.ts'

interface AdapterLog {
  warn(message: string, fields?: object): unknown
  error(message: string, fields?: object): unknown
}

/** Something that lives on one connection to a server, and ends with it. */
export interface PendingRequest {
  readonly socket: Socket
  /** The connection is gone: it ends, and whoever waits for it is told. */
  connectionLost(): void
}

/** Somebody whom a CANCEL concerns: an INVITE that came. */
export interface CancellableInvite {
  cancelled(cancel: Request): void
}

/** Somebody who hears of requests in a dialog. */
export interface RequestReceiver extends PendingRequest {
  receive(req: Srf.Req, res: Srf.Res, message: Request): void
}

/** What the parts of the adapter share. */
export interface AdapterContext {
  readonly clock: Clock
  readonly log: AdapterLog
  /** Milliseconds: RFC 3261 17.1.1.1. */
  readonly t1: number
  /** Seconds: the shortest session interval that is agreed to (RFC 4028). */
  readonly minSession: number
  readonly userAgent: string
  readonly connection: DrachtioConnection
  readonly deliveries: DeliveryQueue
  /** Whose messages are taken; anybody's when left out. */
  readonly sources: SourcePolicy | undefined
  /** Starts what is asynchronous; what that rejects with is logged. */
  readonly guard: Guard
  /** By the server's dialog id. */
  readonly dialogs: Map<string, RequestReceiver>
  /** Those that are over, in which a NOTIFY of a REFER of ours may still come. */
  readonly late: Map<string, RequestReceiver & { readonly localTag: string; readonly remoteTag: string }>
  /** INVITEs that came, by the server's transaction id, until their final response. */
  readonly invites: Map<string, CancellableInvite>
  /** All that would wait for ever if its connection went away. */
  readonly pendingRequests: Set<PendingRequest>
}

/** From here on a busy server may cut the connection: it reads into a ring of 12 KB, 8 KB at a time. */
const largeFrameBytes = 4096
/** What it cannot take at all. */
const maxFrameBytes = 12_000

/** Whether the server can take it; says so in the log when it is more than it takes well. */
export function fits(context: AdapterContext, what: string, callId: string, sent: Srf.Outgoing): boolean {
  const size = sizeOf(sent)
  if (size <= largeFrameBytes) return true
  const fields = { what, callId, bytes: size }
  if (size <= maxFrameBytes) context.log.warn('a message of more than 4 KB: a drachtio server may lose it', fields)
  else context.log.error('not sent: no drachtio server takes a message of 12 KB', fields)

  return size <= maxFrameBytes
}

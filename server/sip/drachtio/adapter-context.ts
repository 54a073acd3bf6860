import type { Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import type { Clock, ReferredDialogs, Request, SourcePolicy } from '../../../engine/index.ts'
import type { Guard } from '../../guard.ts'
import type { AdapterLog, DrachtioConnection, OrderedDelivery } from './drachtio-connection.ts'
import { sizeOf } from './outgoing-text.ts'

/** A request or dialog on one connection to a server; it ends with the connection. */
export interface PendingRequest {
  readonly socket: Socket
  /** Ends the request or dialog, and tells its user. */
  connectionLost(): void
}

/** A received INVITE, which a CANCEL may end. */
export interface CancellableInvite {
  cancelled(cancel: Request): void
}

/** A dialog, or what is left of one, that takes requests. */
export interface RequestReceiver extends PendingRequest {
  receive(req: Srf.Req, res: Srf.Res, message: Request): void
}

/** The objects that all parts of the adapter share. */
export interface AdapterContext {
  readonly clock: Clock
  readonly log: AdapterLog
  /** Milliseconds: RFC 3261 17.1.1.1. */
  readonly t1: number
  /** Seconds: the shortest session interval that is agreed to (RFC 4028). */
  readonly minSession: number
  readonly userAgent: string
  readonly connection: DrachtioConnection
  readonly deliveries: OrderedDelivery
  /** Restricts the sources of messages; every source is taken when left out. */
  readonly sources: SourcePolicy | undefined
  /** Starts asynchronous work, and logs its errors. */
  readonly guard: Guard
  /** By the server's dialog id. */
  readonly dialogs: Map<string, RequestReceiver>
  /** Ended dialogs, in which a NOTIFY of our REFER may still come; by the server's dialog id. */
  readonly late: ReferredDialogs<RequestReceiver & { readonly localTag: string; readonly remoteTag: string }>
  /** Received INVITEs, by the server's transaction id, until their final response. */
  readonly invites: Map<string, CancellableInvite>
  /** Requests that would wait for ever if their connection went away. */
  readonly pendingRequests: Set<PendingRequest>
}

/** Above this size a busy server may cut the connection: it reads into a ring of 12 KB, 8 KB at a time. */
const largeFrameBytes = 4096
/** The server refuses larger frames. */
const maxFrameBytes = 12_000

/** Whether the server can take a message; logs a message that it may lose. */
export function fits(context: AdapterContext, what: string, callId: string, sent: Srf.Outgoing): boolean {
  const size = sizeOf(sent)
  if (size <= largeFrameBytes) return true
  const fields = { what, callId, bytes: size }
  if (size <= maxFrameBytes) context.log.warn('a message of more than 4 KB: a drachtio server may lose it', fields)
  else context.log.error('not sent: no drachtio server takes a message of 12 KB', fields)

  return size <= maxFrameBytes
}

import type { Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import type { Clock, Request, SourcePolicy } from '../../../engine/index.ts'
import type { Guard } from '../../guard.ts'
import type { Connection } from './connection.ts'
import { sizeOf } from './outgoing-text.ts'
import type { Turns } from './turns.ts'

interface Log {
  warn(message: string, fields?: object): unknown
  error(message: string, fields?: object): unknown
}

/** Something that lives on one connection to a server, and ends with it. */
export interface Tenant {
  readonly socket: Socket
  /** The connection is gone: it ends, and whoever waits for it is told. */
  connectionLost(): void
}

/** Somebody whom a CANCEL concerns: an INVITE that came. */
export interface Cancellable {
  cancelled(cancel: Request): void
}

/** Somebody who hears of requests in a dialog. */
export interface InDialog extends Tenant {
  receive(req: Srf.Req, res: Srf.Res, message: Request): void
}

/** What the parts of the adapter share. */
export interface Site {
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds: RFC 3261 17.1.1.1. */
  readonly t1: number
  /** Seconds: the shortest session interval that is agreed to (RFC 4028). */
  readonly minSession: number
  readonly userAgent: string
  readonly connection: Connection
  readonly turns: Turns
  /** Whose messages are taken; anybody's when left out. */
  readonly sources: SourcePolicy | undefined
  /** Starts what is asynchronous; what that rejects with is logged. */
  readonly guard: Guard
  /** By the server's dialog id. */
  readonly dialogs: Map<string, InDialog>
  /** Those that are over, in which a NOTIFY of a REFER of ours may still come. */
  readonly late: Map<string, InDialog & { readonly localTag: string; readonly remoteTag: string }>
  /** INVITEs that came, by the server's transaction id, until their final response. */
  readonly invites: Map<string, Cancellable>
  /** All that would wait for ever if its connection went away. */
  readonly tenants: Set<Tenant>
}

/** From here on a busy server may cut the connection: it reads into a ring of 12 KB, 8 KB at a time. */
export const largeFrame = 4096
/** What it cannot take at all. */
export const hugeFrame = 12_000

/** Whether the server can take it; says so in the log when it is more than it takes well. */
export function fits(site: Site, what: string, callId: string, sent: Srf.Outgoing): boolean {
  const size = sizeOf(sent)
  if (size <= largeFrame) return true
  const fields = { what, callId, bytes: size }
  if (size <= hugeFrame) site.log.warn('a message of more than 4 KB: a drachtio server may lose it', fields)
  else site.log.error('not sent: no drachtio server takes a message of 12 KB', fields)

  return size <= hugeFrame
}

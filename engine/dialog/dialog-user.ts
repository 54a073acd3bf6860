import type { Request } from '../message/index.ts'
import type { ClientRequest } from './client-request.ts'
import { type HeaderList, noop } from './core.ts'
import type { ServerInvite, ServerRequest } from './server-request.ts'

export type StackReason = 'ack_timeout' | 'session_expired' | 'connection_lost' | 'refused'

export type DialogEnd =
  | { by: 'peer'; request: Request }
  /** `bye` is on its way, unless no flow led to the peer. */
  | { by: 'stack'; reason: StackReason; bye?: ClientRequest | undefined }

/** The owner of a dialog. */
export interface DialogUser {
  /** A request other than INVITE, ACK, BYE and CANCEL; it must be responded to. */
  request(request: ServerRequest): void
  /** A re-INVITE. */
  invite(invite: ServerInvite): void
  /** The ACK of a 2xx of ours, once. */
  ack?(ack: Request): void
  /** The peer's BYE, to be responded to; answered with 200 when this is left out. `ended` follows. */
  bye?(bye: ServerRequest): void
  /** Headers of the BYE that the stack sends by itself. */
  byeHeaders?(reason: StackReason): HeaderList
  /** Once: the peer or the stack has ended the dialog. Not after our own BYE. */
  ended(end: DialogEnd): void
}

/** The headers of a 500 to a request that may be sent again in a second. */
export const retrySoon = [['Retry-After', '1']] as const

/** Refuses requests for now: the dialog has no owner yet. */
export const noDialogUser: DialogUser = {
  request: (request) => void request.respond(500, { headers: retrySoon }),
  invite: (invite) => void invite.respond(500, { headers: retrySoon }),
  ended: noop,
}

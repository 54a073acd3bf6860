import type { Request } from '../message/index.ts'
import type { Flow } from '../transport/index.ts'
import type { InitialInvite, ServerRequest } from '../dialog/index.ts'

/** Whom the user agent serves. */
export interface UserAgentUser {
  /** An INVITE outside any dialog. */
  invite(invite: InitialInvite): void
  /** Any other request outside a dialog; it must be responded to. */
  request(request: ServerRequest): void
  /** Whether a request outside any dialog, such as an INVITE, gets no answer, because of who sent it. */
  ignores?(request: Request, flow: Flow): boolean
  /** A request with a To tag that no dialog of ours has; answered with 481 when this is left out. */
  stray?(request: ServerRequest): void
  /** An ACK of a 2xx that no dialog of ours has. */
  strayAck?(ack: Request): void
}

import type { InitialInvite, ServerRequest } from '../dialog/index.ts'

/** Whom the user agent serves. */
export interface UserAgentUser {
  /** An INVITE outside any dialog. */
  invite(invite: InitialInvite): void
  /** Any other request outside a dialog; it must be responded to. */
  request(request: ServerRequest): void
}

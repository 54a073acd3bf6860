export { ClientInvite, type InviteUser } from './client-invite.ts'
export { ClientRequest, newBranch } from './client-request.ts'
export {
  type Additions,
  type Core,
  type HeaderList,
  noop,
  noRequestUser,
  type RequestUser,
  type ResponseOptions,
} from './core.ts'
export {
  addCapabilities,
  addContact,
  addDefault,
  addTo,
  contactOf,
  defaultHeaders,
  ownHostPort,
  schemeOfRequest,
  viaOf,
} from './default-headers.ts'
export { Dialog } from './dialog.ts'
export {
  contactCarriers,
  dialogId,
  type DialogState,
  endsDialog,
  glareDelayMs,
  refreshTarget,
  remoteTargetIn,
  routeOf,
  takeRemoteCSeq,
  targetRefreshers,
  uacDialog,
  uasDialog,
} from './dialog-state.ts'
export {
  type DialogEntry,
  DialogTable,
  parseReplaces,
  type ReplaceableDialog,
  type Replaces,
  takeoverRefusal,
  understandsReplaces,
} from './dialog-table.ts'
export { type DialogEnd, type DialogUser, noDialogUser, retrySoon, type StackReason } from './dialog-user.ts'
export { InitialInvite, ReliableProvisional } from './initial-invite.ts'
export { AckRepeater, overlapRefusal } from './invite-session.ts'
export type { KeptDialog, KeptInvite } from './kept-dialog.ts'
export { ReferredDialogs } from './referred-dialogs.ts'
export type { FlowReuse } from './reusable-flow.ts'
export { ServerInvite, ServerRequest } from './server-request.ts'
export {
  agreedByPeer,
  agreeOnTimer,
  parseSessionExpires,
  raisedInterval,
  type SessionAgreement,
  SessionTimer,
  type SessionTimerUser,
  shortestSession,
  tooShortSession,
} from './session-timer.ts'

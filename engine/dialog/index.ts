export { ClientInvite, type InviteUser } from './client-invite.ts'
export { ClientRequest, newBranch, type RequestUser } from './client-request.ts'
export type { Additions, Core, HeaderList, ResponseOptions } from './core.ts'
export type { Dialog } from './dialog.ts'
export { DialogTable } from './dialog-table.ts'
export { type DialogEnd, type DialogUser, noDialogUser, type StackReason } from './dialog-user.ts'
export { InitialInvite } from './initial-invite.ts'
export { remoteTargetIn } from './dialog-state.ts'
export { requestRoute } from './dialog-state.ts'
export { defaultHeaders } from './default-headers.ts'
export type { FlowReuse } from './reusable-flow.ts'
export {
  type ReplaceableDialog,
  parseReplaces,
  takeoverRefusal,
  type Replaces,
  understandsReplaces,
} from './dialog-table.ts'
export { ServerInvite } from './server-request.ts'
export { ServerRequest } from './server-request.ts'

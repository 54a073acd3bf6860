export { type ClientUser, defaultTimers, type ServerUser, type TimerValues } from './context.ts'
export { cancelOf, InviteClientTransaction, InviteServerTransaction } from './invite-transactions.ts'
export type { NonInviteClientTransaction } from './non-invite-transactions.ts'
export { type LayerUser, type ServerTransaction, TransactionLayer } from './layer.ts'

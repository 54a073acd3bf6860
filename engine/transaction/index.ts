export { type ClientUser, defaultTimers, type ServerUser, type TimerValues } from './context.ts'
export { cancelOf, InviteClientTransaction } from './invite-client.ts'
export { InviteServerTransaction } from './invite-server.ts'
export { type LayerUser, type ServerTransaction, TransactionLayer } from './layer.ts'

export type { Clock, Timer } from './clock.ts'
export type { ClientUser, ServerUser } from './context.ts'
export { ackOf, cancelOf } from './derived-requests.ts'
export { InviteClientTransaction } from './invite-client.ts'
export { InviteServerTransaction } from './invite-server.ts'
export {
  type ClientTransaction,
  type LayerUser,
  type Output,
  type ServerTransaction,
  TransactionLayer,
} from './layer.ts'
export { defaultTimers, type TimerValues } from './timers.ts'
export { TimerWheel } from './timer-wheel.ts'
export { isoTime, wallTime } from './wall-time.ts'

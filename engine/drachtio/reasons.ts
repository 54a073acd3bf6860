import type { StackReason } from '../dialog/index.ts'

/** Why a call is over, in the words of drachtio-server's call records. */
export type StopReason =
  | 'call-rejected'
  | 'call-canceled'
  | 'normal-release'
  | 'session-expired'
  | 'system-initiated-termination'
  | 'system-error-initiated-termination'

/** Reason of the BYE with which the engine ends a dialog. drachtio-srf hands the text between the quotes to applications. */
export const endReasons: Readonly<Record<StackReason, { header: string; stop: StopReason }>> = {
  ack_timeout: { header: 'SIP ;cause=200 ;text="ACK timeout"', stop: 'system-initiated-termination' },
  session_expired: { header: 'SIP ;cause=200 ;text="Session timer expired"', stop: 'session-expired' },
  connection_lost: { header: 'SIP ;cause=503 ;text="Connection lost"', stop: 'system-error-initiated-termination' },
  refused: { header: 'SIP ;cause=481 ;text="Refused in the dialog"', stop: 'system-initiated-termination' },
}

export const cancelRace = 'SIP ;cause=200 ;text="ACK-BYE due to cancel race condition"'
export const clientLost = 'SIP ;cause=503 ;text="Application connection lost"'

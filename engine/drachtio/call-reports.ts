import type { Clock } from '../clock/index.ts'
import type { StackReason } from '../dialog/index.ts'
import type { Message } from '../message/index.ts'
import { type CallRecord, callRecord, type MessageSource } from './protocol/server-messages.ts'
import { deliveredText } from './protocol/sip-text.ts'

/** The part of a transaction that the engine has, in the words of drachtio-server's call records. */
export type TransactionRole = 'uac' | 'uas' | 'proxy-uac' | 'proxy-uas'

/** The reason why a call has ended, in the words of drachtio-server's call records. */
type StopReason =
  | 'call-rejected'
  | 'call-canceled'
  | 'normal-release'
  | 'session-expired'
  | 'system-initiated-termination'
  | 'system-error-initiated-termination'

/** The Reason of a BYE that the engine sends by itself. drachtio-srf gives the quoted text to applications. */
export const endReasons: Readonly<Record<StackReason, { header: string; stop: StopReason }>> = {
  ack_timeout: { header: 'SIP ;cause=200 ;text="ACK timeout"', stop: 'system-initiated-termination' },
  session_expired: { header: 'SIP ;cause=200 ;text="Session timer expired"', stop: 'session-expired' },
  connection_lost: { header: 'SIP ;cause=503 ;text="Connection lost"', stop: 'system-error-initiated-termination' },
  refused: { header: 'SIP ;cause=481 ;text="Refused in the dialog"', stop: 'system-initiated-termination' },
}
export const cancelRace = 'SIP ;cause=200 ;text="ACK-BYE due to cancel race condition"'
export const applicationLost = 'SIP ;cause=503 ;text="Application connection lost"'

/** Receives the progress of calls. `seconds` are counted from the INVITE. */
export interface ReportUser {
  /** The first response from 101 on. */
  progressed(direction: 'in' | 'out', seconds: number): void
  answered(direction: 'in' | 'out', seconds: number): void
  /** The payload of a `cdr:attempt`, `cdr:start` or `cdr:stop`; left out when the server makes no call records. */
  record?(kind: CallRecord['kind'], payload: string): void
}

/** Makes the reports of calls. */
export class CallReports {
  readonly #clock: Clock
  readonly #user: ReportUser

  constructor(clock: Clock, user: ReportUser) {
    this.#clock = clock
    this.#user = user
  }

  begin(invite: Message, role: TransactionRole): CallReport {
    return new CallReport(this.#clock, this.#user, invite, role)
  }

  /** A BYE of a proxied call, of which the server keeps no state, is forwarded: both sides of the call have ended. */
  byeForwarded(bye: Message): void {
    for (const source of ['network', 'application'] as const) {
      const stop = { kind: 'stop', reason: 'normal-release', text: deliveredText(bye) } as const
      this.#user.record?.('stop', callRecord(stop, source, this.#clock.now()))
    }
  }
}

/** The progress of one INVITE. Each step is reported once, and none after the end. */
export class CallReport {
  readonly #clock: Clock
  readonly #user: ReportUser
  #role: TransactionRole
  readonly #began: number
  #last: Message
  #state: 'attempted' | 'progressed' | 'answered' | 'stopped' = 'attempted'

  constructor(clock: Clock, user: ReportUser, invite: Message, role: TransactionRole) {
    this.#clock = clock
    this.#user = user
    this.#role = role
    this.#last = invite
    this.#began = clock.now()
    this.#record(this.isInbound ? 'network' : 'application', { kind: 'attempt', text: '' }, invite)
  }

  /** The INVITE is proxied. */
  proxied(): void {
    this.#role = 'proxy-uas'
  }

  progressed(): void {
    if (this.#state !== 'attempted') return
    this.#state = 'progressed'
    this.#user.progressed(this.#direction, this.#seconds)
  }

  answered(response: Message): void {
    this.progressed()
    if (this.#state !== 'progressed') return
    this.#state = 'answered'
    this.#user.answered(this.#direction, this.#seconds)
    const source = this.isInbound ? 'application' : 'network'
    this.#record(source, { kind: 'start', role: this.#role, text: '' }, response)
  }

  /** The call has ended, or was not answered. `message` is the one that ended it. */
  stopped(reason: StopReason, source: MessageSource, message?: Message): void {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.#record(source, { kind: 'stop', reason, text: '' }, message)
  }

  get isInbound(): boolean {
    return this.#role === 'uas' || this.#role === 'proxy-uas'
  }

  get #direction(): 'in' | 'out' {
    return this.isInbound ? 'in' : 'out'
  }

  get #seconds(): number {
    return (this.#clock.now() - this.#began) / 1000
  }

  #record(source: MessageSource, record: CallRecord, message = this.#last): void {
    if (!this.#user.record) return
    this.#last = message
    this.#user.record(record.kind, callRecord({ ...record, text: deliveredText(message) }, source, this.#clock.now()))
  }
}

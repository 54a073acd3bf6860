import type { Clock } from '../clock/index.ts'
import type { Message } from '../message/index.ts'
import { deliveredText } from './protocol/sip-text.ts'
import { type CallRecord, callRecord } from './protocol/server-messages.ts'
import type { StackReason } from '../dialog/index.ts'

export type MessageSource = 'network' | 'application'
export type TransactionRole = 'uac' | 'uas' | 'proxy-uac' | 'proxy-uas'

/** Who hears how calls go. Seconds from the INVITE. */
export interface ReportUser {
  /** The first sign of life: 101 to 199, or the answer. */
  progressed(direction: 'in' | 'out', seconds: number): void
  answered(direction: 'in' | 'out', seconds: number): void
  /** A record for whoever takes `cdr:attempt`, `cdr:start` or `cdr:stop`; only when records are asked for. */
  record?(kind: CallRecord['kind'], payload: string): void
}

/** Begins the reports of calls. */
export class CallReports {
  readonly #clock: Clock
  readonly #user: ReportUser

  constructor(clock: Clock, user: ReportUser) {
    this.#clock = clock
    this.#user = user
  }

  /** An INVITE has come (`network`) or been sent (`application`). */
  begin(invite: Message, role: TransactionRole): CallReport {
    return new CallReport(this.#clock, this.#user, invite, role)
  }

  /** A BYE of a call that was proxied, and of which nothing is kept, is passed on: it is over on both sides. */
  byeForwarded(bye: Message): void {
    for (const source of ['network', 'application'] as const) {
      const stop = { kind: 'stop', reason: 'normal-release', text: deliveredText(bye) } as const
      this.#user.record?.('stop', callRecord(stop, source, this.#clock.now()))
    }
  }
}

/** What becomes of one INVITE. Each thing is told once, and nothing after the end. */
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

  /** It is passed on: we are no party to it. */
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

  /** The call is over, or never was. `message` is what ended it. */
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

import type { Message } from '../message/index.ts'
import type { Clock } from '../transaction/index.ts'
import { deliveredText } from './delivered-text.ts'
import type { StopReason } from './reasons.ts'
import { type CallRecord, callRecord } from './server-messages.ts'

export type Source = 'network' | 'application'
export type Role = 'uac' | 'uas' | 'proxy-uac' | 'proxy-uas'

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
  begin(invite: Message, role: Role): CallReport {
    return new CallReport(this.#clock, this.#user, invite, role)
  }

  /** A BYE of a call that was proxied, and of which nothing is kept, is passed on: it is over on both sides. */
  passedOn(bye: Message): void {
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
  #role: Role
  readonly #began: number
  #last: Message
  #state: 'attempted' | 'progressed' | 'answered' | 'stopped' = 'attempted'

  constructor(clock: Clock, user: ReportUser, invite: Message, role: Role) {
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
  stopped(reason: StopReason, source: Source, message?: Message): void {
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

  #record(source: Source, record: CallRecord, message = this.#last): void {
    if (!this.#user.record) return
    this.#last = message
    this.#user.record(record.kind, callRecord({ ...record, text: deliveredText(message) }, source, this.#clock.now()))
  }
}

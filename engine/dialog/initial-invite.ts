import { randomInt } from 'node:crypto'
import { headerNames, type Request, type Response } from '../message/index.ts'
import type { Clock, Timer } from '../clock/index.ts'
import type { InviteServerTransaction, TimerValues } from '../transaction/index.ts'
import type { Core, ResponseOptions } from './core.ts'
import { contactOf, schemeOfDialog } from './default-headers.ts'
import { Dialog } from './dialog.ts'
import { uasDialog } from './dialog-state.ts'
import { type DialogUser, noDialogUser } from './dialog-user.ts'
import { flowToCaller } from './reusable-flow.ts'
import { ServerInvite, type ServerRequest } from './server-request.ts'

/** An INVITE outside any dialog: our first response with a tag makes one (RFC 3261 12.1.1). */
export class InitialInvite extends ServerInvite {
  /** 64*T1 went by without the PRACK of a provisional response; 504 has been sent (RFC 3262 3). `onCancel` when left out. */
  onUnacknowledged: (() => void) | undefined
  /** The dialog that our first response with a tag makes. */
  declare dialog: Dialog | undefined
  #dialogUser: DialogUser = noDialogUser
  /** The reliable responses, where the peer requires 100rel and the engine implements it (RFC 3262 3). */
  readonly #reliable: ReliableProvisional | undefined

  constructor(core: Core, request: Request, transaction: InviteServerTransaction) {
    super(core, request, transaction)
    const isRequired =
      request.has(headerNames.require) &&
      core.supports('100rel') &&
      request.list(headerNames.require).some((tag) => tag.toLowerCase() === '100rel')
    if (isRequired) {
      this.#reliable = new ReliableProvisional(core.clock, core.timers, {
        unacknowledged: () => {
          this.respond(504)
          if (this.onUnacknowledged) this.onUnacknowledged()
          else this.onCancel()
        },
      })
    }
  }

  /** The owner of the INVITE's dialog, from the early one on. */
  set dialogUser(user: DialogUser) {
    this.#dialogUser = user
    if (this.dialog) this.dialog.user = user
  }

  /** Undefined, too, for a response that waits for the PRACK of the one before. */
  override respond(status: number, options: ResponseOptions = {}): Response | undefined {
    const reliable = this.#reliable
    if (!reliable || status === 100) return super.respond(status, options)
    if (status >= 300) {
      reliable.stop()
      return super.respond(status, options)
    }
    let response: Response | undefined
    reliable.whenAcknowledged(() => {
      response = status < 200 ? this.#respondReliably(reliable, status, options) : super.respond(status, options)
    })

    return response
  }

  override acknowledged(prack: ServerRequest): boolean {
    const reliable = this.#reliable
    if (!reliable?.matches(prack.request.header('RAck') ?? '', this.request.cseq?.number)) return false
    // Our response has answered the offer of the INVITE: a body in the PRACK is another offer, which no user expects.
    prack.respond(prack.request.body ? 488 : 200)
    reliable.acknowledged()

    return true
  }

  override timeout(): void {
    super.timeout()
    this.#reliable?.stop()
    this.dialog?.close()
  }

  protected override beforeSending(response: Response): void {
    const { status } = response
    if (status > 100 && status < 300) this.#openDialog(response)
    super.beforeSending(response)
    if (status >= 300) this.dialog?.close()
  }

  #respondReliably(reliable: ReliableProvisional, status: number, options: ResponseOptions): Response | undefined {
    const headers: [string, string][] = [
      ['Require', '100rel'],
      ['RSeq', String(reliable.nextRSeq())],
    ]
    const response = super.respond(status, { ...options, headers: [...(options.headers ?? []), ...headers] })
    if (response) {
      reliable.sent(() => {
        this.transaction.respond(response)
      })
    }

    return response
  }

  #openDialog(response: Response): void {
    if (this.dialog) return
    const { flow } = this
    const contact = response.header(headerNames.contact) ?? contactOf(flow, schemeOfDialog(this.request))
    const state = uasDialog(this.request, this.localTag, flow.transport)
    this.dialog = new Dialog(this.core, state, contact, flow)
    this.dialog.user = this.#dialogUser
    this.dialog.reusableFlow = flowToCaller(this.request, flow, this.core.reuse)
    this.dialog.awaiting(this)
  }
}

interface ReliableProvisionalUser {
  /** 64*T1 went by without a PRACK (RFC 3262 3). */
  unacknowledged(): void
}

/** The reliable provisional responses to one INVITE: one at a time, each sent again until its PRACK comes (RFC 3262 3). */
export class ReliableProvisional {
  readonly #clock: Clock
  readonly #timers: Readonly<TimerValues>
  readonly #user: ReliableProvisionalUser
  #rseq = randomInt(1, 1_000_000)
  #retransmission: Timer | undefined
  #deadline: Timer | undefined
  /** Sends the responses that come after, once the PRACK has come. */
  #waiting: (() => void)[] = []

  constructor(clock: Clock, timers: Readonly<TimerValues>, user: ReliableProvisionalUser) {
    this.#clock = clock
    this.#timers = timers
    this.#user = user
  }

  /** Calls `send` when no response waits for its PRACK. */
  whenAcknowledged(send: () => void): void {
    if (this.#deadline) this.#waiting.push(send)
    else send()
  }

  /** The RSeq of the next response. */
  nextRSeq(): number {
    return (this.#rseq += 1)
  }

  /** The response with the last RSeq has been sent; `repeat` sends it again. */
  sent(repeat: () => void): void {
    this.#deadline = this.#clock.after(64 * this.#timers.t1, () => {
      this.stop()
      this.#user.unacknowledged()
    })
    this.#schedule(this.#timers.t1, repeat)
  }

  /** Whether a PRACK's RAck (`rseq cseq method`) is that of the response that waits for it. */
  matches(rack: string, cseq: number | undefined): boolean {
    const [rseq, number, method] = rack.trim().split(/\s+/)

    return this.#deadline !== undefined && Number(rseq) === this.#rseq && Number(number) === cseq && method === 'INVITE'
  }

  /** The PRACK has come. */
  acknowledged(): void {
    const waiting = this.#waiting
    this.stop()
    for (const send of waiting) this.whenAcknowledged(send)
  }

  stop(): void {
    this.#retransmission?.cancel()
    this.#deadline?.cancel()
    this.#retransmission = this.#deadline = undefined
    this.#waiting = []
  }

  // RFC 3262 3: doubling, without Timer G's limit of T2.
  #schedule(interval: number, repeat: () => void): void {
    this.#retransmission = this.#clock.after(interval, () => {
      repeat()
      this.#schedule(2 * interval, repeat)
    })
  }
}

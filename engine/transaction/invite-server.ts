import type { Flow } from '../flow/index.ts'
import { createResponse, type Request, type Response } from '../message/index.ts'
import { inputOf, type ServerUser, type TransactionContext } from './context.ts'
import {
  inviteServer,
  type InviteServerAction,
  type InviteServerInput,
  type InviteServerState,
} from './invite-machines.ts'
import { AbstractServerTransaction } from './transaction.ts'

/** An INVITE that a peer sent (RFC 3261 17.2.1, RFC 6026). */
export class InviteServerTransaction extends AbstractServerTransaction<
  InviteServerState,
  InviteServerInput,
  InviteServerAction
> {
  /** Kept for the transaction's own responses until the final one. */
  #request: Request | undefined
  #intervalMs: number

  constructor(
    context: TransactionContext,
    { request, ...keys }: { request: Request; key: string; mergeKey: string | undefined; flow: Flow },
  ) {
    super(context, inviteServer, 'proceeding', keys)
    this.#request = request
    this.#intervalMs = context.timers.t1
  }

  override get isPending(): boolean {
    return this.state === 'proceeding'
  }

  start(): void {
    const { trying } = this.context.timers
    if (trying <= 0) this.run('sendTrying', this.user)
    else this.startRetransmission(trying, 'timerTrying')
    this.run('startC', this.user)
  }

  /** An ACK that matches; false when it acknowledges a 2xx and belongs to the dialog (RFC 6026 7.1). */
  acknowledged(): boolean {
    if (this.state === 'accepted') return false
    this.take('ack')

    return true
  }

  protected override inputOf(status: number): InviteServerInput {
    return inputOf(status)
  }

  /** The user hears nothing after the final response. */
  protected override enter(state: InviteServerState): void {
    if (state !== 'proceeding') this.user = undefined
    super.enter(state)
  }

  // eslint-disable-next-line complexity -- one case for each action of the machine
  protected override run(action: InviteServerAction, user: ServerUser | undefined): void {
    const { t1, t2, t4, c } = this.context.timers
    switch (action) {
      case 'send':
        this.send(this.response)
        return
      case 'resend':
        if (this.response) this.context.resend(this.response.toString(), this.flow)
        return
      case 'repeat':
        this.repeat()
        return
      case 'sendTrying':
        this.send(this.#request && createResponse(this.#request, 100))
        return
      case 'sendTimeout':
        this.send(this.#request && createResponse(this.#request, 408, undefined, 'timeout'))
        return
      case 'startC':
        this.startDeadline(c, 'timerC')
        return
      case 'startG':
        this.stopRetransmission()
        if (this.flow.reliable) return
        this.startRetransmission(this.#intervalMs, 'timerG')
        this.#intervalMs = Math.min(2 * this.#intervalMs, t2)
        return
      case 'startH':
        this.#request = undefined
        this.noteAnswered()
        this.startDeadline(64 * t1, 'timerH')
        return
      case 'stopGH':
        this.stopTimers()
        this.text = undefined
        return
      case 'startI':
        this.startLastWait(t4, 'timerI')
        return
      case 'startL':
        this.stopTimers()
        this.#request = this.text = undefined
        this.startDeadline(64 * t1, 'timerL')
        return
      case 'reportTimeout':
        return user?.timeout()
      case 'reportTransportError':
        return user?.transportError()
    }
  }

  protected override send(response: Response | undefined): void {
    // 17.2.1: another response takes the place of 100 Trying.
    if (response && this.isPending) this.stopRetransmission()
    super.send(response)
  }

  protected override clear(): void {
    this.#request = undefined
    super.clear()
  }
}

import type { Flow } from '../flow/index.ts'
import { createRequest, headerNames, type Request, type Response, createResponse } from '../message/index.ts'
import { type ClientUser, inputOf, type TransactionContext, type ServerUser } from './context.ts'
import {
  inviteClient,
  type InviteClientAction,
  type InviteClientInput,
  type InviteClientState,
  inviteServer,
  type InviteServerAction,
  type InviteServerInput,
  type InviteServerState,
} from './machines.ts'
import { AbstractClientTransaction, AbstractServerTransaction } from './transaction.ts'

/** An INVITE that we sent (RFC 3261 17.1.1, RFC 6026). Its text for retransmission is the INVITE, later the ACK. */
export class InviteClientTransaction extends AbstractClientTransaction<
  InviteClientState,
  InviteClientInput,
  InviteClientAction
> {
  readonly method = 'INVITE'
  /** Dropped with the final response. */
  #request: Request | undefined
  #cancel: Request | undefined
  #intervalMs: number

  constructor(context: TransactionContext, key: string, request: Request, flow: Flow, user: ClientUser) {
    super(context, inviteClient, 'calling', { key, flow, user })
    this.#request = request
    this.#intervalMs = context.timers.t1
  }

  start(): void {
    const request = this.#request
    if (!request) return
    this.run('startB', this.user)
    this.run('startA', this.user)
    this.context.send(request, this.flow)
    this.text = request.toString()
  }

  receive(response: Response): void {
    this.takeResponse(response, inputOf(response.status))
  }

  /**
   * Sends a CANCEL, or keeps it until a provisional response has come (RFC 3261 9.1). Returns the CANCEL; undefined
   * after a final response or an earlier CANCEL.
   */
  cancel(headers?: Iterable<readonly [string, string]>): Request | undefined {
    const request = this.#request
    if (!request || this.#cancel || (this.state !== 'calling' && this.state !== 'proceeding')) return undefined
    const cancel = cancelOf(request, headers)
    this.#cancel = cancel
    this.take('cancel')

    return cancel
  }

  // eslint-disable-next-line complexity -- one case for each action of the machine
  protected override run(action: InviteClientAction, user: ClientUser | undefined): void {
    const { t1 } = this.context.timers
    switch (action) {
      case 'send':
      case 'repeatAck':
        this.repeat()
        return
      case 'startA':
        if (this.flow.reliable) return
        this.startRetransmission(this.#intervalMs, 'timerA')
        this.#intervalMs *= 2
        return
      case 'startB':
        this.startDeadline(64 * t1, 'timerB')
        return
      case 'startC':
        this.startDeadline(this.context.timers.c, 'timerC')
        return
      case 'stopAB':
        this.stopTimers()
        return
      case 'startD':
        this.stopTimers()
        // 17.1.1.2: at least 32 s, which is the 64*T1 of the default T1.
        this.startLastWait(64 * t1, 'timerD')
        return
      case 'startM':
        this.#forget()
        this.stopTimers()
        this.startDeadline(64 * t1, 'timerM')
        return
      case 'ack':
        this.#acknowledge()
        return
      case 'sendCancel':
        if (this.#request) this.#cancel ??= cancelOf(this.#request)
        if (this.#cancel) this.context.sendCancel(this.#cancel, this.flow)
        return
      case 'report':
      case 'reportTimeout':
      case 'reportTransportError':
        this.report(action, user)
    }
  }

  #acknowledge(): void {
    if (!this.#request || !this.response) return
    const ack = ackOf(this.#request, this.response)
    this.#forget()
    this.context.send(ack, this.flow)
    this.text = ack.toString()
  }

  /** Frees what only an unanswered INVITE needs: thousands of transactions may wait for their last timer. */
  #forget(): void {
    this.#request = this.text = this.#cancel = undefined
  }

  protected override clear(): void {
    this.stopTimers()
    this.#forget()
    this.context.clientEnded(this.key)
  }
}

/** The ACK of a 3xx to 6xx: the INVITE's, but for To (RFC 3261 17.1.1.3). */
function ackOf(invite: Request, response: Response): Request {
  return derived('ACK', invite, response.header(headerNames.to) ?? '')
}

/** The CANCEL of an INVITE; `headers` may say why (RFC 3261 9.1, RFC 3326). */
export function cancelOf(invite: Request, headers: Iterable<readonly [string, string]> = []): Request {
  const cancel = derived('CANCEL', invite, invite.header(headerNames.to) ?? '')
  for (const [name, value] of headers) cancel.add(name, value)

  return cancel
}

function derived(method: 'ACK' | 'CANCEL', invite: Request, to: string): Request {
  return createRequest({
    method,
    uri: invite.uri,
    via: invite.header(headerNames.via) ?? '',
    from: invite.header(headerNames.from) ?? '',
    to,
    callId: invite.callId,
    cseq: invite.cseq?.number ?? 0,
    routes: invite.headers(headerNames.route),
  })
}

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

import type { Flow } from '../flow/index.ts'
import type { Request, Response } from '../message/index.ts'
import type { ClientUser, TransactionContext, ServerUser } from './context.ts'
import {
  nonInviteClient,
  type NonInviteClientAction,
  type NonInviteClientInput,
  type NonInviteClientState,
  nonInviteServer,
  type NonInviteServerAction,
  type NonInviteServerInput,
  type NonInviteServerState,
} from './machines.ts'
import { AbstractClientTransaction, AbstractServerTransaction } from './transaction.ts'

/** A request other than INVITE or ACK that we sent (RFC 3261 17.1.2). */
export class NonInviteClientTransaction extends AbstractClientTransaction<
  NonInviteClientState,
  NonInviteClientInput,
  NonInviteClientAction
> {
  readonly method: string
  #intervalMs: number

  constructor(context: TransactionContext, key: string, method: string, flow: Flow, user: ClientUser) {
    super(context, nonInviteClient, 'trying', { key, flow, user })
    this.method = method
    this.#intervalMs = context.timers.t1
  }

  start(request: Request): void {
    this.startDeadline(64 * this.context.timers.t1, 'timerF')
    this.run('startE', this.user)
    this.context.send(request, this.flow)
    if (!this.flow.reliable) this.text = request.toString()
  }

  receive(response: Response): void {
    this.takeResponse(response, response.status < 200 ? 'provisional' : 'final')
  }

  protected override run(action: NonInviteClientAction, user: ClientUser | undefined): void {
    const { t1, t2, t4 } = this.context.timers
    switch (action) {
      case 'send':
        this.repeat()
        return
      case 'startE':
        this.#startE(this.#intervalMs)
        this.#intervalMs = Math.min(2 * this.#intervalMs, t2)
        return
      case 'startSlowE':
        this.#startE(Math.max(t1, t2))
        return
      case 'startK':
        this.#forget()
        this.startLastWait(t4, 'timerK')
        return
      case 'report':
      case 'reportTimeout':
      case 'reportTransportError':
        this.report(action, user)
    }
  }

  #startE(ms: number): void {
    if (!this.flow.reliable) this.startRetransmission(ms, 'timerE')
  }

  /** Frees what a completed transaction, which only absorbs responses, no longer needs. */
  #forget(): void {
    this.stopTimers()
    this.user = this.text = undefined
  }

  protected override clear(): void {
    this.#forget()
    this.context.clientEnded(this.key)
  }
}

/** A request other than INVITE or ACK that a peer sent (RFC 3261 17.2.2). */
export class NonInviteServerTransaction extends AbstractServerTransaction<
  NonInviteServerState,
  NonInviteServerInput,
  NonInviteServerAction
> {
  constructor(context: TransactionContext, request: { key: string; mergeKey: string | undefined; flow: Flow }) {
    super(context, nonInviteServer, 'trying', request)
  }

  override get isPending(): boolean {
    return this.state === 'trying' || this.state === 'proceeding'
  }

  start(): void {
    this.startDeadline(64 * this.context.timers.t1, 'timerF')
  }

  protected override inputOf(status: number): NonInviteServerInput {
    return status < 200 ? 'provisional' : 'final'
  }

  protected override run(action: NonInviteServerAction, user: ServerUser | undefined): void {
    switch (action) {
      case 'send':
        this.send(this.response)
        return
      case 'repeat':
        this.repeat()
        return
      case 'startJ':
        this.user = undefined
        this.noteAnswered()
        this.startLastWait(64 * this.context.timers.t1, 'timerJ')
        return
      case 'reportTimeout':
        return user?.timeout()
      case 'reportTransportError':
        return user?.transportError()
    }
  }
}

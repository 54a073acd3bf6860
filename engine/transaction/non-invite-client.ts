import type { Timer } from '../clock/index.ts'
import type { Flow } from '../flow/index.ts'
import type { Request, Response } from '../message/index.ts'
import { ignore } from '../state-machine.ts'
import type { ClientUser, TransactionContext } from './context.ts'
import { nonInviteClient, type NonInviteClientAction, type NonInviteClientInput } from './non-invite-machines.ts'

type NonInviteClientTimer = Extract<NonInviteClientInput, `timer${string}`>

/** A request other than INVITE or ACK that we sent (RFC 3261 17.1.2). */
export class NonInviteClientTransaction {
  /** Each timer's function: one for all transactions, and no closure for each. */
  static readonly #onTimer: Readonly<Record<NonInviteClientTimer, (transaction: NonInviteClientTransaction) => void>> =
    {
      timerE: (transaction) => transaction.#take('timerE'),
      timerF: (transaction) => transaction.#take('timerF'),
      timerK: (transaction) => transaction.#take('timerK'),
    }
  readonly key: string
  readonly method: string
  readonly flow: Flow
  readonly #context: TransactionContext
  #user: ClientUser | undefined
  #state: keyof typeof nonInviteClient = 'trying'
  #text = ''
  #response: Response | undefined
  #interval: number
  #retransmission: Timer | undefined
  #deadline: Timer | undefined

  constructor(context: TransactionContext, key: string, method: string, flow: Flow, user: ClientUser) {
    this.#context = context
    this.key = key
    this.method = method
    this.flow = flow
    this.#user = user
    this.#interval = context.timers.t1
  }

  get state(): string {
    return this.#state
  }

  start(request: Request): void {
    this.#setDeadline(64 * this.#context.timers.t1, 'timerF')
    this.#run('startE')
    this.#context.send(request, this.flow)
    if (!this.flow.reliable) this.#text = request.toString()
  }

  receive(response: Response): void {
    this.#response = response
    this.#take(response.status < 200 ? 'provisional' : 'final')
    this.#response = undefined
  }

  transportError(): void {
    this.#take('transportError')
  }

  /** Ends the transaction without a report. */
  close(): void {
    this.#state = 'terminated'
    this.#clear()
  }

  #take(input: NonInviteClientInput): void {
    const step = nonInviteClient[this.#state][input]
    if (step === ignore) return
    const user = this.#user
    this.#state = step.state
    if (step.state === 'terminated') this.#clear()
    for (const action of step.actions) this.#run(action, user)
  }

  #run(action: NonInviteClientAction, user = this.#user): void {
    const { t1, t2, t4 } = this.#context.timers
    switch (action) {
      case 'send':
        this.#context.resend(this.#text, this.flow)
        return
      case 'startE':
        this.#startE(this.#interval)
        this.#interval = Math.min(2 * this.#interval, t2)
        return
      case 'startSlowE':
        this.#startE(Math.max(t1, t2))
        return
      case 'startK':
        this.#forget()
        if (this.flow.reliable) this.#take('timerK')
        else this.#setDeadline(t4, 'timerK')
        return
      case 'report':
        if (this.#response) user?.response(this.#response)
        return
      case 'reportTimeout':
        return user?.timeout()
      case 'reportTransportError':
        return user?.transportError()
    }
  }

  #startE(ms: number): void {
    if (this.flow.reliable) return
    this.#retransmission = this.#context.clock.after(ms, NonInviteClientTransaction.#onTimer.timerE, this)
  }

  #setDeadline(ms: number, timer: NonInviteClientTimer): void {
    this.#deadline = this.#context.clock.after(ms, NonInviteClientTransaction.#onTimer[timer], this)
  }

  /** Frees what a completed transaction, which only absorbs responses, no longer needs. */
  #forget(): void {
    this.#retransmission?.cancel()
    this.#deadline?.cancel()
    this.#retransmission = this.#deadline = this.#user = undefined
    this.#text = ''
  }

  #clear(): void {
    this.#forget()
    this.#context.clientEnded(this.key)
  }
}

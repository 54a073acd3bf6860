import type { Timer } from '../clock/index.ts'
import type { Flow } from '../flow/index.ts'
import type { Response } from '../message/index.ts'
import { ignore } from '../state-machine.ts'
import type { ServerUser, TransactionContext } from './context.ts'
import { nonInviteServer, type NonInviteServerAction, type NonInviteServerInput } from './non-invite-machines.ts'

type NonInviteServerTimer = Extract<NonInviteServerInput, `timer${string}`>

/** A request other than INVITE or ACK that a peer sent (RFC 3261 17.2.2). */
export class NonInviteServerTransaction {
  /** Each timer's function: one for all transactions, and no closure for each. */
  static readonly #onTimer: Readonly<Record<NonInviteServerTimer, (transaction: NonInviteServerTransaction) => void>> =
    {
      timerF: (transaction) => transaction.#take('timerF'),
      timerJ: (transaction) => transaction.#take('timerJ'),
    }
  readonly key: string
  readonly flow: Flow
  readonly #context: TransactionContext
  #mergeKey: string | undefined
  user: ServerUser | undefined
  /** Final responses that are sent statelessly when they are the first response: the transaction ends with them (RFC 3261 8.2.7). */
  forgetsAfter: ((status: number) => boolean) | undefined
  #state: keyof typeof nonInviteServer = 'trying'
  /** The last response, for retransmission. */
  #text = ''
  #response: Response | undefined
  #deadline: Timer | undefined

  constructor(context: TransactionContext, key: string, mergeKey: string | undefined, flow: Flow) {
    this.#context = context
    this.key = key
    this.#mergeKey = mergeKey
    this.flow = flow
  }

  get state(): string {
    return this.#state
  }

  /** Whether there is no final response yet. */
  get isPending(): boolean {
    return this.#state === 'trying' || this.#state === 'proceeding'
  }

  start(): void {
    this.#setDeadline(64 * this.#context.timers.t1, 'timerF')
  }

  /** Sends a response; ignored once there is a final one. */
  respond(response: Response): void {
    if (this.#state === 'trying' && this.forgetsAfter?.(response.status)) {
      this.#context.send(response, this.flow)
      this.close()
      return
    }
    this.#response = response
    this.#take(response.status < 200 ? 'provisional' : 'final')
    this.#response = undefined
  }

  /** The request came again. */
  repeated(): void {
    this.#take('request')
  }

  transportError(): void {
    this.#take('transportError')
  }

  /** Ends the transaction without a report. */
  close(): void {
    this.#state = 'terminated'
    this.#clear()
  }

  #take(input: NonInviteServerInput): void {
    const step = nonInviteServer[this.#state][input]
    if (step === ignore) return
    const user = this.user
    this.#state = step.state
    if (step.state === 'terminated') this.#clear()
    for (const action of step.actions) this.#run(action, user)
  }

  #run(action: NonInviteServerAction, user: ServerUser | undefined): void {
    switch (action) {
      case 'send':
        if (!this.#response) return
        this.#context.send(this.#response, this.flow)
        this.#text = this.#response.toString()
        return
      case 'repeat':
        this.#context.resend(this.#text, this.flow)
        return
      case 'startJ':
        this.user = undefined
        this.#context.answered(this.#mergeKey)
        this.#mergeKey = undefined
        if (this.flow.reliable) this.#take('timerJ')
        else this.#setDeadline(64 * this.#context.timers.t1, 'timerJ')
        return
      case 'reportTimeout':
        return user?.timeout()
      case 'reportTransportError':
        return user?.transportError()
    }
  }

  #setDeadline(ms: number, timer: NonInviteServerTimer): void {
    this.#deadline?.cancel()
    this.#deadline = this.#context.clock.after(ms, NonInviteServerTransaction.#onTimer[timer], this)
  }

  #clear(): void {
    this.#deadline?.cancel()
    this.#deadline = this.user = undefined
    this.#text = ''
    this.#context.serverEnded(this.key, this.#mergeKey)
  }
}

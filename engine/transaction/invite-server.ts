import type { Timer } from '../clock/index.ts'
import type { Flow } from '../flow/index.ts'
import { createResponse, type Request, type Response } from '../message/index.ts'
import { ignore } from '../state-machine.ts'
import { inputOf, type ServerUser, type TransactionContext } from './context.ts'
import { inviteServer, type InviteServerAction, type InviteServerInput } from './invite-machines.ts'

type InviteServerTimer = Extract<InviteServerInput, `timer${string}`>

/** An INVITE that a peer sent (RFC 3261 17.2.1, RFC 6026). */
export class InviteServerTransaction {
  /** Each timer's function: one for all transactions, and no closure for each. */
  static readonly #onTimer: Readonly<Record<InviteServerTimer, (transaction: InviteServerTransaction) => void>> = {
    timerTrying: (transaction) => transaction.#take('timerTrying'),
    timerC: (transaction) => transaction.#take('timerC'),
    timerG: (transaction) => transaction.#take('timerG'),
    timerH: (transaction) => transaction.#take('timerH'),
    timerI: (transaction) => transaction.#take('timerI'),
    timerL: (transaction) => transaction.#take('timerL'),
  }
  readonly key: string
  readonly flow: Flow
  readonly #context: TransactionContext
  #mergeKey: string | undefined
  user: ServerUser | undefined
  /** Final responses that are sent statelessly when they are the first response: the transaction ends with them (RFC 3261 8.2.7). */
  forgetsAfter: ((status: number) => boolean) | undefined
  #state: keyof typeof inviteServer = 'proceeding'
  /** Kept for the transaction's own responses until the final one. */
  #request: Request | undefined
  /** The last response, for retransmission. */
  #text: string | undefined
  #response: Response | undefined
  #interval: number
  #retransmission: Timer | undefined
  #deadline: Timer | undefined

  constructor(context: TransactionContext, key: string, mergeKey: string | undefined, request: Request, flow: Flow) {
    this.#context = context
    this.key = key
    this.#mergeKey = mergeKey
    this.#request = request
    this.flow = flow
    this.#interval = context.timers.t1
  }

  get state(): string {
    return this.#state
  }

  /** Whether there is no final response yet. */
  get isPending(): boolean {
    return this.#state === 'proceeding'
  }

  start(): void {
    const { trying } = this.#context.timers
    if (trying <= 0) this.#run('sendTrying')
    else this.#retransmission = this.#context.clock.after(trying, InviteServerTransaction.#onTimer.timerTrying, this)
    this.#run('startC')
  }

  /** Sends a response; a 2xx may be sent again. Others are ignored once there is a final one. */
  respond(response: Response): void {
    if (this.isPending && this.#text === undefined && this.forgetsAfter?.(response.status)) {
      this.#context.send(response, this.flow)
      this.close()
      return
    }
    this.#response = response
    this.#take(inputOf(response.status))
    this.#response = undefined
  }

  /** The INVITE came again. */
  repeated(): void {
    this.#take('request')
  }

  /** An ACK that matches; false when it acknowledges a 2xx and belongs to the dialog (RFC 6026 7.1). */
  acknowledged(): boolean {
    if (this.#state === 'accepted') return false
    this.#take('ack')

    return true
  }

  transportError(): void {
    this.#take('transportError')
  }

  /** Ends the transaction without a report. */
  close(): void {
    this.#state = 'terminated'
    this.#clear()
  }

  #take(input: InviteServerInput): void {
    const step = inviteServer[this.#state][input]
    if (step === ignore) return
    const user = this.user
    if (step.state !== 'proceeding') this.user = undefined
    this.#state = step.state
    if (step.state === 'terminated') this.#clear()
    for (const action of step.actions) this.#run(action, user)
  }

  // eslint-disable-next-line complexity -- one case for each action of the machine
  #run(action: InviteServerAction, user = this.user): void {
    const { t1, t2, t4, c } = this.#context.timers
    switch (action) {
      case 'send':
        this.#send(this.#response)
        return
      case 'resend':
        if (this.#response) this.#context.resend(this.#response.toString(), this.flow)
        return
      case 'repeat':
        if (this.#text !== undefined) this.#context.resend(this.#text, this.flow)
        return
      case 'sendTrying':
        this.#send(this.#request && createResponse(this.#request, 100))
        return
      case 'sendTimeout':
        this.#send(this.#request && createResponse(this.#request, 408, undefined, 'timeout'))
        return
      case 'startC':
        this.#setDeadline(c, 'timerC')
        return
      case 'startG':
        this.#retransmission?.cancel()
        if (this.flow.reliable) return
        this.#retransmission = this.#context.clock.after(this.#interval, InviteServerTransaction.#onTimer.timerG, this)
        this.#interval = Math.min(2 * this.#interval, t2)
        return
      case 'startH':
        this.#request = undefined
        this.#context.answered(this.#mergeKey)
        this.#mergeKey = undefined
        this.#setDeadline(64 * t1, 'timerH')
        return
      case 'stopGH':
        this.#stopTimers()
        this.#text = undefined
        return
      case 'startI':
        if (this.flow.reliable) this.#take('timerI')
        else this.#setDeadline(t4, 'timerI')
        return
      case 'startL':
        this.#stopTimers()
        this.#request = this.#text = undefined
        this.#setDeadline(64 * t1, 'timerL')
        return
      case 'reportTimeout':
        return user?.timeout()
      case 'reportTransportError':
        return user?.transportError()
    }
  }

  #send(response: Response | undefined): void {
    if (!response) return
    // 17.2.1: another response takes the place of 100 Trying.
    if (this.#retransmission && this.#state === 'proceeding') {
      this.#retransmission.cancel()
      this.#retransmission = undefined
    }
    this.#context.send(response, this.flow)
    this.#text = response.toString()
  }

  #setDeadline(ms: number, timer: InviteServerTimer): void {
    this.#deadline?.cancel()
    this.#deadline = this.#context.clock.after(ms, InviteServerTransaction.#onTimer[timer], this)
  }

  #stopTimers(): void {
    this.#retransmission?.cancel()
    this.#deadline?.cancel()
    this.#retransmission = this.#deadline = undefined
  }

  #clear(): void {
    this.#stopTimers()
    this.user = this.#request = this.#text = undefined
    this.#context.serverEnded(this.key, this.#mergeKey)
  }
}

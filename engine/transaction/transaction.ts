import type { Timer } from '../clock/index.ts'
import type { Flow } from '../flow/index.ts'
import type { Response } from '../message/index.ts'
import { ignore, type Machine } from '../state-machine.ts'
import type { ClientUser, ServerUser, TransactionContext } from './context.ts'

const timerNames = [
  'timerTrying',
  'timerA',
  'timerB',
  'timerC',
  'timerD',
  'timerE',
  'timerF',
  'timerG',
  'timerH',
  'timerI',
  'timerJ',
  'timerK',
  'timerL',
  'timerM',
] as const
type TimerName = (typeof timerNames)[number]
type OnTimer = (transaction: { take(input: TimerName): void }) => void

/** Each timer's function: one for all transactions, and no closure for each. */
const onTimer = Object.fromEntries(
  timerNames.map((name): [TimerName, OnTimer] => [name, (transaction) => transaction.take(name)]),
) as Readonly<Record<TimerName, OnTimer>>

/** What runs a transaction's machine: its state, its timer of retransmissions and its deadline. The subclasses run the actions. */
abstract class Transaction<State extends string, Input extends string, Action extends string, User> {
  readonly key: string
  readonly flow: Flow
  /** May be replaced by a smaller object while an INVITE that we sent waits for late 2xx. */
  user: User | undefined
  protected readonly context: TransactionContext
  /** The text for retransmission: the message sent last. */
  protected text: string | undefined
  /** The response that is the machine's input now. */
  protected response: Response | undefined
  readonly #machine: Machine<State, Input | 'transportError', Action>
  #state: State
  #retransmission: Timer | undefined
  #deadline: Timer | undefined

  constructor(
    context: TransactionContext,
    machine: Machine<State, Input | 'transportError', Action>,
    state: State,
    { key, flow, user }: { key: string; flow: Flow; user?: User },
  ) {
    this.context = context
    this.#machine = machine
    this.#state = state
    this.key = key
    this.flow = flow
    this.user = user
  }

  get state(): State {
    return this.#state
  }

  transportError(): void {
    this.take('transportError')
  }

  /** Ends the transaction without a report. */
  close(): void {
    this.enter('terminated' as State)
  }

  /** Runs the machine. Actions get the user that the transaction had before the step. */
  take(input: Input | 'transportError'): void {
    const step = this.#machine[this.#state][input]
    if (step === ignore) return
    const { user } = this
    this.enter(step.state)
    for (const action of step.actions) this.run(action, user)
  }

  protected abstract run(action: Action, user: User | undefined): void

  /** Frees what the transaction holds, and tells its layer that it has ended. */
  protected abstract clear(): void

  protected enter(state: State): void {
    this.#state = state
    if (state === 'terminated') this.clear()
  }

  protected takeResponse(response: Response, input: Input): void {
    this.response = response
    this.take(input)
    this.response = undefined
  }

  protected repeat(): void {
    if (this.text !== undefined) this.context.resend(this.text, this.flow)
  }

  protected startRetransmission(ms: number, timer: Extract<Input, TimerName>): void {
    this.#retransmission?.cancel()
    this.#retransmission = this.#after(ms, timer)
  }

  protected startDeadline(ms: number, timer: Extract<Input, TimerName>): void {
    this.#deadline?.cancel()
    this.#deadline = this.#after(ms, timer)
  }

  /** For a timer that is zero on reliable transports: D, I, J and K. */
  protected startLastWait(ms: number, timer: Extract<Input, TimerName>): void {
    if (this.flow.reliable) this.take(timer)
    else this.startDeadline(ms, timer)
  }

  protected stopRetransmission(): void {
    this.#retransmission?.cancel()
    this.#retransmission = undefined
  }

  protected stopTimers(): void {
    this.stopRetransmission()
    this.#deadline?.cancel()
    this.#deadline = undefined
  }

  #after(ms: number, timer: Extract<Input, TimerName>): Timer {
    return this.context.clock.after(ms, onTimer[timer] as (transaction: this) => void, this)
  }
}

/** A request that we sent. */
export abstract class AbstractClientTransaction<
  State extends string,
  Input extends string,
  Action extends string,
> extends Transaction<State, Input, Action, ClientUser> {
  protected report(action: 'report' | 'reportTimeout' | 'reportTransportError', user: ClientUser | undefined): void {
    if (action === 'reportTimeout') user?.timeout()
    else if (action === 'reportTransportError') user?.transportError()
    else if (this.response) user?.response(this.response)
  }
}

/** A request that a peer sent, to be answered once. */
export abstract class AbstractServerTransaction<
  State extends string,
  Input extends string,
  Action extends string,
> extends Transaction<State, Input | 'request', Action, ServerUser> {
  /** Final responses that are sent statelessly when they are the first response: the transaction ends with them (RFC 3261 8.2.7). */
  forgetsAfter: ((status: number) => boolean) | undefined
  /** Undefined once there is a final response. */
  #mergeKey: string | undefined

  constructor(
    context: TransactionContext,
    machine: Machine<State, Input | 'request' | 'transportError', Action>,
    state: State,
    { mergeKey, ...request }: { key: string; mergeKey: string | undefined; flow: Flow },
  ) {
    super(context, machine, state, request)
    this.#mergeKey = mergeKey
  }

  /** Whether there is no final response yet. */
  abstract get isPending(): boolean

  /** Sends a response; a 2xx of an INVITE may be sent again. Others are ignored once there is a final one. */
  respond(response: Response): void {
    if (this.isPending && this.text === undefined && this.forgetsAfter?.(response.status)) {
      this.context.send(response, this.flow)
      this.close()
      return
    }
    this.takeResponse(response, this.inputOf(response.status))
  }

  /** The request came again. */
  repeated(): void {
    this.take('request')
  }

  protected abstract inputOf(status: number): Input

  protected send(response: Response | undefined): void {
    if (!response) return
    this.context.send(response, this.flow)
    this.text = response.toString()
  }

  protected noteAnswered(): void {
    this.context.answered(this.#mergeKey)
    this.#mergeKey = undefined
  }

  protected override clear(): void {
    this.stopTimers()
    this.user = this.text = undefined
    this.context.serverEnded(this.key, this.#mergeKey)
  }
}

import type { Timer } from '../clock/index.ts'
import type { Flow } from '../flow/index.ts'
import { createRequest, headerNames, type Request, type Response } from '../message/index.ts'
import { ignore } from '../state-machine.ts'
import { type ClientUser, inputOf, type TransactionContext } from './context.ts'
import { inviteClient, type InviteClientAction, type InviteClientInput } from './invite-machines.ts'

type InviteClientTimer = Extract<InviteClientInput, `timer${string}`>

/** An INVITE that we sent (RFC 3261 17.1.1, RFC 6026). */
export class InviteClientTransaction {
  /** Each timer's function: one for all transactions, and no closure for each. */
  static readonly #onTimer: Readonly<Record<InviteClientTimer, (transaction: InviteClientTransaction) => void>> = {
    timerA: (transaction) => transaction.#take('timerA'),
    timerB: (transaction) => transaction.#take('timerB'),
    timerC: (transaction) => transaction.#take('timerC'),
    timerD: (transaction) => transaction.#take('timerD'),
    timerM: (transaction) => transaction.#take('timerM'),
  }
  readonly method = 'INVITE'
  readonly key: string
  readonly flow: Flow
  /** May be replaced by a smaller object while the transaction waits for late 2xx. */
  user: ClientUser
  readonly #context: TransactionContext
  #state: keyof typeof inviteClient = 'calling'
  /** Dropped with the final response. */
  #request: Request | undefined
  /** The text for retransmission: the INVITE, later the ACK. */
  #text: string | undefined
  #cancel: Request | undefined
  #response: Response | undefined
  #interval: number
  #retransmission: Timer | undefined
  #deadline: Timer | undefined

  constructor(context: TransactionContext, key: string, request: Request, flow: Flow, user: ClientUser) {
    this.#context = context
    this.key = key
    this.#request = request
    this.flow = flow
    this.user = user
    this.#interval = context.timers.t1
  }

  get state(): string {
    return this.#state
  }

  start(): void {
    const request = this.#request
    if (!request) return
    this.#run('startB')
    this.#run('startA')
    this.#context.send(request, this.flow)
    this.#text = request.toString()
  }

  receive(response: Response): void {
    this.#response = response
    this.#take(inputOf(response.status))
    this.#response = undefined
  }

  /**
   * Sends a CANCEL, or keeps it until a provisional response has come (RFC 3261 9.1). Returns the CANCEL; undefined
   * after a final response or an earlier CANCEL.
   */
  cancel(headers?: Iterable<readonly [string, string]>): Request | undefined {
    const request = this.#request
    if (!request || this.#cancel || (this.#state !== 'calling' && this.#state !== 'proceeding')) return undefined
    const cancel = cancelOf(request, headers)
    this.#cancel = cancel
    this.#take('cancel')

    return cancel
  }

  transportError(): void {
    this.#take('transportError')
  }

  /** Ends the transaction without a report. */
  close(): void {
    this.#state = 'terminated'
    this.#clear()
  }

  #take(input: InviteClientInput): void {
    const step = inviteClient[this.#state][input]
    if (step === ignore) return
    this.#state = step.state
    if (step.state === 'terminated') this.#clear()
    for (const action of step.actions) this.#run(action)
  }

  // eslint-disable-next-line complexity -- one case for each action of the machine
  #run(action: InviteClientAction): void {
    const { t1 } = this.#context.timers
    switch (action) {
      case 'send':
      case 'repeatAck':
        if (this.#text !== undefined) this.#context.resend(this.#text, this.flow)
        return
      case 'startA':
        if (this.flow.reliable) return
        this.#retransmission = this.#context.clock.after(this.#interval, InviteClientTransaction.#onTimer.timerA, this)
        this.#interval *= 2
        return
      case 'startB':
        this.#setDeadline(64 * t1, 'timerB')
        return
      case 'startC':
        this.#setDeadline(this.#context.timers.c, 'timerC')
        return
      case 'stopAB':
        this.#stopTimers()
        return
      case 'startD':
        this.#stopTimers()
        // 17.1.1.2: at least 32 s, which is the 64*T1 of the default T1.
        if (this.flow.reliable) this.#take('timerD')
        else this.#setDeadline(64 * t1, 'timerD')
        return
      case 'startM':
        this.#forget()
        this.#stopTimers()
        this.#setDeadline(64 * t1, 'timerM')
        return
      case 'ack':
        this.#acknowledge()
        return
      case 'sendCancel':
        if (this.#request) this.#cancel ??= cancelOf(this.#request)
        if (this.#cancel) this.#context.sendCancel(this.#cancel, this.flow)
        return
      case 'report':
        if (this.#response) this.user.response(this.#response)
        return
      case 'reportTimeout':
        this.user.timeout()
        return
      case 'reportTransportError':
        this.user.transportError()
        return
    }
  }

  #acknowledge(): void {
    if (!this.#request || !this.#response) return
    const ack = ackOf(this.#request, this.#response)
    this.#forget()
    this.#context.send(ack, this.flow)
    this.#text = ack.toString()
  }

  /** Frees what only an unanswered INVITE needs: thousands of transactions may wait for their last timer. */
  #forget(): void {
    this.#request = this.#text = this.#cancel = undefined
  }

  #setDeadline(ms: number, timer: InviteClientTimer): void {
    this.#deadline?.cancel()
    this.#deadline = this.#context.clock.after(ms, InviteClientTransaction.#onTimer[timer], this)
  }

  #stopTimers(): void {
    this.#retransmission?.cancel()
    this.#deadline?.cancel()
    this.#retransmission = this.#deadline = undefined
  }

  #clear(): void {
    this.#stopTimers()
    this.#forget()
    this.#context.clientEnded(this.key)
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

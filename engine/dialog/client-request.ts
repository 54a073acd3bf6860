import type { Flow } from '../flow/index.ts'
import { isSuccess, createResponse, headerNames, Request, type Response } from '../message/index.ts'
import type { ClientUser, InviteClientTransaction } from '../transaction/index.ts'
import type { DigestSession, RequestAuthorization } from '../digest/client.ts'
import type { Core, HeaderList } from './core.ts'
import { parseSessionExpires } from './session-timer.ts'
import { contactOf, schemeOfRequest, viaOf } from './default-headers.ts'
import { randomToken } from '../random.ts'

/** Who waits for the response to a request. */
export interface RequestUser {
  /** 100: the next hop has the request (RFC 3261 8.2.6.1). */
  trying?(response: Response): void
  /** From the peer: 101 to 199, then the final one. A 2xx to an INVITE may come again, and from several peers. */
  response(response: Response): void
  /** A final response that is answered here by sending the request again: 401 and 407 with credentials, 422 with the interval it wants. */
  retried?(response: Response): void
  /** The final response, made here: 408 (none came in time), 503 (it could not be sent), 481 or 487 (the dialog ended). */
  unanswered(response: Response): void
}

/** A request of ours on its way to its final response, sent again with credentials if it is challenged. */
export class ClientRequest implements ClientUser {
  readonly #core: Core
  readonly #user: RequestUser
  readonly #authorization: RequestAuthorization | undefined
  readonly #nextCSeq: () => number
  #request: Request
  #transaction: InviteClientTransaction | undefined
  #flow: Flow
  /** Where to turn when nobody answers here (RFC 3263 4.3). */
  #nextFlows: readonly (() => Flow | undefined)[]
  #hasRaisedInterval = false
  #isProceeding = false
  #isCancelled = false
  #isFinished = false

  /** `nextCSeq` numbers the second try, if there is one; `others` are the ways to try when `flow` leads nowhere. */
  constructor(
    core: Core,
    flow: Flow,
    request: Request,
    user: RequestUser,
    authorization: RequestAuthorization | undefined,
    nextCSeq: () => number,
    others: readonly (() => Flow | undefined)[] = [],
  ) {
    this.#core = core
    this.#flow = flow
    this.#nextFlows = others
    this.#request = request
    this.#user = user
    this.#authorization = authorization
    this.#nextCSeq = nextCSeq
  }

  /** The way that it went last. */
  get flow(): Flow {
    return this.#flow
  }

  /** As it was sent last. */
  get request(): Request {
    return this.#request
  }

  /** What its peer's challenges have taught, for the dialogs that it makes. */
  get digest(): DigestSession | undefined {
    return this.#authorization?.session
  }

  get isFinished(): boolean {
    return this.#isFinished
  }

  get isCancelled(): boolean {
    return this.#isCancelled
  }

  send(): void {
    const datagrams = this.#flow
    const authorized = this.#authorization?.preemptive(this.#request, datagrams.remote.address) ?? []
    for (const [name, value] of authorized) this.#request.add(name, value)
    const connection = this.#core.connectionFor(this.#request, datagrams)
    if (connection) {
      this.#nextFlows = [() => datagrams, ...this.#nextFlows]
      this.#moveTo(connection)
    }
    this.#start()
  }

  /** Cancels an INVITE (RFC 3261 9.1). Returns the CANCEL, sent or held; undefined when there is nothing to cancel. */
  cancel(headers?: HeaderList): Request | undefined {
    if (this.#isFinished) return undefined
    this.#isCancelled = true

    return this.#transaction?.cancel(headers)
  }

  /**
   * The next hop has sent no response in the time that the user has for it: its address gives way to others (RFC 3263 4.3)
   * in requests that follow. Returns whether its name has another address that this request has not been sent to.
   */
  noteUnresponsive(): boolean {
    this.#core.noteOutcome(this.#flow, 'failed')

    return this.#nextFlows.length > 0
  }

  /** Tells the user at once that no response will come; what still comes is swallowed. */
  abandon(status: number): void {
    this.#finish(status)
  }

  /** Hands what the transaction still hears to somebody smaller. */
  replaceUser(user: ClientUser): void {
    if (this.#transaction) this.#transaction.user = user
  }

  response(response: Response): void {
    if (response.status === 100) {
      if (!this.#isFinished) this.#user.trying?.(response)
      return
    }
    if (this.#isFinished) {
      if (isSuccess(response.status)) this.#user.response(response)
      return
    }
    const { status } = response
    this.#isProceeding = true
    if (status === 503) this.#core.noteOutcome(this.#flow, 'failed')
    else this.#core.noteOutcome(this.#flow, 'answered')
    if (status === 503 && this.#sendToNextFlow()) return
    if ((status === 401 || status === 407) && this.#authenticate(response)) return
    if (status === 422 && this.#raiseInterval(response)) return
    if (status >= 200) this.#isFinished = true
    if (isSuccess(status)) this.#authorization?.session.succeeded(response)
    this.#user.response(response)
  }

  timeout(): void {
    this.#failed(408)
  }

  transportError(): void {
    this.#failed(503, this.#flow.failure)
  }

  #failed(status: number, reason?: string): void {
    if (this.#isFinished) return
    this.#core.noteOutcome(this.#flow, 'failed')
    // What rings somewhere must not ring elsewhere too.
    if (this.#isProceeding || !this.#sendToNextFlow()) this.#finish(status, reason)
  }

  #start(): void {
    const { layer } = this.#core
    if (this.#request.method === 'INVITE') this.#transaction = layer.invite(this.#request, this.#flow, this)
    else layer.request(this.#request, this.#flow, this)
  }

  #sendToNextFlow(): boolean {
    if (this.#isCancelled) return false
    while (this.#nextFlows.length > 0) {
      const [other, ...rest] = this.#nextFlows
      this.#nextFlows = rest
      const flow = other?.()
      if (!flow) continue
      this.#moveTo(flow)
      this.#start()
      return true
    }

    return false
  }

  /** The same request over another way: its Via, and the Contact that is ours, say so. */
  #moveTo(flow: Flow): void {
    const { cseq } = this.#request
    const scheme = schemeOfRequest(this.#request)
    const contact = { from: contactOf(this.#flow, scheme), to: contactOf(flow, scheme) }
    this.#request = copyOf(this.#request, viaOf(flow, newBranch()), cseq?.number ?? 0, [], contact)
    this.#flow = flow
  }

  #finish(status: number, reason?: string): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#user.unanswered(createResponse(this.#request, status, reason, randomToken()))
  }

  /** RFC 3261 22.2: with a new branch and CSeq, for a realm that the credentials are for. */
  #authenticate(response: Response): boolean {
    if (this.#isCancelled) return false
    const answers = this.#authorization?.answer(response, this.#request, this.#flow.remote.address)
    if (!answers) return false
    this.#sendAgain(response, answers)

    return true
  }

  /** RFC 4028 7.3: once, with a session interval as long as they want it. */
  #raiseInterval(response: Response): boolean {
    const least = parseSessionExpires(response.header('Min-SE'))?.expires
    if (least === undefined || !this.#core.supports('timer') || this.#hasRaisedInterval || this.#isCancelled)
      return false
    const asked = parseSessionExpires(this.#request.header(headerNames.sessionExpires))
    const refresher = asked?.refresher === undefined ? '' : `;refresher=${asked.refresher}`
    this.#hasRaisedInterval = true
    this.#sendAgain(response, [
      ['Session-Expires', `${Math.max(least, asked?.expires ?? 0)}${refresher}`],
      ['Min-SE', String(least)],
    ])

    return true
  }

  /** The same request in a new transaction, with these headers in the place of those that it had. */
  #sendAgain(response: Response, headers: readonly [name: string, value: string][]): void {
    this.#request = copyOf(this.#request, viaOf(this.#flow, newBranch()), this.#nextCSeq(), headers)
    this.#isProceeding = false
    this.#user.retried?.(response)
    this.#start()
  }
}

export function newBranch(): string {
  return `z9hG4bK${randomToken()}`
}

function copyOf(
  request: Request,
  via: string,
  cseq: number,
  replaced: readonly (readonly [name: string, value: string])[],
  contact?: { from: string; to: string },
): Request {
  const copy = new Request(request.method, request.uri)
  for (const [name, value] of request.entries()) {
    if (name === 'Via') copy.add(name, via)
    else if (name === 'CSeq') copy.add(name, `${cseq} ${request.method}`)
    else if (name === 'Contact' && value === contact?.from) copy.add(name, contact.to)
    else if (!replaced.some(([other]) => other === name)) copy.add(name, value)
  }
  for (const [name, value] of replaced) copy.add(name, value)
  if (request.body) copy.body = request.body

  return copy
}

/** The headers in which a request carries credentials. */
export function credentialsOf(request: Request): [name: string, value: string][] {
  const headers: [string, string][] = []
  for (const name of ['Authorization', 'Proxy-Authorization'])
    for (const value of request.headers(name)) headers.push([name, value])

  return headers
}

import { createResponse, isChallenge, isSuccess, reasonPhrase, Request, type Response } from '../message/index.ts'
import type { Timer } from '../clock/index.ts'
import type { FailedResponse, Flow, NextHopAddresses } from '../flow/index.ts'
import type { ClientUser, InviteClientTransaction, NonInviteClientTransaction } from '../transaction/index.ts'
import type { DigestSession, RequestAuthorization } from '../digest/index.ts'
import { randomToken } from '../random.ts'
import type { Core, HeaderList, RequestUser } from './core.ts'
import { contactOf, schemeOfRequest, viaOf } from './default-headers.ts'
import { type DialogState, nextLocalCSeq } from './dialog-state.ts'
import { raisedInterval } from './session-timer.ts'

export interface ClientRequestOptions {
  /** Answers the challenges to the request. */
  authorization?: RequestAuthorization | undefined
  /** The dialog's CSeq, from which a second try takes its number; outside dialogs that is one more than the last. */
  cseqs?: Pick<DialogState, 'localCSeq'>
  /** The flows to try when the first one leads nowhere (RFC 3263 4.3). */
  nextFlows?: readonly (() => Flow | undefined)[]
  /** Learns which address the request is sent to, and which has failed. */
  addresses?: NextHopAddresses | undefined
  /** Milliseconds after which a request other than INVITE ends with 408, sooner than by Timer F. */
  timeoutMs?: number | undefined
}

/** A request of ours on its way to its final response, sent again with credentials if it is challenged. */
export class ClientRequest implements ClientUser {
  readonly #core: Core
  readonly #user: RequestUser
  readonly #authorization: RequestAuthorization | undefined
  readonly #cseqs: Pick<DialogState, 'localCSeq'> | undefined
  #request: Request
  #transaction: InviteClientTransaction | undefined
  readonly #timeoutMs: number | undefined
  readonly #addresses: NextHopAddresses | undefined
  #timer: Timer | undefined
  #flow: Flow
  #nextFlows: readonly (() => Flow | undefined)[]
  #hasRaisedInterval = false
  #isProceeding = false
  #isCancelled = false
  #isFinished = false

  constructor(core: Core, flow: Flow, request: Request, user: RequestUser, options: ClientRequestOptions = {}) {
    this.#core = core
    this.#flow = flow
    this.#request = request
    this.#user = user
    this.#authorization = options.authorization
    this.#cseqs = options.cseqs
    this.#nextFlows = options.nextFlows ?? noFlows
    this.#timeoutMs = options.timeoutMs
    this.#addresses = options.addresses
  }

  /** The flow that it was sent on last. */
  get flow(): Flow {
    return this.#flow
  }

  /** The request as it was sent last. */
  get request(): Request {
    return this.#request
  }

  /** The digest state of the dialogs that the request makes. */
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
    const flow = this.#flow
    const authorized = this.#authorization?.preemptive(this.#request, flow.remote.address) ?? []
    for (const [name, value] of authorized) this.#request.add(name, value)
    const connection = this.#core.connectionFor(this.#request, flow)
    if (connection) {
      this.#nextFlows = [() => flow, ...this.#nextFlows]
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
   * The next hop has sent no response in the time that the user allows: later requests prefer other addresses of its name
   * (RFC 3263 4.3). Returns whether the name has another address that this request has not been sent to.
   */
  noteUnresponsive(): boolean {
    this.#core.noteOutcome(this.#flow, 'failed')
    const isLast = this.#nextFlows.length === 0
    if (!isLast) this.#addresses?.failed(localFailure(408))

    return !isLast
  }

  /** Tells the user at once that no response will come; later responses are ignored. */
  abandon(status: number): void {
    this.#finish(status)
  }

  /** Gives the transaction another user, which lets go of this request. */
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
    if (status === 503 && this.#sendToNextFlow(peerFailure(response))) return
    if (isChallenge(status) && this.#authenticate(response)) return
    if (this.#raiseInterval(response)) return
    if (status >= 200) this.#endWaiting()
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
    // A peer that has sent a provisional response may ring: no other peer may ring, too.
    if (this.#isProceeding || !this.#sendToNextFlow(localFailure(status, reason))) this.#finish(status, reason)
  }

  #start(): void {
    const { layer } = this.#core
    this.#addresses?.sentTo(this.#flow.transport, this.#flow.remote)
    if (this.#request.method === 'INVITE') this.#transaction = layer.invite(this.#request, this.#flow, this)
    else this.#watch(layer.request(this.#request, this.#flow, this))
  }

  /** The limit holds for each flow that the request is sent on. */
  #watch(transaction: NonInviteClientTransaction): void {
    if (this.#timeoutMs === undefined) return
    this.#timer?.cancel()
    this.#timer = this.#core.clock.after(this.#timeoutMs, () => {
      transaction.close()
      this.#failed(408)
    })
  }

  /** @param failure of the address that it was sent to */
  #sendToNextFlow(failure: FailedResponse): boolean {
    if (this.#isCancelled) return false
    while (this.#nextFlows.length > 0) {
      const [other, ...rest] = this.#nextFlows
      this.#nextFlows = rest
      const flow = other?.()
      if (!flow) continue
      this.#addresses?.failed(failure)
      this.#moveTo(flow)
      this.#start()
      return true
    }

    return false
  }

  /** Sends the request on another flow, with that flow's Via and Contact. */
  #moveTo(flow: Flow): void {
    const { cseq } = this.#request
    const scheme = schemeOfRequest(this.#request)
    const contact = { from: contactOf(this.#flow, scheme), to: contactOf(flow, scheme) }
    this.#request = copyOf(this.#request, viaOf(flow, newBranch()), cseq?.number ?? 0, [], contact)
    this.#flow = flow
  }

  #endWaiting(): void {
    this.#isFinished = true
    this.#timer?.cancel()
  }

  #finish(status: number, reason?: string): void {
    if (this.#isFinished) return
    this.#endWaiting()
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

  /** RFC 4028 7.3: once. */
  #raiseInterval(response: Response): boolean {
    if (response.status !== 422 || !this.#core.supports('timer') || this.#hasRaisedInterval) return false
    const headers = this.#isCancelled ? undefined : raisedInterval(response, this.#request)
    if (!headers) return false
    this.#hasRaisedInterval = true
    this.#sendAgain(response, headers)

    return true
  }

  /** The same request in a new transaction, with these headers in the place of its own of these names. */
  #sendAgain(response: Response, headers: readonly [name: string, value: string][]): void {
    this.#request = copyOf(this.#request, viaOf(this.#flow, newBranch()), this.#nextCSeq(), headers)
    this.#isProceeding = false
    this.#user.retried?.(response)
    this.#start()
  }

  #nextCSeq(): number {
    return this.#cseqs ? nextLocalCSeq(this.#cseqs) : (this.#request.cseq?.number ?? 0) + 1
  }
}

const noFlows: readonly (() => Flow | undefined)[] = []

function localFailure(status: number, reason = reasonPhrase(status)): FailedResponse {
  return { status, reason, local: true, header: () => undefined }
}

function peerFailure(response: Response): FailedResponse {
  const { status, reason } = response

  return { status, reason, local: false, header: (name) => response.header(name) }
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

/** The credentials of a request. */
export function credentialsOf(request: Request): [name: string, value: string][] {
  const headers: [string, string][] = []
  for (const name of ['Authorization', 'Proxy-Authorization']) {
    for (const value of request.headers(name)) headers.push([name, value])
  }

  return headers
}

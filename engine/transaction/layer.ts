import type { Clock } from '../clock/index.ts'
import { copyText } from '../bounded-map.ts'
import type { Flow } from '../flow/index.ts'
import {
  branchOf,
  createResponse,
  formatHostPort,
  headerNames,
  magicCookie,
  type Message,
  type Request,
  type Response,
} from '../message/index.ts'
import type { ClientUser, TimerValues, TransactionContext } from './context.ts'
import { InviteClientTransaction, InviteServerTransaction } from './invite-transactions.ts'
import { NonInviteClientTransaction, NonInviteServerTransaction } from './non-invite-transactions.ts'

export type ClientTransaction = InviteClientTransaction | NonInviteClientTransaction
export type ServerTransaction = InviteServerTransaction | NonInviteServerTransaction

/** The transport, as the transaction layer sees it. */
export interface Output {
  send(message: Request | Response, flow: Flow): void
  /** A retransmission. */
  resend(text: string, flow: Flow): void
}

/** The layer above. */
export interface LayerUser {
  /** Whether a request is looked at; otherwise it is dropped, and its sender gets no answer. */
  accepts(request: Request, flow: Flow): boolean
  /** A new request, CANCEL included, with its running transaction. */
  request(request: Request, transaction: ServerTransaction): void
  /** An ACK of a 2xx. */
  ack(request: Request, flow: Flow): void
  /** A retransmitted request was absorbed. */
  repeated(request: Request): void
  /** Whether a response that came by `flow` may answer a request that went by `sent`. */
  isPeer(flow: Flow, sent: Flow): boolean
  /** A response without a matching transaction. */
  strayResponse(response: Response, flow: Flow): void
}

/** Matches messages to transactions (RFC 3261 17.1.3, 17.2.3) and holds the running ones. */
export class TransactionLayer {
  readonly #clients = new Map<string, ClientTransaction>()
  readonly #servers = new Map<string, ServerTransaction>()
  /** RFC 3261 8.2.2.2: requests outside dialogs without a final response, by the fields that forking does not change. */
  readonly #merges = new Map<string, string>()
  readonly #user: LayerUser
  readonly #context: TransactionContext

  constructor(clock: Clock, timers: Readonly<TimerValues>, output: Output, user: LayerUser) {
    this.#user = user
    this.#context = {
      clock,
      timers,
      send: (message, flow) => output.send(message, flow),
      resend: (text, flow) => output.resend(text, flow),
      sendCancel: (cancel, flow) => this.request(cancel, flow, ignoreOutcome),
      clientEnded: (key) => this.#clients.delete(key),
      serverEnded: (key, merge) => this.#serverEnded(key, merge),
      answered: (merge) => this.#forget(merge),
    }
  }

  /** How many transactions run, including those that wait for their last timer. */
  get size(): number {
    return this.#clients.size + this.#servers.size
  }

  get clientSize(): number {
    return this.#clients.size
  }

  get serverSize(): number {
    return this.#servers.size
  }

  /** Sends an INVITE; its top Via holds a new branch. */
  invite(request: Request, flow: Flow, user: ClientUser): InviteClientTransaction {
    const key = ownBranch(request)
    const transaction = new InviteClientTransaction(this.#context, key, request, flow, user)
    this.#clients.set(key, transaction)
    transaction.start()

    return transaction
  }

  /** Sends a request other than INVITE and ACK; its top Via holds a new branch. */
  request(request: Request, flow: Flow, user: ClientUser): NonInviteClientTransaction {
    const key = clientKey(ownBranch(request), request.method)
    const transaction = new NonInviteClientTransaction(this.#context, key, request.method, flow, user)
    this.#clients.set(key, transaction)
    transaction.start(request)

    return transaction
  }

  /** Takes a message from the transport. */
  receive(message: Request | Response, flow: Flow): void {
    if (message.kind === 'response') this.#receiveResponse(message, flow)
    else if (this.#user.accepts(message, flow)) this.#receiveRequest(message, flow)
  }

  #receiveResponse(response: Response, flow: Flow): void {
    const method = response.cseq?.method ?? ''
    const transaction = this.#clients.get(clientKey(response.via?.branch ?? '', method))
    const isPeer = !transaction || flow === transaction.flow || this.#user.isPeer(flow, transaction.flow)
    if (transaction?.method === method && isPeer) transaction.receive(response)
    else this.#user.strayResponse(response, flow)
  }

  #receiveRequest(request: Request, flow: Flow): void {
    const key = serverKey(request)
    if (key === undefined) return
    const known = this.#servers.get(key)
    if (request.method === 'ACK') {
      if (known instanceof InviteServerTransaction && known.acknowledged()) return
      this.#user.ack(request, flow)
    } else if (known) {
      this.#user.repeated(request)
      known.repeated()
    } else {
      this.#open(request, key, flow)
    }
  }

  /** Whether an INVITE is a retransmission. */
  knowsInvite(invite: Message): boolean {
    const key = branchKey(invite, 'INVITE')

    return key !== undefined && this.#servers.has(key)
  }

  /** The INVITE that a CANCEL refers to (RFC 3261 9.2). */
  inviteOf(cancel: Request): InviteServerTransaction | undefined {
    const transaction = this.#servers.get(serverKey(cancel, 'INVITE') ?? '')

    return transaction instanceof InviteServerTransaction ? transaction : undefined
  }

  /** A flow has failed: reports that to all its transactions. */
  flowFailed(flow: Flow): void {
    for (const transaction of [...this.#clients.values(), ...this.#servers.values()]) {
      if (transaction.flow === flow) transaction.transportError()
    }
  }

  /** Ends every transaction without a report. */
  close(): void {
    for (const transaction of [...this.#clients.values(), ...this.#servers.values()]) transaction.close()
  }

  #open(request: Request, foundKey: string, flow: Flow): void {
    // A slice as key would keep the whole request in memory.
    const key = copyText(foundKey)
    const merge = mergeKey(request)
    const isMerged = merge !== undefined && this.#merges.has(merge)
    const transaction =
      request.method === 'INVITE'
        ? new InviteServerTransaction(this.#context, { key, mergeKey: isMerged ? undefined : merge, request, flow })
        : new NonInviteServerTransaction(this.#context, { key, mergeKey: isMerged ? undefined : merge, flow })
    this.#servers.set(key, transaction)
    if (merge !== undefined && !isMerged) this.#merges.set(merge, key)
    transaction.start()
    if (isMerged) transaction.respond(createResponse(request, 482, undefined, 'merged'))
    else this.#user.request(request, transaction)
  }

  #serverEnded(key: string, merge: string | undefined): void {
    this.#servers.delete(key)
    this.#forget(merge)
  }

  #forget(merge: string | undefined): void {
    if (merge !== undefined) this.#merges.delete(merge)
  }
}

const ignoreOutcome: ClientUser = {
  response: () => undefined,
  timeout: () => undefined,
  transportError: () => undefined,
}

/** The branch of a request that we send. */
function ownBranch(request: Request): string {
  return branchOf(request.header(headerNames.via) ?? '')
}

/** Client transactions are matched by branch; a CANCEL shares that of its INVITE (RFC 3261 17.1.3). */
function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `${branch} CANCEL` : branch
}

/** RFC 3261 17.2.3: branch, sent-by and method, where an ACK is its INVITE's. Undefined without a Via. */
function serverKey(request: Request, method = request.method): string | undefined {
  if (!request.via) return undefined
  const matched = method === 'ACK' ? 'INVITE' : method
  const key = branchKey(request, matched)
  if (key !== undefined) return key

  // RFC 2543 peers: the To tag is left out, which an ACK has and its INVITE has not.
  return [
    matched,
    request.uri,
    request.fromTag,
    request.callId,
    request.cseq?.number,
    request.header(headerNames.via),
  ].join(' ')
}

/**
 * The key of a request with a branch of RFC 3261. Some peers use one branch for all requests, so that Call-ID and CSeq
 * number, which an INVITE shares with its ACK and CANCEL, are part of the key. With these, an INVITE needs no sent-by
 * in its key: a NAT may give its CANCEL and ACK another one.
 */
function branchKey(message: Message, method: string): string | undefined {
  const { via, callId, cseq } = message
  if (!via?.branch?.startsWith(magicCookie)) return undefined

  const sentBy = method === 'INVITE' ? '' : formatHostPort(via.host, via.port)

  return `${via.branch} ${sentBy} ${callId} ${cseq?.number ?? ''} ${method}`
}

/** RFC 3261 8.2.2.2: the fields that all branches of a forked request share. Undefined for requests that are not forked: in a dialog, and CANCEL. */
function mergeKey(request: Request): string | undefined {
  if (request.toTag !== undefined || request.method === 'CANCEL') return undefined

  return copyText(`${request.callId} ${request.header(headerNames.cseq) ?? ''} ${request.fromTag ?? ''}`)
}

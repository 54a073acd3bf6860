import type { Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import {
  isChallenge,
  isSuccess,
  raisedInterval,
  type Request,
  type RequestAuthorization,
  type Response,
  type Timer,
} from '../../../engine/index.ts'
import { ReceivedResponse } from '../received.ts'
import type { RequestOptions, SendOptions, SipResponse } from '../stack.ts'
import { decode } from '../text.ts'
import { LocalResponse } from '../local-response.ts'
import { type OutgoingHeaders, outgoing } from './outgoing-text.ts'
import { fits, type AdapterContext, type PendingRequest } from './adapter-context.ts'

/** A request without the user's headers and body. */
export interface RequestShape {
  method: string
  callId: string
  /** Request-URI; that of the dialog when left out. Outside dialogs, a request without one cannot be sent. */
  uri?: string
  nextHop?: string
  dialogId?: string
  /** Headers of the adapter. */
  lines?: OutgoingHeaders
  authorization?: RequestAuthorization | undefined
  /** Credentials for the challenges to earlier requests of the dialog. */
  authorized?: OutgoingHeaders
}

export interface OutgoingUser {
  /** 100, from a server that reports it. */
  trying?(): void
  /** 101 to 199. */
  provisional?(response: SipResponse): void
  /** A 401, 407 or 422 that the adapter answers by sending the request again. */
  retried?(response: SipResponse): void
  /** The only final response; `received` is undefined when the adapter made it. */
  final(response: SipResponse, received: DrachtioResponse | undefined): void
  /** An UPDATE in the dialog: while a request of ours is pending, the library emits it on that request. */
  update(req: Srf.Req, res: Srf.Res, message: Request): void
  /** A 2xx to an INVITE whose user has had a final response: it must be acknowledged, and its dialog ended. */
  late?(response: SipResponse, received: DrachtioResponse): void
}

type OutgoingOptions = SendOptions & Pick<RequestOptions, 'timeoutMs'>

export interface DrachtioResponse {
  ack: Srf.Acknowledge
  dialogId: string
  message: Response
  /** The address that the response came from. */
  source: string
}

/** Longer than the server's Timer C of 185 s (RFC 3261 16.6). */
const timerCMs = 190_000

/** A request of ours. It has one final response, made here when the server sends none. */
export class OutgoingRequest implements PendingRequest {
  readonly socket: Socket
  readonly #context: AdapterContext
  readonly #shape: RequestShape
  readonly #options: OutgoingOptions
  readonly #user: OutgoingUser
  #sent: Srf.Sent | undefined
  /** The request as it was on the wire. */
  #message: Request | undefined
  #timer: Timer | undefined
  #cancel: SendOptions | undefined
  #cancelling: Promise<boolean> | undefined
  #hasRaisedInterval = false
  /** Headers that answer a challenge or a 422, in the place of the user's. */
  #answers: OutgoingHeaders
  #isFinished = false

  constructor(
    context: AdapterContext,
    socket: Socket,
    shape: RequestShape,
    options: OutgoingOptions,
    user: OutgoingUser,
  ) {
    this.#context = context
    this.socket = socket
    this.#shape = shape
    this.#options = options
    this.#user = user
    this.#answers = shape.authorized ?? []
    context.pendingRequests.add(this)
  }

  get isCancelled(): boolean {
    return this.#cancel !== undefined
  }

  send(): void {
    const { context, lines } = { context: this.#context, lines: this.#shape.lines ?? [] }
    const sent = outgoing(this.#options, [...lines, ...this.#answers, ['User-Agent', context.userAgent]])
    this.#guard(this.#options.timeoutMs ?? this.#timeoutMs)
    if (!context.connection.isUp(this.socket)) this.#settleLater(503, 'No Connection To The SIP Server')
    else if (this.#shape.uri === undefined && this.#shape.dialogId === undefined) {
      this.#settleLater(503, 'No Way To That URI')
    } else if (!fits(context, this.#shape.method, this.#shape.callId, sent)) this.#settleLater(513)
    else this.#transmit(sent)
  }

  /** Sends CANCEL as soon as the server knows the INVITE. */
  cancel(options: SendOptions = {}): void {
    if (this.#cancel || this.#isFinished) return
    this.#cancel = options
    this.#guard(this.#timeoutMs)
    if (this.#sent) this.#sendCancel(this.#sent, options)
  }

  /** Whether the server took our CANCEL, and so ends by itself the dialog of a 2xx that crossed it. */
  cancelTaken(): Promise<boolean> {
    return this.#cancelling ?? Promise.resolve(false)
  }

  /** Ends the request with a local response; later responses are ignored. */
  settle(status: number, reason?: string): void {
    this.#finish(new LocalResponse(status, this.#shape.callId, reason), undefined)
  }

  connectionLost(): void {
    this.settle(503, 'Connection To The SIP Server Lost')
  }

  #transmit(sent: Srf.Outgoing): void {
    const { method, uri, nextHop, dialogId } = this.#shape
    const options: Srf.RequestOptions = {
      method,
      ...sent,
      ...(uri !== undefined && { uri }),
      ...(nextHop !== undefined && { proxy: nextHop }),
      ...(dialogId !== undefined && { stackDialogId: dialogId }),
      _socket: this.socket,
    }
    this.#context.connection.agent.request(options, (error, request) => {
      if (error) this.#context.deliveries.deliver(() => this.#refused(error))
      else this.#accepted(request)
    })
  }

  /** At once: the response may be the next frame of the same chunk. */
  #accepted(request: Srf.Sent): void {
    const { connection, deliveries } = this.#context
    const message = connection.frame?.message
    this.#sent = request
    if (message?.kind === 'request') this.#message = message
    request.on('response', (res, ack) => {
      const answer = connection.frame?.message
      deliveries.deliver(() => this.#response(res, ack, answer))
    })
    connection.onUpdate(request, (req, res, received) => {
      this.#user.update(req, res, received)
    })
    if (this.#cancel) this.#sendCancel(request, this.#cancel)
    // The request has failed here before the server sent it: without a CANCEL, its call would stay.
    else if (this.#isFinished && this.#shape.method === 'INVITE' && this.#shape.dialogId === undefined) {
      this.#sendCancel(request, {})
    }
  }

  #refused(error: Error & { code?: string }): void {
    if (error.code === 'ENODIALOG') {
      this.settle(481)
      return
    }
    const { method, uri, callId } = this.#shape
    if (!this.#isFinished) {
      this.#context.log.warn('the drachtio server does not send a request', {
        method,
        uri,
        callId,
        error: error.message,
      })
    }
    this.settle(503, error.message)
  }

  #response(res: Srf.Incoming, ack: Srf.Acknowledge, message: Request | Response | undefined): void {
    if (message?.kind !== 'response') {
      // The library can read the response and the engine's parser cannot.
      if (res.status >= 200) this.settle(502, 'Bad Response')
      return
    }
    // A response that the server made itself has no source address.
    const response = new ReceivedResponse(message, res.source_address === '' ? 'local' : 'peer')
    const received = { ack, dialogId: res.stackDialogId, message, source: res.source_address }
    if (res.status === 100) this.#trying()
    else if (res.status < 200) this.#provisional(response, received)
    else if (this.#isFinished) this.#late(response, received)
    else if (this.#answersChallenge(message, res.source_address) || this.#raisesInterval(message)) {
      this.#user.retried?.(response)
    } else {
      if (isSuccess(res.status)) this.#shape.authorization?.session.succeeded(message)
      this.#finish(response, received)
    }
  }

  #trying(): void {
    if (this.#isFinished) return
    if (!this.#cancel) this.#guard(Math.max(timerCMs, this.#timeoutMs))
    this.#user.trying?.()
  }

  #provisional(response: SipResponse, { ack, message }: DrachtioResponse): void {
    // RFC 3262 4: the server has matched the response and dropped repeated ones; the adapter asks for the PRACK.
    if (message.has('RSeq')) ack()
    if (this.#isFinished) return
    if (!this.#cancel) this.#guard(Math.max(timerCMs, this.#timeoutMs))
    this.#user.provisional?.(response)
  }

  #late(response: SipResponse, received: DrachtioResponse): void {
    if (this.#shape.method === 'INVITE' && response.status < 300) this.#user.late?.(response, received)
  }

  /** RFC 3261 22.2, 22.3: with the Request-URI that was on the wire, not the library's placeholder. */
  #answersChallenge(message: Response, address: string): boolean {
    if (!isChallenge(message.status) || !this.#message || this.#cancel) return false
    const answer = this.#shape.authorization?.answer(message, this.#message, address)
    if (!answer) return false
    this.#sendAgain(this.#message, answer)

    return true
  }

  /** RFC 4028 7.3: once. */
  #raisesInterval(message: Response): boolean {
    const sent = this.#message
    const headers = !sent || this.#hasRaisedInterval || this.#cancel ? undefined : raisedInterval(message, sent)
    if (!sent || !headers) return false
    this.#hasRaisedInterval = true
    this.#sendAgain(sent, headers)

    return true
  }

  #sendAgain(message: Request, answers: OutgoingHeaders): void {
    this.#guard(this.#timeoutMs)
    const renewed = new Set(answers.map(([name]) => name))
    this.#answers = [...this.#answers.filter(([name]) => !renewed.has(name)), ...answers]
    const again = this.#shape.dialogId === undefined ? sameCall(message) : []
    const lines = [...(this.#shape.lines ?? []).filter(([name]) => !isOfTheCall(name)), ...again, ...this.#answers]
    this.#sent = undefined
    const named = new Set(this.#answers.map(([name]) => name.toLowerCase()))
    const kept = (this.#options.headers ?? []).filter(([name]) => !named.has(name.toLowerCase()))
    const options = { ...this.#options, headers: kept }
    this.#transmit(outgoing(options, [...lines, ['User-Agent', this.#context.userAgent]]))
  }

  #sendCancel(request: Srf.Sent, options: SendOptions): void {
    const { agent } = this.#context.connection
    if (!this.#context.connection.isUp(this.socket)) return
    const uri = this.#message ? decode(this.#message.uri) : (this.#shape.uri ?? '')
    this.#cancelling = new Promise((resolve) => {
      const { headers } = outgoing({ headers: options.headers })
      // `request.cancel` takes the first connection, not that of the request.
      agent.request(
        { method: 'CANCEL', uri, headers, stackTxnId: request.stackTxnId, _socket: this.socket },
        (error) => {
          resolve(!error)
        },
      )
    })
  }

  /** Longer than the 64*T1 after which the server gives up, which it does not report for every request. */
  get #timeoutMs(): number {
    return 64 * this.#context.t1 + 20 * this.#context.t1
  }

  #guard(milliseconds: number): void {
    this.#timer?.cancel()
    this.#timer = this.#context.clock.after(milliseconds, () => {
      if (this.#shape.method === 'INVITE' && this.#shape.dialogId === undefined) this.cancelAbandoned()
      this.settle(408)
    })
  }

  /** The user has had a final response: a peer that still rings is cancelled. */
  cancelAbandoned(): void {
    if (this.#sent && !this.#cancel) this.#sendCancel(this.#sent, {})
  }

  #settleLater(status: number, reason?: string): void {
    queueMicrotask(() => {
      this.settle(status, reason)
    })
  }

  #finish(response: SipResponse, received: DrachtioResponse | undefined): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#timer?.cancel()
    this.#context.pendingRequests.delete(this)
    this.#user.final(response, received)
    this.#context.deliveries.settled()
  }
}

// RFC 3261 8.1.3.5: the same call, with the next CSeq.
function sameCall(message: Request): OutgoingHeaders {
  return [
    ['From', message.header('From') ?? ''],
    ['To', message.header('To') ?? ''],
    ['Call-ID', message.callId],
    ['CSeq', `${(message.cseq?.number ?? 0) + 1} ${message.method}`],
  ]
}

const ofTheCall = new Set(['From', 'To', 'Call-ID'])

function isOfTheCall(name: string): boolean {
  return ofTheCall.has(name)
}

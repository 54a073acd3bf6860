import type { HeaderLine, Request, Response } from '../message/index.ts'
import type { Flow } from '../flow/index.ts'
import type { Clock } from '../clock/index.ts'
import type { TimerValues, TransactionLayer } from '../transaction/index.ts'
import type { DialogTable } from './dialog-table.ts'
import type { FlowReuse } from './reusable-flow.ts'

/** The core of a user agent (RFC 3261 6): what dialogs, requests and responses are built on. */
export interface Core {
  readonly clock: Clock
  readonly timers: Readonly<TimerValues>
  readonly layer: TransactionLayer
  readonly dialogs: DialogTable
  /** Whether the engine implements an extension itself, by its option tag. */
  supports(extension: string): boolean
  /** The shortest session interval that is agreed to, in seconds (RFC 4028 4). */
  readonly minSession: number
  readonly defaultHeaders: DefaultHeaders
  readonly reuse: FlowReuse
  /** The flow to a next hop; undefined when no listener leads there, or its name is not resolved yet. */
  flowTo(uri: string): Flow | undefined
  /** A connection for a request that is too long for its UDP flow (RFC 3261 18.1.1); undefined to send it all the same. */
  connectionFor(request: Request, flow: Flow): Flow | undefined
  noteOutcome(flow: Flow, outcome: 'answered' | 'failed'): void
  /** Sends a message that belongs to no transaction: the ACK of a 2xx. */
  send(message: Request | Response, flow: Flow): void
  resend(text: string, flow: Flow): void
}

/** Headers added to most messages, serialised once; undefined where there is nothing to say. */
export interface DefaultHeaders {
  readonly allow: HeaderLine | undefined
  readonly supported: HeaderLine | undefined
  /** RFC 3262 5: a reliable response to an INVITE without an offer makes one, which only our user could answer in time. */
  readonly supportedWithoutOffer: HeaderLine | undefined
  readonly userAgent: HeaderLine | undefined
  readonly server: HeaderLine | undefined
}

export type HeaderList = Iterable<readonly [name: string, value: string]>

/** The parts of a message that its user adds; binary strings. */
export interface Additions {
  headers?: HeaderList | undefined
  /** The body's type is `application/sdp` unless the headers say otherwise. */
  body?: string | undefined
}

export interface ResponseOptions extends Additions {
  reason?: string | undefined
  /** Our tag, in the first response that has one; made up when left out. */
  toTag?: string | undefined
}

/** The user of a request of ours: it gets the responses. */
export interface RequestUser {
  /** 100: the next hop has the request (RFC 3261 8.2.6.1). */
  trying?(response: Response): void
  /** From the peer: 101 to 199, then the final one. A 2xx to an INVITE may come again, and from several peers. */
  response(response: Response): void
  /** A final response that the engine answers by sending the request again: 401 and 407 with credentials, 422 with the interval it wants. */
  retried?(response: Response): void
  /** The final response, made here: 408 (none came in time), 503 (it could not be sent), 481 or 487 (the dialog ended). */
  unanswered(response: Response): void
}

export const noop = (): void => undefined

/** For requests whose responses change nothing. */
export const noRequestUser: RequestUser = { response: noop, unanswered: noop }

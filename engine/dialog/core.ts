import type { Flow } from '../flow/index.ts'
import type { Clock } from '../clock/index.ts'
import type { Request, Response } from '../message/index.ts'
import type { TimerValues, TransactionLayer } from '../transaction/index.ts'
import type { DialogTable } from './dialog-table.ts'
import type { DefaultHeaders } from './default-headers.ts'
import type { FlowReuse } from './reusable-flow.ts'

/** What the user agent lends to its dialogs, requests and responses. */
export interface Core {
  readonly clock: Clock
  readonly timers: Readonly<TimerValues>
  readonly layer: TransactionLayer
  readonly dialogs: DialogTable
  /** Whether an extension is looked after here, by its option tag. */
  supports(extension: string): boolean
  /** The shortest session interval that is agreed to, in seconds (RFC 4028 4). */
  readonly minSession: number
  /** What our messages say of us. */
  readonly defaultHeaders: DefaultHeaders
  /** When a dialog's requests stay on the flow that its messages come by. */
  readonly reuse: FlowReuse
  /** The way to a next hop; undefined when none of our listeners leads there, or its name is not resolved yet. */
  flowTo(uri: string): Flow | undefined
  /** A connection for a request that is too long for its UDP flow (RFC 3261 18.1.1); undefined to send it all the same. */
  connectionFor(request: Request, flow: Flow): Flow | undefined
  /** What became of a request. */
  noteOutcome(flow: Flow, outcome: 'answered' | 'failed'): void
  /** Sends what belongs to no transaction: the ACK of a 2xx. */
  send(message: Request | Response, flow: Flow): void
  resend(text: string, flow: Flow): void
}

export type HeaderList = Iterable<readonly [name: string, value: string]>

/** What a user adds to a message; binary strings. */
export interface Additions {
  headers?: HeaderList | undefined
  /** Its type is `application/sdp` unless the headers say otherwise. */
  body?: string | undefined
}

export interface ResponseOptions extends Additions {
  reason?: string | undefined
  /** Our tag, in the first response that has one; made up when left out. */
  toTag?: string | undefined
}

/** Hears what nobody waits for. */
export const noop = (): void => undefined

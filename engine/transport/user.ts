import type { BadMessage, Request, Response } from '../message/index.ts'
import type { Endpoint, Transport } from './endpoint.ts'
import type { Flow } from './flow.ts'

/** The layer above: it is handed what comes in. */
export interface TransportUser {
  /** A request (its top Via has `received` and `rport`) or a response. */
  onMessage(message: Request | Response, flow: Flow): void
  /** What is no SIP message. A stream that cannot be cut any more is closed after this, once what was sent on it is out. */
  onBad(message: BadMessage, flow: Flow): void
  /** Something sent on this flow did not get out, or its connection is gone; a connection says so once. */
  onFlowFailed(flow: Flow, error: Error): void
  /** A method of the user threw: a defect of ours, and nothing that stops the engine. */
  onDefect(error: unknown): void
}

/** One message as it was on the wire. */
export interface Traced {
  readonly direction: 'in' | 'out'
  readonly transport: Transport
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly message: Request | Response | BadMessage
  readonly text: string
}

/** A request that is refused before it is parsed, and its answer, made once `received` and `rport` are in it. */
export interface Shed {
  readonly invite: BadMessage
  answer: () => Response
}

/** Looks at every message that comes in, before it is parsed; undefined for all that go on. */
export type Shedder = (data: Buffer | string) => Shed | undefined

export type Tap = (traced: Traced) => void

import { wallTime } from '../../clock/index.ts'
import type { Flow } from '../../flow/index.ts'
import { randomUUID } from 'node:crypto'

import type { Request } from '../../message/index.ts'

/** The version of drachtio-server that we are like; drachtio-srf sends pings to 0.8.2 and later. */
export const protocolVersion = 'v0.9.10'

/** Where a SIP message came from, or which socket of ours it left by. */
export interface MessageMeta {
  source: 'network' | 'application'
  /** Size of the message in bytes; 0 for one that the engine made for its application alone. */
  bytes: number
  transport: string
  address: string
  port: number
  /** Milliseconds since the epoch. */
  at: number
}

/** The socket that took a request outside any dialog. */
export interface ReceivedOn {
  address: string
  port: number
}

const lineEnd = '\r\n'

/** A message for the application: a request or response that came, in a dialog or as part of a transaction. */
export function sipMessage(meta: MessageMeta, transactionId: string, dialogId: string, text: string): string {
  return `${randomUUID()}|sip|${metaFields(meta)}|${transactionId}|${dialogId}|${lineEnd}${text}`
}

/** A new request outside any dialog: two fields more, which the application knows it by. */
export function newRequest(meta: MessageMeta, transactionId: string, on: ReceivedOn, text: string): string {
  return `${randomUUID()}|sip|${metaFields(meta)}|${transactionId}||${on.address}|${on.port}|${lineEnd}${text}`
}

/** A request that the engine sent on its own: the BYE of a dialog that it gave up. */
export function unsolicited(meta: MessageMeta, dialogId: string, text: string): string {
  return sipMessage(meta, 'unsolicited', dialogId, text)
}

export function ok(id: string, ...fields: readonly string[]): string {
  return [randomUUID(), 'response', id, 'OK', ...fields].join('|')
}

/** A failure of the protocol. */
export function no(id: string, reason: string): string {
  return `${randomUUID()}|response|${id}|NO|${reason}`
}

/** A failure of SIP. */
export function nok(id: string, reason: string): string {
  return `${randomUUID()}|response|${id}|NOK|${reason}`
}

/** A request of the application's has been sent; `text` is the request as it is on the wire. */
export function requestSent(id: string, meta: MessageMeta, transactionId: string, text: string): string {
  return `${randomUUID()}|response|${id}|OK|${metaFields(meta)}|${transactionId}|Msg sent:|${lineEnd}${text}`
}

/** A response of the application's has been sent. */
export function responseSent(id: string, meta: MessageMeta, transactionId: string, dialogId: string, text: string) {
  const head = `${randomUUID()}|response|${id}|OK|${metaFields(meta)}`

  return `${head}|${transactionId}|${dialogId}||Msg sent:|${lineEnd}${text}`
}

/** A final response that a proxied request has brought; more may follow, until `ok(id, 'done')`. */
export function proxied(id: string, meta: MessageMeta, text: string): string {
  return `${randomUUID()}|response|${id}|OK|${metaFields(meta)}|||continue${lineEnd}${text}`
}

export type CallRecord =
  | { kind: 'attempt'; text: string }
  | { kind: 'start'; role: string; text: string }
  | { kind: 'stop'; reason: string; text: string }

export function callRecord(record: CallRecord, source: MessageMeta['source'], at: number): string {
  const last = record.kind === 'attempt' ? '' : `|${record.kind === 'start' ? record.role : record.reason}`

  return `${randomUUID()}|cdr:${record.kind}|${source}|${timeOfDay(at)}${last}${lineEnd}${record.text}`
}

function metaFields({ source, bytes, transport, address, port, at }: MessageMeta): string {
  return `${source}|${bytes}|${transport}|${address}|${port}|${timeOfDay(at)}`
}

let lastSecond = -1
let lastSecondText = ''

/** `HH:MM:SS.uuuuuu`, UTC, as the system's clock showed it at that moment. */
export function timeOfDay(at: number): string {
  const micros = Math.floor(wallTime(at) * 1000)
  const second = Math.floor(micros / 1_000_000)
  if (second !== lastSecond) {
    lastSecond = second
    lastSecondText = new Date(second * 1000).toISOString().slice(11, 19)
  }

  return `${lastSecondText}.${String(micros - second * 1_000_000).padStart(6, '0')}`
}

/** A message that came on a flow. */
export function received(flow: Flow, text: string, at: number): MessageMeta {
  const { address, port } = flow.remote

  return { source: 'network', bytes: text.length, transport: flow.transport, address, port, at }
}

/** A message that left on a flow: with our own address, as applications expect. */
export function sent(flow: Flow, text: string, at: number): MessageMeta {
  const { address, port } = flow.local

  return { source: 'application', bytes: text.length, transport: flow.transport, address, port, at }
}

/** A response that nobody sent: a time-out or a failure of the transport. */
export function madeHere(flow: Flow | undefined, at: number): MessageMeta {
  return { source: 'network', bytes: 0, transport: flow?.transport ?? 'udp', address: '', port: 0, at }
}

/** A request whose flow is not known any more, by what the transport noted in its Via (RFC 3261 18.2.1, RFC 3581). */
export function byVia(request: Request, text: string, at: number): MessageMeta {
  const via = request.via
  const address = via?.params.get('received') ?? via?.host ?? ''
  const port = Number(via?.params.get('rport') ?? via?.port ?? 5060)

  return { source: 'network', bytes: text.length, transport: via?.transport.toLowerCase() ?? 'udp', address, port, at }
}

/**
 * What applications are told when something cannot be done, in drachtio-server's words: applications and drachtio-srf compare
 * some of them.
 */
export const errorTexts = {
  incorrectSecret: 'incorrect secret',
  notAuthenticated: 'authenticate first',
  transactionIdMissing: 'transaction id missing',
  unknownDialog: 'Server error: unable to find dialog for dialog id provided',
  ackIsAutomatic: 'Server error: ACK for non-success final response is automatically generated by server',
  ackIsAutomaticInDialog: 'ACK for non-success responses is automatically generated by the stack',
  noRouteInDialog: (dialogId: string) =>
    `Server error: unable to find route when sending request inside dialog for dialog id ${dialogId}`,
  noInviteForPrack: 'Server error: unable to find IIP when sending PRACK',
  missingContentType: 'missing content-type',
  missingContentTypeInDialog: 'Server error: missing content-type',
  invalidRequestUri: (text: string) => `invalid request-uri: ${text}`,
  noTransport: 'requested protocol/transport not available',
  toMyself: 'can not send request to myself',
  invalidFrom: (value: string) => `invalid from value provided by client: ${value}`,
  invalidTo: (value: string) => `invalid to value provided by client: ${value}`,
  cannotCreate: 'Error creating sip transaction for uac request',
  unknownInvite: (id: string) => `unable to cancel unknown transaction id: ${id}`,
  cannotCancel: (id: string) => `internal server error canceling transaction id: ${id}`,
  unknownTransaction: 'Response not sent due to unknown transaction',
  cancelIsAnswered: '200 OK to incoming CANCEL is automatically generated by the stack',
  cannotRespond: 'Unknown server error sending response',
  noReliability: 'Remote endpoint does not support 100rel',
  unknownProxied: (id: string) => `Unknown transaction id: ${id}`,
  cannotProxy: (target: string) => `error proxying request to ${target}`,
  tooManyHops: 'Rejected with 483 Too Many Hops due to Max-Forwards value of 0',
  defect: 'internal server error',
  invalidFormat: 'Invalid message format',
} as const

import { randomUUID } from 'node:crypto'
import { wallTime } from '../../clock/index.ts'
import type { Flow } from '../../flow/index.ts'
import type { Request } from '../../message/index.ts'

/** The version of drachtio-server whose protocol this is; drachtio-srf sends pings to 0.8.2 and later. */
export const protocolVersion = 'v0.9.10'

/** Whether a SIP message came from a peer, or was sent for an application. */
export type MessageSource = 'network' | 'application'

/** The address of the peer that sent a SIP message, or of the socket that it was sent from. */
export interface MessageMeta {
  source: MessageSource
  /** Size of the message in bytes; 0 for a message that only its application gets. */
  bytes: number
  transport: string
  address: string
  port: number
  /** Milliseconds since the epoch. */
  at: number
}

/** A message from a peer. */
export function received(flow: Flow, text: string, at: number): MessageMeta {
  const { address, port } = flow.remote

  return { source: 'network', bytes: text.length, transport: flow.transport, address, port, at }
}

/** A message to a peer. Applications expect the local address. */
export function sent(flow: Flow, text: string, at: number): MessageMeta {
  const { address, port } = flow.local

  return { source: 'application', bytes: text.length, transport: flow.transport, address, port, at }
}

/** A response of the engine itself: a time-out or a transport error. */
export function madeHere(flow: Flow | undefined, at: number): MessageMeta {
  return { source: 'network', bytes: 0, transport: flow?.transport ?? 'udp', address: '', port: 0, at }
}

/** A request from a peer, by its top Via, in which the transport has noted the source (RFC 3261 18.2.1, RFC 3581). */
export function byVia(request: Request, text: string, at: number): MessageMeta {
  const via = request.via
  const address = via?.params.get('received') ?? via?.host ?? ''
  const port = Number(via?.params.get('rport') ?? via?.port ?? 5060)

  return { source: 'network', bytes: text.length, transport: via?.transport.toLowerCase() ?? 'udp', address, port, at }
}

/** The local address on which a request outside any dialog came. */
interface ReceivedOn {
  address: string
  port: number
}

const lineEnd = '\r\n'

/** A request or response from a peer, in a dialog or a transaction of the application. */
export function sipMessage(meta: MessageMeta, transactionId: string, dialogId: string, text: string): string {
  return `${randomUUID()}|sip|${metaFields(meta)}|${transactionId}|${dialogId}|${lineEnd}${text}`
}

/** A request outside any dialog. drachtio-srf tells it from others by its two additional fields. */
export function newRequest(meta: MessageMeta, transactionId: string, on: ReceivedOn, text: string): string {
  return `${randomUUID()}|sip|${metaFields(meta)}|${transactionId}||${on.address}|${on.port}|${lineEnd}${text}`
}

/** The BYE of a dialog that the engine has ended. */
export function unsolicited(meta: MessageMeta, dialogId: string, text: string): string {
  return sipMessage(meta, 'unsolicited', dialogId, text)
}

export function ok(id: string, ...fields: readonly string[]): string {
  return [randomUUID(), 'response', id, 'OK', ...fields].join('|')
}

/** A command that breaks the protocol. */
export function no(id: string, reason: string): string {
  return `${randomUUID()}|response|${id}|NO|${reason}`
}

/** A command that fails in SIP. */
export function nok(id: string, reason: string): string {
  return `${randomUUID()}|response|${id}|NOK|${reason}`
}

/** The application's request was sent, with this text. */
export function requestSent(id: string, meta: MessageMeta, transactionId: string, text: string): string {
  return `${randomUUID()}|response|${id}|OK|${metaFields(meta)}|${transactionId}|Msg sent:|${lineEnd}${text}`
}

/** The application's response was sent, with this text. */
export function responseSent(id: string, meta: MessageMeta, transactionId: string, dialogId: string, text: string) {
  const head = `${randomUUID()}|response|${id}|OK|${metaFields(meta)}`

  return `${head}|${transactionId}|${dialogId}||Msg sent:|${lineEnd}${text}`
}

/** A final response to a proxied request; others may follow, until `ok(id, 'done')`. */
export function proxied(id: string, meta: MessageMeta, text: string): string {
  return `${randomUUID()}|response|${id}|OK|${metaFields(meta)}|||continue${lineEnd}${text}`
}

export type CallRecord =
  | { kind: 'attempt'; text: string }
  | { kind: 'start'; role: string; text: string }
  | { kind: 'stop'; reason: string; text: string }

export function callRecord(record: CallRecord, source: MessageSource, at: number): string {
  const last = record.kind === 'attempt' ? '' : `|${record.kind === 'start' ? record.role : record.reason}`

  return `${randomUUID()}|cdr:${record.kind}|${source}|${timeOfDay(at)}${last}${lineEnd}${record.text}`
}

function metaFields({ source, bytes, transport, address, port, at }: MessageMeta): string {
  return `${source}|${bytes}|${transport}|${address}|${port}|${timeOfDay(at)}`
}

let lastSecond = -1
let lastSecondText = ''

/** `HH:MM:SS.uuuuuu`, UTC, by the system's clock. */
function timeOfDay(at: number): string {
  const micros = Math.floor(wallTime(at) * 1000)
  const second = Math.floor(micros / 1_000_000)
  if (second !== lastSecond) {
    lastSecond = second
    lastSecondText = new Date(second * 1000).toISOString().slice(11, 19)
  }

  return `${lastSecondText}.${String(micros - second * 1_000_000).padStart(6, '0')}`
}

/** drachtio-server's texts for commands that fail: applications and drachtio-srf compare some of them. */
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
  noReliability: 'Remote endpoint does not support 100rel',
  unknownProxied: (id: string) => `Unknown transaction id: ${id}`,
  cannotProxy: (target: string) => `error proxying request to ${target}`,
  tooManyHops: 'Rejected with 483 Too Many Hops due to Max-Forwards value of 0',
  defect: 'internal server error',
  invalidFormat: 'Invalid message format',
} as const

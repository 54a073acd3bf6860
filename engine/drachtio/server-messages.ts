import { randomUUID } from 'node:crypto'
import { wallTime } from '../transaction/index.ts'

/** The version of drachtio-server that we are like; drachtio-srf sends pings to 0.8.2 and later. */
export const protocolVersion = 'v0.9.10'

/** Where a SIP message came from, or which socket of ours it left by. */
export interface Passage {
  source: 'network' | 'application'
  /** Size of the message in bytes; 0 for one that the engine made for its client alone. */
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

/** A message for the client: a request or response that came, in a dialog or as part of a transaction. */
export function sipMessage(passage: Passage, transactionId: string, dialogId: string, text: string): string {
  return `${randomUUID()}|sip|${passageFields(passage)}|${transactionId}|${dialogId}|${lineEnd}${text}`
}

/** A new request outside any dialog: two fields more, which the client knows it by. */
export function newRequest(passage: Passage, transactionId: string, on: ReceivedOn, text: string): string {
  return `${randomUUID()}|sip|${passageFields(passage)}|${transactionId}||${on.address}|${on.port}|${lineEnd}${text}`
}

/** A request that the engine sent on its own: the BYE of a dialog that it gave up. */
export function unsolicited(passage: Passage, dialogId: string, text: string): string {
  return sipMessage(passage, 'unsolicited', dialogId, text)
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

/** A request of the client's has been sent; `text` is the request as it is on the wire. */
export function requestSent(id: string, passage: Passage, transactionId: string, text: string): string {
  return `${randomUUID()}|response|${id}|OK|${passageFields(passage)}|${transactionId}|Msg sent:|${lineEnd}${text}`
}

/** A response of the client's has been sent. */
export function responseSent(id: string, passage: Passage, transactionId: string, dialogId: string, text: string) {
  const head = `${randomUUID()}|response|${id}|OK|${passageFields(passage)}`

  return `${head}|${transactionId}|${dialogId}||Msg sent:|${lineEnd}${text}`
}

/** A final response that a proxied request has brought; more may follow, until `ok(id, 'done')`. */
export function proxied(id: string, passage: Passage, text: string): string {
  return `${randomUUID()}|response|${id}|OK|${passageFields(passage)}|||continue${lineEnd}${text}`
}

export type CallRecord =
  | { kind: 'attempt'; text: string }
  | { kind: 'start'; role: string; text: string }
  | { kind: 'stop'; reason: string; text: string }

export function callRecord(record: CallRecord, source: Passage['source'], at: number): string {
  const last = record.kind === 'attempt' ? '' : `|${record.kind === 'start' ? record.role : record.reason}`

  return `${randomUUID()}|cdr:${record.kind}|${source}|${timeOfDay(at)}${last}${lineEnd}${record.text}`
}

function passageFields({ source, bytes, transport, address, port, at }: Passage): string {
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

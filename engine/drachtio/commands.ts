import type { Client, Command } from './client.ts'
import type { SipFrame } from './client-messages.ts'
import { errorTexts } from './error-texts.ts'
import type { Exchange } from './exchange.ts'
import { sendInDialog } from './in-dialog.ts'
import { sendOutside } from './out-of-dialog.ts'
import { proxy } from './proxy/command.ts'
import type { Routes } from './routes.ts'
import { no, nok, ok } from './server-messages.ts'
import { parseSipText, type RequestText, type ResponseText, valueOf, without } from './sip-text.ts'

/**
 * What a client names in `route` to be told of the 100 of its INVITEs, which drachtio-server keeps to itself. The greeting
 * ends with the same word, so that a client knows that it will be.
 */
export const tryingVerb = 'trying'

/** What commands work on. */
export interface Desk {
  readonly exchange: Exchange
  readonly routes: Routes
}

type Handlers = { [K in Command['kind']]: (desk: Desk, client: Client, command: Extract<Command, { kind: K }>) => void }

/** What each kind of message does. */
const handlers: Handlers = {
  route: ({ routes }, client, { id, verb }) => {
    if (verb === tryingVerb) client.wantsTrying = true
    else routes.add(verb, client)
    client.send(ok(id))
  },
  remove_route: ({ routes }, client, { id, verb }) => {
    if (verb === tryingVerb) client.wantsTrying = false
    else routes.remove(verb, client)
    client.send(ok(id))
  },
  sip: ({ exchange }, client, frame) => sendSip(exchange, client, frame),
  proxy: ({ exchange }, client, { id, order }) => proxy(exchange, client, id, order),
}

export function execute<K extends Command['kind']>(
  desk: Desk,
  client: Client,
  command: Extract<Command, { kind: K }> & { kind: K },
): void {
  handlers[command.kind](desk, client, command)
}

function sendSip(exchange: Exchange, client: Client, frame: SipFrame): void {
  const text = parseSipText(frame.text)
  if (!text) client.send(nok(frame.id, errorTexts.invalidRequestUri(frame.text.split(/[\r\n]/, 1)[0] ?? '')))
  else if (text.kind === 'response') respond(exchange, client, frame, text)
  else if (frame.dialogId !== '') inDialog(exchange, client, frame, text)
  else if (text.method.toUpperCase() === 'CANCEL') cancel(exchange, client, frame, text)
  // A transaction's id says nothing of another request.
  else if (frame.transactionId !== '') client.send(nok(frame.id, errorTexts.cannotCreate))
  else sendOutside(exchange, client, frame, { ...text, method: text.method.toUpperCase() })
}

function respond(exchange: Exchange, client: Client, frame: SipFrame, text: ResponseText): void {
  const method = (valueOf(text.headers, 'CSeq') ?? '').split(/\s+/)[1]?.toUpperCase() ?? ''
  const incoming = exchange.transactions.incoming(frame.transactionId, method)
  if (frame.transactionId === '') client.send(no(frame.id, errorTexts.transactionIdMissing))
  else if (method === 'CANCEL') client.send(nok(frame.id, errorTexts.cancelIsAnswered))
  else if (incoming?.client !== client) client.send(nok(frame.id, errorTexts.unknownTransaction))
  else incoming.respond(frame.id, text)
}

function inDialog(exchange: Exchange, client: Client, frame: SipFrame, text: RequestText): void {
  const leg = exchange.legs.get(frame.dialogId)
  if (leg?.client === client) sendInDialog(leg, frame, text)
  else {
    // The client acknowledges failures as well, when their dialog is gone.
    const isAck = text.method.toUpperCase() === 'ACK'
    client.send(nok(frame.id, isAck ? errorTexts.ackIsAutomatic : errorTexts.unknownDialog))
  }
}

// RFC 3261 9.1: a CANCEL has these of its request.
const ofTheInvite = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Contact', 'P-Asserted-Identity', 'Max-Forwards'])

function cancel(exchange: Exchange, client: Client, frame: SipFrame, text: RequestText): void {
  const outgoing = exchange.transactions.outgoing(frame.transactionId)
  if (outgoing?.client === client) outgoing.cancel(frame.id, without(text.headers, ofTheInvite))
  else client.send(nok(frame.id, errorTexts.unknownInvite(frame.transactionId)))
}

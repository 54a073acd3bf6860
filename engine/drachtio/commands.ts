import { sendOutOfDialog } from './out-of-dialog-request.ts'
import type { SipFrame } from './protocol/application-messages.ts'
import type { Application, Command } from './protocol/application.ts'
import { errorTexts, no, nok, ok } from './protocol/server-messages.ts'
import { parseSipText, type RequestText, type ResponseText, valueOf, without } from './protocol/sip-text.ts'
import { proxyByCommand } from './proxy/proxy.ts'
import type { ServerContext } from './server-context.ts'

/**
 * An application that sends `route|trying` gets the 100 of its INVITEs, which drachtio-server does not deliver. The greeting
 * ends with this word, so that an application knows that the server understands it.
 */
export const tryingVerb = 'trying'

type Handlers = {
  [K in Command['kind']]: (
    context: ServerContext,
    application: Application,
    command: Extract<Command, { kind: K }>,
  ) => void
}

const handlers: Handlers = {
  route: ({ routes }, application, { id, verb }) => {
    if (verb === tryingVerb) application.wantsTrying = true
    else routes.add(verb, application)
    application.send(ok(id))
  },
  remove_route: ({ routes }, application, { id, verb }) => {
    if (verb === tryingVerb) application.wantsTrying = false
    else routes.remove(verb, application)
    application.send(ok(id))
  },
  sip: sendSip,
  proxy: (context, application, { id, order }) => proxyByCommand(context, application, id, order),
}

export function execute<K extends Command['kind']>(
  context: ServerContext,
  application: Application,
  command: Extract<Command, { kind: K }> & { kind: K },
): void {
  handlers[command.kind](context, application, command)
}

function sendSip(context: ServerContext, application: Application, frame: SipFrame): void {
  const text = parseSipText(frame.text)
  if (!text) application.send(nok(frame.id, errorTexts.invalidRequestUri(frame.text.split(/[\r\n]/, 1)[0] ?? '')))
  else if (text.kind === 'response') respond(context, application, frame, text)
  else if (frame.dialogId !== '') inDialog(context, application, frame, text)
  else if (text.method.toUpperCase() === 'CANCEL') cancel(context, application, frame, text)
  // Only responses and CANCEL belong to a transaction.
  else if (frame.transactionId !== '') application.send(nok(frame.id, errorTexts.cannotCreate))
  else sendOutOfDialog(context, application, frame, { ...text, method: text.method.toUpperCase() })
}

function respond(context: ServerContext, application: Application, frame: SipFrame, text: ResponseText): void {
  const method = (valueOf(text.headers, 'CSeq') ?? '').split(/\s+/)[1]?.toUpperCase() ?? ''
  const incoming = context.pending.delivered(frame.transactionId, method)
  if (frame.transactionId === '') application.send(no(frame.id, errorTexts.transactionIdMissing))
  else if (method === 'CANCEL') application.send(nok(frame.id, errorTexts.cancelIsAnswered))
  else if (incoming?.application !== application) application.send(nok(frame.id, errorTexts.unknownTransaction))
  else incoming.respond(frame.id, text)
}

function inDialog(context: ServerContext, application: Application, frame: SipFrame, text: RequestText): void {
  const dialog = context.dialogs.get(frame.dialogId)
  if (dialog?.application === application) dialog.send(frame, text)
  else {
    // drachtio-srf sends ACK for failed INVITEs as well, whose dialog has ended.
    const isAck = text.method.toUpperCase() === 'ACK'
    application.send(nok(frame.id, isAck ? errorTexts.ackIsAutomatic : errorTexts.unknownDialog))
  }
}

// RFC 3261 9.1: a CANCEL repeats these of its INVITE, or has none.
const headersOfInvite = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Contact', 'P-Asserted-Identity', 'Max-Forwards'])

function cancel(context: ServerContext, application: Application, frame: SipFrame, text: RequestText): void {
  const outgoing = context.pending.sent(frame.transactionId)
  if (outgoing?.application === application) outgoing.cancel(frame.id, without(text.headers, headersOfInvite))
  else application.send(nok(frame.id, errorTexts.unknownInvite(frame.transactionId)))
}

import { randomUUID } from 'node:crypto'
import { ownHostPort } from '../dialog/default-headers.ts'
import type { Dialog } from '../dialog/index.ts'
import {
  withContentType,
  type HeaderText,
  type RequestText,
  without,
  bracketed,
  withLocalHost,
} from './protocol/sip-text.ts'
import type { SipFrame } from './protocol/application-messages.ts'
import { errorTexts, sent, nok, requestSent } from './protocol/server-messages.ts'
import type { ApplicationDialog } from './application-dialog.ts'
import { InDialogRequest } from './application-request.ts'
import { cancelRace } from './call-reports.ts'

// The dialog's own, whatever an application says (RFC 3261 12.2.1.1).
const ofTheDialog = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'])

/** Sends an application's request in one of its dialogs. The Request-URI is the dialog's, be it `placeholder` or not. */
export function sendInDialog(dialog: ApplicationDialog, frame: SipFrame, text: RequestText): void {
  const { sipDialog, application } = dialog
  const method = text.method.toUpperCase()
  const own = withLocalHost(without(text.headers, ofTheDialog), ownHostPort(dialog.flow))
  const headers = withContentType(
    own.map(([name, value]) => [name, name === 'Contact' ? bracketed(value) : value]),
    text.body,
  )
  const problem = problemOf(dialog, sipDialog, method, headers)
  if (problem !== undefined || !sipDialog || !headers)
    application.send(nok(frame.id, problem ?? errorTexts.unknownDialog))
  else if (method === 'ACK') acknowledge(dialog, sipDialog, frame.id, headers, text.body)
  else {
    if (method === 'REFER') dialog.hasReferred = true
    const outgoing = new InDialogRequest(dialog, method, text)
    outgoing.begin(frame.id, sipDialog.send(method, { headers, body: text.body }, outgoing))
  }
}

function problemOf(
  dialog: ApplicationDialog,
  sipDialog: Dialog | undefined,
  method: string,
  headers: HeaderText[] | undefined,
) {
  if (!sipDialog) return errorTexts.unknownDialog
  if (sipDialog.remoteTarget === '') return errorTexts.noRouteInDialog(dialog.id)
  if (method === 'PRACK' && dialog.isConfirmed) return errorTexts.noInviteForPrack
  if (method === 'INVITE' && !dialog.isConfirmed) return errorTexts.unknownDialog

  return headers ? undefined : errorTexts.missingContentTypeInDialog
}

function acknowledge(
  dialog: ApplicationDialog,
  sipDialog: Dialog,
  frameId: string,
  headers: HeaderText[],
  body: string,
): void {
  const ack = sipDialog.ack({ headers, body })
  if (!ack) {
    dialog.application.send(nok(frameId, errorTexts.ackIsAutomaticInDialog))
    return
  }
  dialog.noteLocalSdp(body)
  const text = ack.toString()
  dialog.application.send(
    requestSent(frameId, sent(dialog.flow, text, dialog.context.core.clock.now()), randomUUID(), text),
  )
  if (dialog.endsWhenAcknowledged) dialog.end(cancelRace)
}

import { randomUUID } from 'node:crypto'
import { ownHostPort } from '../dialog/own-address.ts'
import type { Dialog } from '../dialog/index.ts'
import { withContentType } from './bodies.ts'
import type { SipFrame } from './client-messages.ts'
import { errorTexts } from './error-texts.ts'
import type { Leg } from './leg.ts'
import { bracketed, withLocalHost } from './local-host.ts'
import { OutgoingInDialog } from './outgoing-in-dialog.ts'
import { sent } from './passage.ts'
import { cancelRace } from './reasons.ts'
import { nok, requestSent } from './server-messages.ts'
import { type Header, type RequestText, without } from './sip-text.ts'

// The dialog's own, whatever an application says (RFC 3261 12.2.1.1).
const ofTheDialog = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'])

/** Sends a client's request in one of its dialogs. The Request-URI is the dialog's, be it `placeholder` or not. */
export function sendInDialog(leg: Leg, frame: SipFrame, text: RequestText): void {
  const { dialog, client } = leg
  const method = text.method.toUpperCase()
  const own = withLocalHost(without(text.headers, ofTheDialog), ownHostPort(leg.flow))
  const headers = withContentType(
    own.map(([name, value]) => [name, name === 'Contact' ? bracketed(value) : value]),
    text.body,
  )
  const problem = problemOf(leg, dialog, method, headers)
  if (problem !== undefined || !dialog || !headers) client.send(nok(frame.id, problem ?? errorTexts.unknownDialog))
  else if (method === 'ACK') acknowledge(leg, dialog, frame.id, headers, text.body)
  else {
    if (method === 'REFER') leg.hasReferred = true
    const outgoing = new OutgoingInDialog(leg, method, text)
    outgoing.begin(frame.id, dialog.send(method, { headers, body: text.body }, outgoing))
  }
}

function problemOf(leg: Leg, dialog: Dialog | undefined, method: string, headers: Header[] | undefined) {
  if (!dialog) return errorTexts.unknownDialog
  if (dialog.remoteTarget === '') return errorTexts.noRouteInDialog(leg.id)
  if (method === 'PRACK' && leg.isConfirmed) return errorTexts.noInviteForPrack
  if (method === 'INVITE' && !leg.isConfirmed) return errorTexts.unknownDialog

  return headers ? undefined : errorTexts.missingContentTypeInDialog
}

function acknowledge(leg: Leg, dialog: Dialog, frameId: string, headers: Header[], body: string): void {
  const ack = dialog.ack({ headers, body })
  if (!ack) {
    leg.client.send(nok(frameId, errorTexts.ackIsAutomaticInDialog))
    return
  }
  leg.noteLocalSdp(body)
  const text = ack.toString()
  leg.client.send(requestSent(frameId, sent(leg.flow, text, leg.exchange.core.clock.now()), randomUUID(), text))
  if (leg.endsWhenAcknowledged) leg.end(cancelRace)
}

import type { Leg } from './leg.ts'
import { agreedByPeer } from '../dialog/session-timer.ts'
import type { Response } from '../message/index.ts'

/** Refreshes a session with the description that we sent last (RFC 4028 10); the client is not told. */
export function refreshSession(leg: Leg): void {
  const { dialog, agreed } = leg
  if (!dialog || !agreed) return
  const { minSession } = leg.exchange.core
  const headers: [string, string][] = [
    ['Session-Expires', `${agreed.expires};refresher=uac`],
    ['Min-SE', String(minSession)],
  ]
  dialog.send(
    'INVITE',
    { headers, body: leg.localSdp },
    {
      response: (response) => {
        if (response.status < 200) return
        if (response.status >= 300) {
          refused(leg, response)
          return
        }
        dialog.ack()
        leg.keepAlive(agreedByPeer(response, minSession) ?? agreed)
      },
      unanswered: (response) => {
        refused(leg, response)
      },
    },
  )
}

/** RFC 4028 10: 408 and 481 say that the dialog is gone; after any other refusal the session lives to the end of its interval. */
function refused(leg: Leg, refusal: Response): void {
  const { status } = refusal
  if (leg.dialog?.ended) return
  if (status === 408 || status === 481) leg.dialog?.endByStack('session_expired')
  else leg.refreshRefused(refusal)
}

import type { Leg } from './leg.ts'
import { agreedByPeer } from '../dialog/session-timer.ts'

/** Refreshes a session with the description that we sent last (RFC 4028 10); the client is not told. */
export function refreshSession(leg: Leg): void {
  const { dialog, agreed } = leg
  if (!dialog || !agreed) return
  const { minSession } = leg.exchange.core
  const headers: [string, string][] = [
    ['Session-Expires', `${agreed.expires};refresher=uac`],
    ['Min-SE', String(minSession)],
  ]
  const later = (): void => leg.keepAlive(agreed)
  dialog.send(
    'INVITE',
    { headers, body: leg.localSdp },
    {
      response: (response) => {
        if (response.status < 200) return
        if (response.status < 300) {
          dialog.ack()
          leg.keepAlive(agreedByPeer(response, minSession) ?? agreed)
        } else if (response.status === 491) later()
        else dialog.endByStack('session_expired')
      },
      unanswered: ({ status }) => {
        // 491 is our own: an INVITE of the client's is on its way, which refreshes as well.
        if (status === 491) later()
        else dialog.endByStack('session_expired')
      },
    },
  )
}

import type { ApplicationDialog } from './application-dialog.ts'
import { agreedByPeer } from '../dialog/session-timer.ts'
import type { Response } from '../message/index.ts'

/** Refreshes a session with the description that we sent last (RFC 4028 10); the application is not told. */
export function refreshSession(dialog: ApplicationDialog): void {
  const { sipDialog, agreed } = dialog
  if (!sipDialog || !agreed) return
  const { minSession } = dialog.context.core
  const headers: [string, string][] = [
    ['Session-Expires', `${agreed.expires};refresher=uac`],
    ['Min-SE', String(minSession)],
  ]
  sipDialog.send(
    'INVITE',
    { headers, body: dialog.localSdp },
    {
      response: (response) => {
        if (response.status < 200) return
        if (response.status >= 300) {
          refused(dialog, response)
          return
        }
        sipDialog.ack()
        dialog.keepAlive(agreedByPeer(response, minSession) ?? agreed)
      },
      unanswered: (response) => {
        refused(dialog, response)
      },
    },
  )
}

/** RFC 4028 10: 408 and 481 say that the dialog is gone; after any other refusal the session lives to the end of its interval. */
function refused(dialog: ApplicationDialog, refusal: Response): void {
  const { status } = refusal
  if (dialog.sipDialog?.ended) return
  if (status === 408 || status === 481) dialog.sipDialog?.endByStack('session_expired')
  else dialog.refreshRefused(refusal)
}

import { bodyPart } from '../sip/body-part.ts'
import type { SipRequest, SipResponse } from '../sip/stack.ts'

/** The header of an INVITE's body that Baton does not understand (RFC 3261 8.2.3). */
export type NoSession = 'type' | 'encoding'

/** The session description of a message, whether it is the whole body or a part of it; '' when the message has none. */
export function sessionOf(message: SipRequest | SipResponse): string {
  const { body } = message
  // The usual case, with or without a Content-Type.
  if (body === '' || body.startsWith('v=')) return body
  const session = bodyPart(message, 'application/sdp') ?? ''

  return session === '' || session.endsWith('\n') ? session : `${session}\r\n`
}

/** Why Baton refuses an INVITE's body that no agent would understand. */
export function sessionBodyProblem(invite: SipRequest): NoSession | undefined {
  if (invite.body === '') return undefined
  const encoding = invite.header('Content-Encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'encoding'
  const type = invite.header('Content-Type') ?? 'application/sdp'
  if (/^(?:application\/sdp|multipart\/[\w.+-]+)\s*(?:;|$)/i.test(type)) return undefined

  // RFC 3261 20.11: a body whose handling is optional may be ignored.
  return /;\s*handling\s*=\s*"?optional\b/i.test(invite.header('Content-Disposition') ?? '') ? undefined : 'type'
}

import { bodyPart } from '../sip/body-part.ts'
import type { SipRequest, SipResponse } from '../sip/stack.ts'

/** What stands where only a session could: Baton understands neither (RFC 3261 8.2.3). */
export type NoSession = 'type' | 'encoding'

/** The session description of a message, whether it is the whole body or a part of it; '' when the message has none. */
export function sessionOf(message: SipRequest | SipResponse): string {
  const { body } = message
  // Nearly always, and what a missing Content-Type means, too.
  if (body === '' || body.startsWith('v=')) return body
  const session = bodyPart(message, 'application/sdp') ?? ''

  return session === '' || session.endsWith('\n') ? session : `${session}\r\n`
}

/** What is wrong with an INVITE's body, when no agent can be expected to understand it. */
export function sessionBodyProblem(invite: SipRequest): NoSession | undefined {
  if (invite.body === '') return undefined
  const encoding = invite.header('Content-Encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'encoding'
  const type = invite.header('Content-Type') ?? 'application/sdp'
  if (/^(?:application\/sdp|multipart\/[\w.+-]+)\s*(?:;|$)/i.test(type)) return undefined

  // RFC 3261 20.11: a body whose handling is optional may be ignored.
  return /;\s*handling\s*=\s*"?optional\b/i.test(invite.header('Content-Disposition') ?? '') ? undefined : 'type'
}

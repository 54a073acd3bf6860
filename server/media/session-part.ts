import type { SipRequest, SipResponse } from '../sip/stack.ts'

// RFC 3261 7.4, RFC 5621: a body is a session description, or several parts of which one may be, or something else.

/** What stands where only a session could: nobody here understands it (RFC 3261 8.2.3). */
export type NoSession = 'type' | 'encoding'

/** The session description of a message; '' when it has none. */
export function sessionIn(message: SipRequest | SipResponse): string {
  const { body } = message
  // Nearly always, and what a missing Content-Type means, too.
  if (body === '' || body.startsWith('v=')) return body
  const type = message.header('Content-Type') ?? ''
  if (!/^multipart\//i.test(type)) return /^application\/sdp\b/i.test(type) ? body : ''

  return partOf(body, boundaryOf(type)) ?? ''
}

/** What is wrong with an INVITE's body, if nobody can be expected to understand it. */
export function problemOfBody(invite: SipRequest): NoSession | undefined {
  if (invite.body === '') return undefined
  const encoding = invite.header('Content-Encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'encoding'
  const type = invite.header('Content-Type') ?? 'application/sdp'
  if (/^(?:application\/sdp|multipart\/[\w.+-]+)\s*(?:;|$)/i.test(type)) return undefined

  // RFC 3261 20.11: who says that it is optional can do without.
  return /;\s*handling\s*=\s*"?optional\b/i.test(invite.header('Content-Disposition') ?? '') ? undefined : 'type'
}

function boundaryOf(type: string): string {
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(type) ?? []

  return quoted ?? plain ?? ''
}

/** The first part that is a session description (RFC 2046 5.1.1). */
function partOf(body: string, boundary: string): string | undefined {
  if (boundary === '') return undefined
  for (const part of `\r\n${body}`.split(`\r\n--${boundary}`).slice(1)) {
    const end = part.indexOf('\r\n\r\n')
    if (end !== -1 && /^content-type\s*:\s*application\/sdp\b/im.test(part.slice(0, end)))
      return withLineEnd(part.slice(end + 4))
  }

  return undefined
}

// The line break before a boundary belongs to the boundary; a session description's last line has one of its own.
function withLineEnd(sdp: string): string {
  return sdp.endsWith('\n') ? sdp : `${sdp}\r\n`
}

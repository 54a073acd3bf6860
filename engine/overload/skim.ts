import { BadMessage, HeaderLine, headerName } from '../message/index.ts'

// What a response is made of (RFC 3261 8.2.6.2), and what tells calls for help.
const wanted = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'resource-priority'])
const maxLines = 200
const invite = Buffer.from('INVITE ')

/** Whether a message begins like an INVITE. */
export function isInvite(data: Buffer | string): boolean {
  if (typeof data === 'string') return data.startsWith('INVITE ')

  // The first byte tells most others apart.
  return data[0] === invite[0] && data.length > invite.length && invite.compare(data, 0, invite.length) === 0
}

/**
 * As much of an INVITE as it takes to refuse it, read without parsing the rest; undefined when that is not there, so that
 * whoever parses it says what is wrong.
 */
export function skimInvite(text: string): BadMessage | undefined {
  let at = text.indexOf('\r\n') + 2
  if (at <= 2) return undefined
  const firstLine = text.slice(0, at - 2)
  const lines: HeaderLine[] = []
  for (let count = 0; !text.startsWith('\r\n', at); count++) {
    let end = text.indexOf('\r\n', at)
    // RFC 3261 7.3.1: a line that begins with a blank goes on with the one before it.
    while (end >= 0 && (text[end + 2] === ' ' || text[end + 2] === '\t')) end = text.indexOf('\r\n', end + 2)
    if (end < 0 || count > maxLines) return undefined
    const colon = text.indexOf(':', at)
    const name = headerName(text.slice(at, Math.min(colon, at + 40)).trimEnd())
    if (colon < 0 || colon > end) return undefined
    if (wanted.has(name.key)) {
      const value = text.slice(colon + 1, end).replaceAll(/\r\n[ \t]+/g, ' ')
      if (value.includes('\r') || value.includes('\n')) return undefined
      lines.push(new HeaderLine(name, text, at, end + 2, colon + 1, end, value.trim()))
    }
    at = end + 2
  }
  const bodyStart = at + 2

  return new BadMessage({ reason: 'overload', status: 503, method: 'INVITE', firstLine }, { text, lines, bodyStart })
}

/** The Request-URI of a request line. */
export function uriOf(firstLine: string): string {
  const start = firstLine.indexOf(' ') + 1
  const end = firstLine.indexOf(' ', start)

  return firstLine.slice(start, end < 0 ? firstLine.length : end)
}

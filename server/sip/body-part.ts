import type { SipRequest, SipResponse } from './stack.ts'

// RFC 3261 7.4, RFC 5621: a body is of one type, or multipart, where each part has a type of its own.

/** A message, as far as its body is read. */
type BodyCarrier = Pick<SipRequest | SipResponse, 'body' | 'header'>

/** Multipart bodies inside multipart bodies are read this deep. */
const maxNesting = 4

/**
 * The part of a message's body that is of this media type (`application/sdp`, in lower case): the whole body, or a part
 * of a multipart one, nested ones included. Undefined when the body has none. A part of another disposition
 * than `disposition` (RFC 3261 20.11) counts only when no other part of that type is there.
 */
export function bodyPart(message: BodyCarrier, type: string, disposition = 'session'): string | undefined {
  const { body } = message
  if (body === '') return undefined
  const own = message.header('Content-Type') ?? ''
  if (isOfType(own, type)) return body
  if (!isMultipart(own)) return undefined
  const found = partsOf(body, own, maxNesting).filter((part) => isOfType(part.type, type))

  return (found.find((part) => part.disposition === '' || part.disposition === disposition) ?? found[0])?.content
}

/** Whether a Content-Type says that the body has parts. */
export function isMultipart(contentType: string): boolean {
  return /^\s*multipart\//i.test(contentType)
}

interface BodyPart {
  type: string
  /** The disposition's name in lower case; '' when the part has none. */
  disposition: string
  content: string
}

function isOfType(contentType: string, type: string): boolean {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase() === type
}

/** RFC 2046 5.1.1: a part begins after a line `--boundary`, and ends before the next one or at the end of the body. */
function partsOf(body: string, contentType: string, nesting: number): BodyPart[] {
  const boundary = boundaryOf(contentType)
  if (boundary === '') return []
  const parts: BodyPart[] = []
  let start: number | undefined
  for (const line of delimiters(body, `--${boundary}`)) {
    if (start !== undefined) parts.push(...partIn(body.slice(start, line.start), nesting))
    start = line.isLast ? undefined : line.next
    if (line.isLast) break
  }
  // A body without the closing delimiter has a last part, too.
  if (start !== undefined) parts.push(...partIn(body.slice(start), nesting))

  return parts
}

interface Delimiter {
  /** The position of the line break before the delimiter, which belongs to the delimiter. */
  start: number
  /** The position of the line after the delimiter. */
  next: number
  /** Whether it is the closing delimiter, `--boundary--`. */
  isLast: boolean
}

function* delimiters(body: string, dashes: string): Generator<Delimiter> {
  for (let at = body.indexOf(dashes); at !== -1; at = body.indexOf(dashes, at + dashes.length)) {
    if (at > 0 && body[at - 1] !== '\n') continue
    const newline = body.indexOf('\n', at)
    const end = newline === -1 ? body.length : newline
    const rest = body.slice(at + dashes.length, end).trim()
    // With other text after it, this is a longer boundary.
    if (rest !== '' && rest !== '--') continue
    const start = at > 1 && body[at - 2] === '\r' ? at - 2 : Math.max(at - 1, 0)
    yield { start, next: Math.min(end + 1, body.length), isLast: rest === '--' }
  }
}

/** The part with its headers, or the parts that it consists of. */
function partIn(text: string, nesting: number): BodyPart[] {
  const { headers, content } = splitHeaders(text)
  const type = headers.get('content-type') ?? headers.get('c') ?? 'text/plain'
  if (isMultipart(type)) return nesting > 1 ? partsOf(content, type, nesting - 1) : []
  const disposition = (headers.get('content-disposition') ?? '').split(';', 1)[0] ?? ''

  return [{ type, disposition: disposition.trim().toLowerCase(), content }]
}

function splitHeaders(text: string): { headers: Map<string, string>; content: string } {
  const headers = new Map<string, string>()
  let last = ''
  let at = 0
  while (at < text.length) {
    const newline = text.indexOf('\n', at)
    const end = newline === -1 ? text.length : newline
    const line = text.slice(at, end).trimEnd()
    at = end + 1
    if (line === '') break
    const colon = line.indexOf(':')
    // A line that begins with white space goes on with the header before it (RFC 5322 2.2.3).
    if (/^[ \t]/.test(line)) headers.set(last, `${headers.get(last) ?? ''} ${line.trim()}`)
    else if (colon !== -1) headers.set((last = line.slice(0, colon).trim().toLowerCase()), line.slice(colon + 1).trim())
  }

  return { headers, content: text.slice(at) }
}

/** The boundary parameter, quoted or not; '' without one. */
function boundaryOf(contentType: string): string {
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(contentType) ?? []

  return quoted ?? plain ?? ''
}

/** The header of an INVITE's body that Baton does not understand (RFC 3261 8.2.3). */
export type NoSession = 'type' | 'encoding'

/** The session description of a message, whether it is the whole body or a part of it; '' when the message has none. */
export function sessionOf(message: BodyCarrier): string {
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

/** The body with another description in the place of its own; the other parts of a multipart one stay. */
export function withSession(body: string, session: string, other: string): string {
  const own = session.trimEnd()
  const at = body.indexOf(own)
  if (body === session || at === -1) return other

  return body.slice(0, at) + other.trimEnd() + body.slice(at + own.length)
}

/**
 * The status line of a message/sipfrag body (RFC 3420), as NOTIFYs of a REFER hold. Undefined when the body has none. Empty
 * lines before it are passed over, as those before a message are (RFC 3261 7.5).
 */
export function statusOf(body: string): { status: number; reason: string } | undefined {
  const line = firstLineOf(body)
  const match = /^SIP\/2\.0 +([1-6]\d\d)(?: (.*))?$/i.exec(line)

  return match ? { status: Number(match[1]), reason: match[2]?.trim() ?? '' } : undefined
}

/** The first line that is not empty. */
export function firstLineOf(body: string): string {
  const text = body.trimStart()
  const end = text.indexOf('\n')

  return (end < 0 ? text : text.slice(0, end)).trimEnd()
}

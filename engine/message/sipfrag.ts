/** The status line of a message/sipfrag body (RFC 3420), as NOTIFYs of a REFER hold. Undefined when it has none. */
export function statusOf(body: string): { status: number; reason: string } | undefined {
  const end = body.indexOf('\n')
  const line = (end < 0 ? body : body.slice(0, end)).trim()
  const match = /^SIP\/2\.0 +([1-6]\d\d)(?: (.*))?$/i.exec(line)

  return match ? { status: Number(match[1]), reason: match[2]?.trim() ?? '' } : undefined
}

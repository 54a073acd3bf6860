/** The index just after the quoted string that opens at `start`, or -1 when it is never closed (RFC 3261 25.1). */
export function endOfQuoted(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 92) i++
    else if (code === 34) return i + 1
  }

  return -1
}

/** The content of a quoted string; any other text as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || text.charCodeAt(0) !== 34) return text
  const inner = text.slice(1, -1)
  if (!inner.includes('\\')) return inner
  let out = ''
  let from = 0
  for (let at = inner.indexOf('\\'); at >= 0; at = inner.indexOf('\\', at + 2)) {
    out += inner.slice(from, at)
    from = at + 1
  }

  return out + inner.slice(from)
}

/** `text` as a quoted string. CR and LF, which none may hold, become spaces. */
export function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')

  return `"${escaped.replaceAll('\r', ' ').replaceAll('\n', ' ')}"`
}

// Character classes of RFC 3261 25.1, as tables by byte.

function table(characters: string): Uint8Array {
  const bytes = new Uint8Array(256)
  for (let i = 0; i < characters.length; i++) bytes[characters.charCodeAt(i)] = 1

  return bytes
}

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const mark = "-_.!~*'()"

const tokenBytes = table(alphanumeric + "-.!%*_+`'~")
const hostBytes = table(alphanumeric + '-._')
// A parameter's value without quotes: token or host, an IPv6 reference included.
const plainValueBytes = table(alphanumeric + "-.!%*_+`'~[]:/&$@")
export const userBytes = table(alphanumeric + mark + '&=+$,;?/')
export const passwordBytes = table(alphanumeric + mark + '&=+$,')
export const uriParameterBytes = table(alphanumeric + mark + '[]/:&+$')
export const uriHeaderBytes = table(alphanumeric + mark + '[]/?:+$')

export function isTokenByte(code: number): boolean {
  return tokenBytes[code] === 1
}

/** Whether the text from `start` to `end`, which is not empty, has these characters only. */
function consistsOf(text: string, bytes: Uint8Array, start = 0, end = text.length): boolean {
  for (let i = start; i < end; i++) if (bytes[text.charCodeAt(i)] !== 1) return false

  return end > start
}

export const isToken = (text: string, start = 0, end = text.length): boolean => consistsOf(text, tokenBytes, start, end)
export const isHostText = (text: string): boolean => consistsOf(text, hostBytes)
export const isPlainValue = (text: string): boolean => consistsOf(text, plainValueBytes)

export const isDigit = (code: number): boolean => code >= 48 && code <= 57
export const isBlank = (code: number): boolean => code === 32 || code === 9

const control = /[\0-\x08\n-\x1f\x7f]/
const controls = /[\0-\x08\n-\x1f\x7f]+/g

/** Whether a text has a control character other than a tab. */
export const hasControl = (text: string): boolean => control.test(text)

/**
 * The text on one line, with a blank for control characters: a line break would begin a header of its own, and no other
 * control character but a tab belongs into a value (RFC 3261 25.1).
 */
export function onOneLine(text: string): string {
  return control.test(text) ? text.replace(controls, ' ') : text
}

/** A decimal number of at most 10 digits, from `start` to `end`; undefined for any other text. */
export function parseDigits(text: string, start = 0, end = text.length): number | undefined {
  if (end <= start || end - start > 10) return undefined
  let value = 0
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (!isDigit(code)) return undefined
    value = value * 10 + code - 48
  }

  return value
}

/** The first index from `start` on that has no blank; `end` when there is none. */
export function afterBlanks(text: string, start: number, end: number): number {
  let at = start
  while (at < end && isBlank(text.charCodeAt(at))) at++

  return at
}

/** The position at which the blanks before `end` begin; `start` when there is nothing else. */
export function beforeBlanks(text: string, start: number, end: number): number {
  let at = end
  while (at > start && isBlank(text.charCodeAt(at - 1))) at--

  return at
}

/** `text` without the blanks (SP and HTAB) at both ends. */
export function trimBlanks(text: string): string {
  const start = afterBlanks(text, 0, text.length)
  const end = beforeBlanks(text, start, text.length)

  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** `text` with its %HH sequences decoded, once. A percent sign that begins none stays as it is. */
export function percentDecode(text: string): string {
  let at = text.indexOf('%')
  if (at < 0) return text
  let out = ''
  let from = 0
  for (; at >= 0; at = text.indexOf('%', at + 1)) {
    const value = hexByte(text, at + 1)
    if (value < 0) continue
    out += text.slice(from, at) + String.fromCharCode(value)
    from = at + 3
    at += 2
  }

  return out + text.slice(from)
}

/** Whether every `%` of a text begins a percent-encoded octet (RFC 3986 2.1). */
export function isPercentEncoded(text: string): boolean {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 3)) if (hexByte(text, at + 1) < 0) return false

  return true
}

/** `text` with every byte that `plain` does not allow as %HH. */
export function percentEncode(text: string, plain: Uint8Array): string {
  let out = ''
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (plain[code] === 1) continue
    out += `${text.slice(from, i)}%${code.toString(16).toUpperCase().padStart(2, '0')}`
    from = i + 1
  }

  return from === 0 ? text : out + text.slice(from)
}

function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at))
  const low = hexDigit(text.charCodeAt(at + 1))

  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32

  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

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

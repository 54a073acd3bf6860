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

function consistsOf(text: string, bytes: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[text.charCodeAt(i)] !== 1) return false

  return text.length > 0
}

export const isToken = (text: string): boolean => consistsOf(text, tokenBytes)
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

/** A decimal number of at most 10 digits, or undefined for any other text. */
export function parseDigits(text: string): number | undefined {
  if (text.length === 0 || text.length > 10) return undefined
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (!isDigit(code)) return undefined
    value = value * 10 + code - 48
  }

  return value
}

/** `text` without the blanks (SP and HTAB) at both ends. */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--

  return start === 0 && end === text.length ? text : text.slice(start, end)
}

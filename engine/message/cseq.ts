import { afterBlanks, isBlank, isToken, parseDigits } from './characters.ts'

export interface CSeq {
  readonly number: number
  readonly method: string
}

/**
 * Parses a CSeq value, which has no blanks around it. Undefined when it is malformed or its number has more than 32 bits. RFC
 * 3261 8.1.1.5 has senders stay below 2**31; peers that count from above are accepted all the same.
 */
export function parseCSeq(value: string): CSeq | undefined {
  let end = 0
  while (end < value.length && !isBlank(value.charCodeAt(end))) end++
  // Leading zeros are allowed (RFC 4475 3.1.1.1).
  let start = 0
  while (start < end - 1 && value.charCodeAt(start) === 48) start++
  const number = parseDigits(value, start, end)
  const method = methodNamed(value, afterBlanks(value, end, value.length), value.length)

  return number === undefined || number >= 2 ** 32 || !isToken(method) ? undefined : { number, method }
}

/** The methods of RFC 3261 and its extensions (the IANA registry of methods). */
export const knownMethods: readonly string[] =
  'INVITE ACK BYE CANCEL OPTIONS INFO REFER NOTIFY UPDATE PRACK MESSAGE SUBSCRIBE PUBLISH REGISTER'.split(' ')

/** The method at these indexes. A known method is always the same string object, which is quick to compare and to look up. */
export function methodNamed(text: string, start: number, end: number): string {
  for (const method of knownMethods) if (method.length === end - start && text.startsWith(method, start)) return method

  return text.slice(start, end)
}

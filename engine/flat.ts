/**
 * A copy of a binary string that shares nothing with the text it was cut from. V8 keeps the whole text for as long as a
 * slice of it lives; what outlives a message is copied.
 */
export function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

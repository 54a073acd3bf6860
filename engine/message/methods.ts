/** RFC 3261 and the extensions that we know (the IANA registry of methods). */
export const knownMethods: readonly string[] =
  'INVITE ACK BYE CANCEL OPTIONS INFO REFER NOTIFY UPDATE PRACK MESSAGE SUBSCRIBE PUBLISH REGISTER'.split(' ')

/** The method that stands there: one and the same string for each that is known, which is then quick to compare and to look up. */
export function methodNamed(text: string, start: number, end: number): string {
  for (const method of knownMethods) if (method.length === end - start && text.startsWith(method, start)) return method

  return text.slice(start, end)
}

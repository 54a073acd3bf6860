import { HeaderLine, headerNames } from '../message/index.ts'

/** What many messages say of us in the same words: lines that are written once. Undefined where there is nothing to say. */
export interface OwnLines {
  /** Allow (RFC 3261 20.5). */
  readonly allow: HeaderLine | undefined
  readonly supported: HeaderLine | undefined
  /** RFC 3262 5: a reliable response to an INVITE without an offer makes one, which only our user could answer in time. */
  readonly supportedWithoutOffer: HeaderLine | undefined
  readonly userAgent: HeaderLine | undefined
  readonly server: HeaderLine | undefined
}

export function ownLines(allow: string, extensions: readonly string[], product: string): OwnLines {
  const line = (name: keyof typeof headerNames, value: string) =>
    value === '' ? undefined : HeaderLine.ofAny(headerNames[name], value)

  return {
    allow: line('allow', allow),
    supported: line('supported', extensions.join(', ')),
    supportedWithoutOffer: line('supported', extensions.filter((tag) => tag !== '100rel').join(', ')),
    userAgent: line('userAgent', product),
    server: line('server', product),
  }
}

import { Params } from './params.ts'

/** A tel: URI (RFC 3966). */
export interface TelUri {
  readonly scheme: 'tel'
  /** As written, visual separators and all. */
  readonly rawNumber: string
  /** Without visual separators; a global number begins with +. */
  readonly number: string
  readonly params: Params
}

/** Parses what follows `tel:`. Undefined when it is malformed. */
export function parseTelUri(text: string): TelUri | undefined {
  const semicolon = text.indexOf(';')
  const rawNumber = semicolon < 0 ? text : text.slice(0, semicolon)
  // RFC 3966 3: digits (hexadecimal, * and # in a local number) and the visual separators - . ( )
  if (!/^\+?[0-9a-fA-F*#().-]+$/.test(rawNumber)) return undefined
  const number = rawNumber.replace(/[().-]/g, '')
  if (!/^(?:\+[0-9]+|[0-9a-fA-F*#]+)$/.test(number)) return undefined
  const params = semicolon < 0 ? Params.noneOfUri : Params.parseUri(text, semicolon)

  return params && { scheme: 'tel', rawNumber, number, params }
}

import { headerNames, Params, type Request } from '../message/index.ts'

/** A dialog as a Replaces header names it, from the receiver's side (RFC 3891 6.1). */
export interface Replaces {
  callId: string
  /** Our tag. */
  toTag: string
  fromTag: string
  /** Only an early dialog may be replaced. */
  earlyOnly: boolean
}

/** Parses the value of Replaces. Undefined when it is malformed. */
export function parseReplaces(value: string): Replaces | undefined {
  const semicolon = value.indexOf(';')
  const params = semicolon <= 0 ? undefined : Params.parse(value, semicolon)
  const toTag = params?.get('to-tag')
  const fromTag = params?.get('from-tag')
  if (!params || !toTag || !fromTag) return undefined

  return { callId: value.slice(0, semicolon).trim(), toTag, fromTag, earlyOnly: params.has('early-only') }
}

/**
 * What an INVITE gets that is to take the place of a dialog (RFC 3891 3) or to join one (RFC 3911 4), here where nobody
 * does that: as one more call it would ring, which is not what its sender wants. Undefined for any other INVITE.
 * @param knows whether there is such a dialog
 */
export function refusalOfTakeover(invite: Request, knows: (named: Replaces) => boolean): 400 | 481 | 488 | undefined {
  const { replaces, join } = headerNames
  if (!invite.has(replaces) && !invite.has(join)) return undefined
  const [value = '', ...others] = [...invite.headers(replaces), ...invite.headers(join)]
  // Both at once, or two of one, contradict each other.
  const named = others.length === 0 ? parseReplaces(value) : undefined
  if (!named) return 400

  return knows(named) ? 488 : 481
}

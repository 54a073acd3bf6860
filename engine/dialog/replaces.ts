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

/** What decides about a dialog that is to be replaced or joined. */
export interface NamedDialog {
  readonly isEarly: boolean
  readonly initiatedBy: 'us' | 'peer'
}

/**
 * What an INVITE gets that is to take the place of a dialog (RFC 3891 3) or to join one (RFC 3911 4), where neither is
 * done: as one more call it would ring, which is not what its sender wants. Undefined for any other INVITE.
 * @param find the dialog of that name, if there is one
 */
export function refusalOfTakeover(
  invite: Request,
  find: (named: Replaces) => NamedDialog | undefined,
): 400 | 481 | 486 | 488 | undefined {
  const { replaces, join } = headerNames
  if (!invite.has(replaces) && !invite.has(join)) return undefined
  const [value = '', ...others] = [...invite.headers(replaces), ...invite.headers(join)]
  // Both at once, or two of one, contradict each other.
  const named = others.length === 0 ? parseReplaces(value) : undefined
  if (!named) return 400
  const dialog = find(named)
  if (!dialog) return 481
  if (!invite.has(replaces)) return 488
  // RFC 3891 3: a caller's own call that still rings here is not to be picked up by it.
  if (dialog.isEarly && dialog.initiatedBy === 'peer') return 481

  return named.earlyOnly && !dialog.isEarly ? 486 : 488
}

/** Whether a required `replaces` is understood: the INVITE's Replaces then says what becomes of it. */
export function understandsReplaces(request: Request, tag: string): boolean {
  return tag === 'replaces' && request.method === 'INVITE' && request.has(headerNames.replaces)
}

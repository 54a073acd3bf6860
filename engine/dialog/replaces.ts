import { Params } from '../message/index.ts'

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

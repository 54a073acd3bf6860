import type { Request } from '../message/index.ts'
import { parseSipUri } from '../message/index.ts'

/** Whose requests are refused with 603: texts, in lower case, found in what they say of themselves. */
export interface Spammers {
  /** Anywhere in the User-Agent. */
  userAgents: readonly string[]
  /** The user part of To, whole. */
  toUsers: readonly string[]
  /** The user part of From, whole. */
  fromUsers: readonly string[]
}

export function isSpam(spammers: Spammers, request: Request): boolean {
  const agent = request.header('User-Agent')?.toLowerCase() ?? ''
  if (spammers.userAgents.some((text) => agent.includes(text))) return true

  return spammers.toUsers.includes(userOf(request.to?.uri)) || spammers.fromUsers.includes(userOf(request.from?.uri))
}

function userOf(uri: string | undefined): string {
  return parseSipUri(uri ?? '')?.user?.toLowerCase() ?? '\0'
}

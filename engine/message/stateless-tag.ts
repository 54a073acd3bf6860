import type { BadMessage } from './bad-message.ts'
import type { Request } from './request.ts'

/** RFC 3261 8.2.7: a UAS that keeps nothing of a request gives the same To tag to each repetition. */
export function statelessTag({ callId, via }: Request | BadMessage): string {
  let hash = 0
  for (const char of `${via?.branch ?? ''}${callId}`) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0

  return `s-${(hash >>> 0).toString(36)}`
}

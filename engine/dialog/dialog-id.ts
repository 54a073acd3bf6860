/** What tells dialogs apart (RFC 3261 12), as seen from here. */
export function dialogId(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`
}

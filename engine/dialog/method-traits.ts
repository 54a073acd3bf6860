/** RFC 3261 12.2, RFC 3311 5: these, and their 2xx, change the remote target. */
export const targetRefreshers: ReadonlySet<string> = new Set(['INVITE', 'UPDATE'])

/** Requests that say where we are (RFC 3261 12.2.1.1, RFC 3311 5.1, RFC 3515 2.2, RFC 6665 4.1), and their 2xx. */
export const contactCarriers: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE', 'NOTIFY'])

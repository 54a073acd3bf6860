import type { Request, Response } from '../message/index.ts'
import type { Additions, Core } from './core.ts'

/** Puts a user's headers and body into a message. */
export function addTo(message: Request | Response, { headers, body }: Additions): void {
  if (headers) for (const [name, value] of headers) message.add(name, value)
  if (!body) return
  if (!message.has('Content-Type')) message.add('Content-Type', 'application/sdp')
  message.body = body
}

/** Adds a header unless the message has it, or there is nothing to say. */
export function addDefault(message: Request | Response, name: string, value: string): void {
  if (value !== '' && !message.has(name)) message.add(name, value)
}

/** Says what we take, in an INVITE (RFC 3261 13.2.1). */
export function addCapabilities(invite: Request, { allow, supported }: Core): void {
  addDefault(invite, 'Allow', allow)
  // RFC 3262 5: a reliable response to an INVITE without an offer makes one, which only our user could answer in time.
  const tags = invite.body ? supported : supported.replace(/100rel(, )?/, '')
  addDefault(invite, 'Supported', tags)
}

import { HeaderLine, headerNames, type Request, type Response } from '../message/index.ts'
import type { Additions, Core } from './core.ts'

const usualType = HeaderLine.of(headerNames.contentType, 'application/sdp')

/** Puts a user's headers and body into a message. */
export function addTo(message: Request | Response, { headers, body }: Additions): void {
  if (headers) for (const [name, value] of headers) message.add(name, value)
  if (!body) return
  addDefault(message, usualType)
  message.body = body
}

/** Adds a line unless the message has that header, or there is nothing to say. */
export function addDefault(message: Request | Response, line: HeaderLine | undefined): void {
  if (line && !message.has(line.name)) message.addLine(line)
}

/** Says what the engine supports, beside what its user says of itself. */
export function addSupported(message: Request | Response, line: HeaderLine | undefined): void {
  if (line) message.addLine(line)
}

/** Says where we are, in words of our own. */
export function addContact(message: Request | Response, contact: string): void {
  if (!message.has(headerNames.contact)) message.addLine(HeaderLine.of(headerNames.contact, contact))
}

/** Says what we take, in an INVITE (RFC 3261 13.2.1). */
export function addCapabilities(invite: Request, { own }: Core): void {
  addDefault(invite, own.allow)
  addSupported(invite, invite.body ? own.supported : own.supportedWithoutOffer)
}

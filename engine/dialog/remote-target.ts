import { type Message, parseSipUri } from '../message/index.ts'

/** The URI that a message's Contact gives for the requests of its dialog; undefined without a SIP or SIPS URI (RFC 3261 8.1.1.8). */
export function remoteTargetIn({ contact }: Message): string | undefined {
  return contact && parseSipUri(contact.uri) ? contact.uri : undefined
}

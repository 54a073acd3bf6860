import { bodyPart } from '../sip/body-part.ts'
import type { IncomingRequest, SipRequest } from '../sip/stack.ts'

/** Whether a NOTIFY or SUBSCRIBE is about a REFER. */
export function isOfRefer({ request }: IncomingRequest): boolean {
  return (request.header('Event') ?? 'refer').split(';', 1)[0]?.trim().toLowerCase() === 'refer'
}

/** The message/sipfrag body of a NOTIFY, which may be a part of a multipart one. Many peers name another type, or none. */
export function sipfragIn(notify: SipRequest): string {
  return bodyPart(notify, 'message/sipfrag') ?? notify.body
}

/** The CSeq of the REFER that a NOTIFY or SUBSCRIBE names, quoted or not (RFC 3515 2.4.6); undefined when it names none. */
export function referNamedIn(request: SipRequest): string | undefined {
  const [, quoted, plain] = /;\s*id\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(request.header('Event') ?? '') ?? []
  const id = (quoted ?? plain)?.trim()

  return id !== undefined && /^\d+$/.test(id) ? id.replace(/^0+(\d)/, '$1') : id
}

/** RFC 6665 4.2.1: nobody here knows any other events. */
export function refuseEvent(request: IncomingRequest): void {
  request.respond(489, { headers: [['Allow-Events', 'refer']] })
}

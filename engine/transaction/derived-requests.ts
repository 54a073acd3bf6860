import { createRequest, headerNames, type Request, type Response } from '../message/index.ts'

/** The ACK of a 3xx to 6xx: the INVITE's, but for To (RFC 3261 17.1.1.3). */
export function ackOf(invite: Request, response: Response): Request {
  return derived('ACK', invite, response.header(headerNames.to) ?? '')
}

/** The CANCEL of an INVITE; `headers` may say why (RFC 3261 9.1, RFC 3326). */
export function cancelOf(invite: Request, headers: Iterable<readonly [string, string]> = []): Request {
  const cancel = derived('CANCEL', invite, invite.header(headerNames.to) ?? '')
  for (const [name, value] of headers) cancel.add(name, value)

  return cancel
}

function derived(method: 'ACK' | 'CANCEL', invite: Request, to: string): Request {
  return createRequest({
    method,
    uri: invite.uri,
    via: invite.header(headerNames.via) ?? '',
    from: invite.header(headerNames.from) ?? '',
    to,
    callId: invite.callId,
    cseq: invite.cseq?.number ?? 0,
    routes: invite.headers(headerNames.route),
  })
}

import { flat } from '../flat.ts'
import { formatHostPort, magicCookie, type Request, type Via } from '../message/index.ts'

/** Client transactions are told apart by branch; a CANCEL has that of its INVITE (RFC 3261 17.1.3). */
export function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `${branch} CANCEL` : branch
}

/** RFC 3261 17.2.3: branch, sent-by and method, where an ACK is its INVITE's. */
export function serverKey(request: Request, via: Via, method = request.method): string {
  const matched = method === 'ACK' ? 'INVITE' : method
  if (via.branch?.startsWith(magicCookie)) return `${via.branch} ${formatHostPort(via.host, via.port)} ${matched}`

  // RFC 2543 peers: the To tag is left out, which an ACK has and its INVITE has not.
  return [matched, request.uri, request.fromTag, request.callId, request.cseq?.number, request.header('Via')].join(' ')
}

/** RFC 3261 8.2.2.2: what two arrivals of one forked request have in common. Undefined inside a dialog. */
export function mergeKey(request: Request): string | undefined {
  if (request.toTag !== undefined) return undefined

  return flat(`${request.callId} ${request.header('CSeq') ?? ''} ${request.fromTag ?? ''}`)
}

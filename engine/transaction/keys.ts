import { flat } from '../flat.ts'
import { branchOf, formatHostPort, headerNames, magicCookie, type Request, type Via } from '../message/index.ts'

/** The branch of a request of ours. */
export function ownBranch(request: Request): string {
  return branchOf(request.header(headerNames.via) ?? '')
}

/** Client transactions are told apart by branch; a CANCEL has that of its INVITE (RFC 3261 17.1.3). */
export function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `${branch} CANCEL` : branch
}

/** RFC 3261 17.2.3: branch, sent-by and method, where an ACK is its INVITE's. */
export function serverKey(request: Request, via: Via, method = request.method): string {
  const matched = method === 'ACK' ? 'INVITE' : method
  const key = branchKey(via, matched)
  if (key !== undefined) return key

  // RFC 2543 peers: the To tag is left out, which an ACK has and its INVITE has not.
  return [
    matched,
    request.uri,
    request.fromTag,
    request.callId,
    request.cseq?.number,
    request.header(headerNames.via),
  ].join(' ')
}

/** The key of a request with a branch of RFC 3261. */
export function branchKey({ branch, host, port }: Via, method: string): string | undefined {
  return branch?.startsWith(magicCookie) ? `${branch} ${formatHostPort(host, port)} ${method}` : undefined
}

/** RFC 3261 8.2.2.2: what two arrivals of one forked request have in common. Undefined inside a dialog. */
export function mergeKey(request: Request): string | undefined {
  if (request.toTag !== undefined) return undefined

  return flat(`${request.callId} ${request.header(headerNames.cseq) ?? ''} ${request.fromTag ?? ''}`)
}

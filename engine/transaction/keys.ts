import { flat } from '../flat.ts'
import { branchOf, formatHostPort, headerNames, magicCookie, type Message, type Request } from '../message/index.ts'

/** The branch of a request of ours. */
export function ownBranch(request: Request): string {
  return branchOf(request.header(headerNames.via) ?? '')
}

/** Client transactions are told apart by branch; a CANCEL has that of its INVITE (RFC 3261 17.1.3). */
export function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `${branch} CANCEL` : branch
}

/** RFC 3261 17.2.3: branch, sent-by and method, where an ACK is its INVITE's. Undefined without a Via. */
export function serverKey(request: Request, method = request.method): string | undefined {
  if (!request.via) return undefined
  const matched = method === 'ACK' ? 'INVITE' : method
  const key = branchKey(request, matched)
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

/**
 * The key of a request with a branch of RFC 3261. Some senders use one branch for all that they send, so Call-ID and CSeq
 * number, which an INVITE shares with its ACK and CANCEL, tell their requests apart. With these, an INVITE needs no sent-by
 * in its key: a NAT may give its CANCEL and ACK another one.
 */
export function branchKey(message: Message, method: string): string | undefined {
  const { via, callId, cseq } = message
  if (!via?.branch?.startsWith(magicCookie)) return undefined

  const sentBy = method === 'INVITE' ? '' : formatHostPort(via.host, via.port)

  return `${via.branch} ${sentBy} ${callId} ${cseq?.number ?? ''} ${method}`
}

/** RFC 3261 8.2.2.2: what two arrivals of one forked request have in common. Undefined for what no proxy forks: in a dialog, and CANCEL. */
export function mergeKey(request: Request): string | undefined {
  if (request.toTag !== undefined || request.method === 'CANCEL') return undefined

  return flat(`${request.callId} ${request.header(headerNames.cseq) ?? ''} ${request.fromTag ?? ''}`)
}

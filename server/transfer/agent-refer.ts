import {
  formatUri,
  isSipUri,
  isTelUri,
  parseNameAddr,
  parseReplaces,
  parseUri,
  type SipUri,
} from '../../engine/index.ts'
import { hostsOf, isAdhocHost, type PinnedTable } from '../../routes/index.ts'
import { byName, extensionHeaders } from '../legs/headers.ts'
import type { SipAddress, SipDialogEnd, SipRequest } from '../sip/stack.ts'
import { isOwnUri } from './destination.ts'
import { isRawTarget } from './transfer-plan.ts'
import type { TransferRequest } from './transfer-request.ts'

/** Why an agent's REFER is refused: the status and the reason phrase of its response. */
export interface ReferProblem {
  status: number
  reason: string
}

/**
 * The transfer that an agent's REFER asks for: `Refer-To: <sip:front-desk@anything>`. The destination gets the `X-` headers
 * of the REFER and those inside Refer-To, which win. `?Replaces=` asks for an attended transfer (RFC 5589 7).
 */
export function readRefer(request: SipRequest): TransferRequest | ReferProblem {
  const referTo = request.headers('Refer-To')
  const [value] = referTo
  // RFC 3515 2.4.2: exactly one Refer-To.
  if (value === undefined || referTo.length > 1) return { status: 400, reason: 'One Refer-To Needed' }
  const target = parseNameAddr(value)
  const uri = target && parseUri(target.uri)
  if (!uri) return { status: 400, reason: 'Bad Refer-To' }
  if (isTelUri(uri)) return { requestedBy: 'refer', handoff: uri.number, headers: byName(extensionHeaders(request)) }
  if (!isSipUri(uri)) return { status: 416, reason: 'Unsupported Refer-To Scheme' }
  const headers = byName(extensionHeaders(request))
  const inside = uriHeaders(uri)
  for (const [name, text] of inside) if (/^x-/i.test(name) && !/^x-baton-/i.test(name)) headers[name] = text
  // RFC 3261 19.1.1: a semicolon begins parameters of the user; the name of a handoff holds none.
  const [handoff = ''] = (uri.user ?? '').split(';', 1)
  const attended = inside.find(([name]) => /^replaces$/i.test(name))
  if (!attended) return { requestedBy: 'refer', handoff, headers }
  const replaces = parseReplaces(attended[1])

  return replaces
    ? { requestedBy: 'refer', handoff, headers, replaces }
    : { status: 400, reason: 'Bad Replaces In Refer-To' }
}

/** Whether an agent's REFER cancels its transfer: `Refer-To: <sip:front-desk@anything;method=CANCEL>` (RFC 3261 19.1.1). */
export function refersCancel(request: SipRequest): boolean {
  const uri = parseUri(uriIn(request, 'Refer-To'))

  return uri !== undefined && isSipUri(uri) && uri.params.get('method')?.toUpperCase() === 'CANCEL'
}

/** Whether an agent's BYE cancels its transfer, too: `Reason: SIP;cause=487` (RFC 3326). */
export function byeCancels(end: SipDialogEnd): boolean {
  const reasons = end.by === 'peer' ? end.request.headers('Reason') : []

  return reasons.some((reason) => /(?:^|,)\s*SIP\s*;[^,]*\bcause\s*=\s*487\b/i.test(reason))
}

export function isReferProblem(read: TransferRequest | ReferProblem): read is ReferProblem {
  return 'status' in read
}

/**
 * The handoff's name, number or URI that an agent's REFER asks for. The user part of Refer-To is a name or a number at any
 * host; in a project that allows raw URIs, the whole URI is meant where its host is neither Baton nor the agent, and can be
 * one of a network (`sip:front-desk@baton` cannot).
 */
export function requestedHandoff(
  user: string,
  request: SipRequest,
  pinned: PinnedTable,
  own: readonly SipAddress[],
): string {
  if (!pinned.settings.adhoc || pinned.handoff(user) || isRawTarget(user)) return user
  const uri = parseUri(uriIn(request, 'Refer-To'))
  if (!uri || !isSipUri(uri)) return user
  const written = formatUri({ ...uri, headers: [] })
  if (isOwnUri(written, own)) return user
  if (isAdhocHost(pinned, written)) return written
  const [host = ''] = hostsOf(written)

  return isNetworkHost(host) && !isAgentsHost(host, request) ? written : user
}

function isNetworkHost(host: string): boolean {
  return /[.:]/.test(host)
}

function isAgentsHost(host: string, request: SipRequest): boolean {
  return host === request.source.address || hostsOf(uriIn(request, 'Contact')).includes(host)
}

function uriIn(request: SipRequest, header: 'Refer-To' | 'Contact'): string {
  return parseNameAddr(request.header(header) ?? '')?.uri ?? ''
}

/** The headers inside a URI (RFC 3261 19.1.1) as text: what was percent-encoded there is UTF-8. */
export function uriHeaders({ headers }: SipUri): [name: string, text: string][] {
  return headers.map(([name, bytes]) => [name, Buffer.from(bytes, 'latin1').toString('utf8')])
}

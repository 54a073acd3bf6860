import {
  isSipUri,
  isTelUri,
  parseNameAddr,
  parseReplaces,
  parseUri,
  formatUri,
  type SipUri,
} from '../../engine/index.ts'
import { byName } from '../legs/headers.ts'
import { extensionHeaders } from '../legs/headers.ts'
import type { SipDialogEnd, SipRequest, SipAddress } from '../sip/stack.ts'
import type { TransferRequest } from './transfer.ts'
import { hostsOf, isAdhocHost, type PinnedTable } from '../../routes/index.ts'
import { isOwnUri } from './destination.ts'
import { isRawTarget } from './transfer-plan.ts'

/** An agent's REFER that cannot be taken; `status` is its answer. */
export interface ReferProblem {
  status: number
  reason: string
}

/**
 * What an agent asks for by REFER: `Refer-To: <sip:front-desk@anything>`. Its `X-` headers, and those in Refer-To
 * (which are nearer to the destination and win), go to the destination. With `?Replaces=` (RFC 5589 7) it is an attended one.
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
  // RFC 3261 19.1.1: what follows a semicolon are parameters of the user; no name holds one.
  const [handoff = ''] = (uri.user ?? '').split(';', 1)
  const attended = inside.find(([name]) => /^replaces$/i.test(name))
  if (!attended) return { requestedBy: 'refer', handoff, headers }
  const replaces = parseReplaces(attended[1])

  return replaces
    ? { requestedBy: 'refer', handoff, headers, replaces }
    : { status: 400, reason: 'Bad Replaces In Refer-To' }
}

/** Whether an agent's REFER calls its transfer off: `Refer-To: <sip:front-desk@anything;method=CANCEL>` (RFC 3261 19.1.1). */
export function refersCancel(request: SipRequest): boolean {
  const [value = ''] = request.headers('Refer-To')
  const uri = parseUri(parseNameAddr(value)?.uri ?? '')

  return uri !== undefined && isSipUri(uri) && uri.params.get('method')?.toUpperCase() === 'CANCEL'
}

/** Whether an agent that hangs up means its transfer to end, too: `Reason: SIP;cause=487` on its BYE (RFC 3326). */
export function byeCancels(end: SipDialogEnd): boolean {
  const reasons = end.by === 'peer' ? end.request.headers('Reason') : []

  return reasons.some((reason) => /(?:^|,)\s*SIP\s*;[^,]*\bcause\s*=\s*487\b/i.test(reason))
}

export function isReferProblem(read: TransferRequest | ReferProblem): read is ReferProblem {
  return 'status' in read
}

/**
 * What an agent's REFER asks for, `named` being the user part of its Refer-To: a handoff's name or a number, whatever the
 * host; or, in a project that allows raw URIs, the whole URI where it leads elsewhere. A host that is Baton's or the
 * agent's own, or that no network knows (`sip:front-desk@baton`), says nothing.
 */
export function requestedHandoff(
  named: string,
  request: SipRequest,
  pinned: PinnedTable,
  own: readonly SipAddress[],
): string {
  if (!pinned.settings.adhoc || pinned.handoff(named) || isRawTarget(named)) return named
  const uri = parseUri(parseNameAddr(request.header('Refer-To') ?? '')?.uri ?? '')
  if (!uri || !isSipUri(uri)) return named
  const written = formatUri({ ...uri, headers: [] })
  const [host = ''] = hostsOf(written)
  if (isOwnUri(written, own)) return named
  if (isAdhocHost(pinned, written)) return written
  const agents = hostsOf(parseNameAddr(request.header('Contact') ?? '')?.uri ?? '')
  const saysNothing = !/[.:]/.test(host) || host === request.source.address || agents.includes(host)

  return saysNothing ? named : written
}

/** The headers inside a URI (RFC 3261 19.1.1) as text: what was percent-encoded there is UTF-8. */
export function uriHeaders({ headers }: SipUri): [name: string, text: string][] {
  return headers.map(([name, bytes]) => [name, Buffer.from(bytes, 'latin1').toString('utf8')])
}

import { flat, isSipUri, isTelUri, parseNameAddr, parseUri } from '../../engine/index.ts'
import type { CallFacts, PinnedTable } from '../../routes/index.ts'
import { normaliseNumber } from '../../routes/index.ts'
import type { HeadersToSend, SipRequest } from '../sip/stack.ts'
import { byName, extensionHeaders } from './relay.ts'

/** Who calls whom, read once from the INVITE. */
export interface CallerIdentity {
  /** The URI of From. */
  uri: string
  /** E.164 where it is a number, otherwise the user part; '' for an anonymous caller. */
  number: string
  name: string
  /** The dialled number, as `number` is. */
  called: string
  /** From and To without their tags, for the legs that we set up. */
  from: string
  to: string
}

/** A trunk's word is trusted, so P-Asserted-Identity comes before From (RFC 3325). */
export function identify(request: SipRequest, country: string | undefined): CallerIdentity {
  const from = parseNameAddr(request.header('From') ?? '')
  const to = parseNameAddr(request.header('To') ?? '')
  const asserted = parseNameAddr(request.header('P-Asserted-Identity') ?? '')
  const who = asserted ?? from
  const name = who?.displayName ?? from?.displayName ?? ''

  return {
    // An ended call is kept for long, and its INVITE is not.
    uri: flat(from?.uri ?? ''),
    number: flat(numberOf(who?.uri ?? '', country)),
    name: flat(name),
    called: flat(numberOf(request.uri, country)),
    from: flat(withoutTag(request.header('From') ?? '')),
    to: flat(withoutTag(request.header('To') ?? '') || `<${to?.uri ?? request.uri}>`),
  }
}

function numberOf(uri: string, country: string | undefined): string {
  const parsed = parseUri(uri)
  if (parsed === undefined) return ''
  const user = isSipUri(parsed) ? (parsed.user ?? '') : isTelUri(parsed) ? parsed.number : ''
  if (user.toLowerCase() === 'anonymous') return ''

  return normaliseNumber(user, country === undefined ? {} : { country }) ?? user
}

// The tag is the dialog's, and each dialog has its own.
function withoutTag(nameAddr: string): string {
  return nameAddr.replace(/;\s*tag\s*=[^;>]*$/i, '').replace(/;\s*tag\s*=[^;]*(?=;[^>]*$)/i, '')
}

/** What tells a later party who is calling, and why the call comes to it. */
const identityHeaders = new Set([
  'P-Asserted-Identity',
  'Remote-Party-ID',
  'Privacy',
  'Diversion',
  'History-Info',
  'Identity',
  'User-to-User',
  'Call-Info',
])

/** What the agent gets: the caller's identity and `X-` headers, and which call of which project this is. */
export function agentHeaders(invite: SipRequest, callId: string, pinned: PinnedTable): HeadersToSend {
  return [
    ['X-Baton-Call-Id', callId],
    ['X-Baton-Project', pinned.project],
    ['X-Baton-Environment', pinned.environment],
    ['X-Baton-Version', String(pinned.version)],
    ...extensionHeaders(invite, identityHeaders),
  ]
}

/** The hops that are left to whom we call for this caller: a call that comes round to us must end some time (RFC 7332). */
export function hopsLeft(invite: SipRequest): number {
  const hops = Number(invite.header('Max-Forwards') ?? 70)

  return Math.max(0, Math.min(hops, 70) - 1)
}

/** The facts that header templates are filled in from. */
export function factsOf(callId: string, invite: SipRequest, caller: CallerIdentity): CallFacts {
  const headers = byName(extensionHeaders(invite))

  return { callId, callerId: caller.number, callerName: caller.name, calledNumber: caller.called, headers }
}

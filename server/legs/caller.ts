import { copyText, isSipUri, isTelUri, parseNameAddr, parseUri, splitList, withoutTag } from '../../engine/index.ts'
import type { CallFacts, PinnedTable } from '../../routes/index.ts'
import { isE164, normaliseNumber } from '../../routes/index.ts'
import type { SipHeader, HeadersToSend, SipRequest } from '../sip/stack.ts'
import { readable } from '../sip/text.ts'
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
  const [fromValue, toValue] = [request.header('From') ?? '', request.header('To') ?? '']
  const from = parseNameAddr(fromValue)
  const to = parseNameAddr(toValue)
  const asserted = assertedIdentity(request, country)

  return {
    // An ended call is kept for long, and its INVITE is not.
    uri: copyText(readable(from?.uri ?? '')),
    number: copyText(readable(asserted?.number ?? numberOf(from?.uri ?? '', country))),
    name: copyText(readable(asserted?.name ?? from?.displayName ?? '')),
    called: copyText(numberOf(request.uri, country)),
    from: copyText(withoutTag(fromValue, from)),
    to: copyText(withoutTag(toValue, to) || `<${to?.uri ?? request.uri}>`),
  }
}

interface AssertedIdentity {
  number: string
  name: string | undefined
}

/**
 * RFC 3325 9.1: one or two values, a SIP URI and a tel: URI, on one line or on two. The first that is a telephone number
 * tells the number, else the first that names a user; the name is that of the first which has one.
 */
function assertedIdentity(request: SipRequest, country: string | undefined): AssertedIdentity | undefined {
  const values = request.headers('P-Asserted-Identity')
  if (values.length === 0) return undefined
  const users = values
    .flatMap((value) => splitList(value))
    .slice(0, maxAssertedValues)
    .map((value) => parseNameAddr(value))
    .map((address) => ({ name: address?.displayName, number: numberOf(address?.uri ?? '', country) }))
    .filter(({ number }) => number !== '')
  const identity = users.find(({ number }) => isE164(number)) ?? users[0]

  return identity && { number: identity.number, name: users.find(({ name }) => name)?.name }
}

// RFC 3325 has two; a peer may send more, and not a message full of them.
const maxAssertedValues = 8

function numberOf(uri: string, country: string | undefined): string {
  const parsed = parseUri(uri)
  if (parsed === undefined) return ''
  const user = isSipUri(parsed) ? (parsed.user ?? '') : isTelUri(parsed) ? parsed.number : ''
  if (user.toLowerCase() === 'anonymous') return ''

  return normaliseNumber(isTelUri(parsed) ? uri : user, country === undefined ? {} : { country }) ?? user
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

/**
 * Agents hand their calls over by REFER with Replaces (RFC 5589 7), and look for this first. No other leg is told so: what
 * an INVITE with Replaces gets is a refusal (RFC 3891 3).
 */
export const takesReplaces: SipHeader = ['Supported', 'replaces']

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

import { copyText, isSipUri, isTelUri, parseNameAddr, parseUri, splitList, withoutTag } from '../../engine/index.ts'
import { isE164, normaliseNumber, type CallFacts, type PinnedTable } from '../../routes/index.ts'
import type { HeadersToSend, SipAddress, SipRequest } from '../sip/stack.ts'
import { readable } from '../sip/text.ts'
import { byName, extensionHeaders } from './headers.ts'

/** The caller and the dialled number, read once from the INVITE. */
export interface CallerIdentity {
  /** The URI of From. */
  uri: string
  /** E.164 where it is a number, otherwise the user part; '' for an anonymous caller. */
  number: string
  name: string
  /** The dialled number, in the form of `number`. */
  called: string
  /** From and To without their tags, for the legs that Baton sets up. */
  from: string
  to: string
}

/** P-Asserted-Identity is used before From: the trunk belongs to the trust domain (RFC 3325). */
export function identify(request: SipRequest, country: string | undefined): CallerIdentity {
  const [fromValue, toValue] = [request.header('From') ?? '', request.header('To') ?? '']
  const from = parseNameAddr(fromValue)
  const to = parseNameAddr(toValue)
  const asserted = assertedIdentity(request, country)
  const uri = from?.uri ?? ''

  return {
    // The record of an ended call is kept for long, and its INVITE is not.
    uri: copyText(readable(uri)),
    number: copyText(readable(asserted?.number ?? numberOf(uri, country))),
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

/** RFC 3325 9.1 allows two values, and a peer may send more: a message full of them is not read to its end. */
const maxAssertedValues = 8

/**
 * RFC 3325 9.1: one or two values, a SIP URI and a tel: URI, on one line or on two. The number is the first E.164 number, else
 * the first user part; the name is the first display name.
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

function numberOf(uri: string, country: string | undefined): string {
  const parsed = parseUri(uri)
  if (parsed === undefined) return ''
  const user = userOf(parsed)
  if (user.toLowerCase() === 'anonymous') return ''

  return normaliseNumber(isTelUri(parsed) ? uri : user, country === undefined ? {} : { country }) ?? user
}

function userOf(uri: NonNullable<ReturnType<typeof parseUri>>): string {
  if (isSipUri(uri)) return uri.user ?? ''

  return isTelUri(uri) ? uri.number : ''
}

/** RFC 3325, RFC 3323, RFC 5806, RFC 7044, and Remote-Party-ID of an expired draft that is still in use. */
const recordedIdentityHeaders = ['P-Asserted-Identity', 'Remote-Party-ID', 'Privacy', 'Diversion', 'History-Info']

/** Headers of an INVITE that tell the called party about the caller and the way of the call. */
export const identityHeaders: ReadonlySet<string> = new Set([
  ...recordedIdentityHeaders,
  'Identity',
  'User-to-User',
  'Call-Info',
])

/** The headers of an agent's INVITE: the caller's identity and `X-` headers, and the call's id, project and version. */
export function agentHeaders(invite: SipRequest, callId: string, pinned: PinnedTable): HeadersToSend {
  return [
    ['X-Baton-Call-Id', callId],
    ['X-Baton-Project', pinned.project],
    ['X-Baton-Environment', pinned.environment],
    ['X-Baton-Version', String(pinned.version)],
    ...extensionHeaders(invite, identityHeaders),
  ]
}

/** The Max-Forwards of a leg that is called for this caller, so that a call in a circle ends (RFC 7332). */
export function hopsLeft(invite: SipRequest): number {
  const hops = Number(invite.header('Max-Forwards') ?? 70)

  return Math.max(0, Math.min(hops, 70) - 1)
}

/** The facts that header templates are filled in from. */
export function factsOf(callId: string, invite: SipRequest, caller: CallerIdentity): CallFacts {
  const headers = byName(extensionHeaders(invite))

  return { callId, callerId: caller.number, callerName: caller.name, calledNumber: caller.called, headers }
}

/** The source of a call and the process that took it, for its record: read once, since the INVITE is not kept. */
export interface CallOrigin {
  readonly node: string
  readonly source: SipAddress
  /** The headers with the identity of the caller and of earlier called parties, unchanged, by their names. */
  readonly identity: Readonly<Record<string, string>>
}

/** Bounds all values of one header together, in characters. */
const maxIdentityLength = 512

const noIdentity: Readonly<Record<string, string>> = {}

export function callOriginOf(request: SipRequest, node: string): CallOrigin {
  const { transport, address, port } = request.source
  let identity: Record<string, string> | undefined
  for (const name of recordedIdentityHeaders) {
    const values = request.headers(name)
    if (values.length === 0) continue
    identity ??= {}
    identity[name] = copyText(readable(values.join(', ').slice(0, maxIdentityLength)))
  }

  return { node, source: { transport, address, port }, identity: identity ?? noIdentity }
}

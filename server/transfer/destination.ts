import { requestUriOf } from '../../engine/index.ts'
import type { Trunk } from '../../config/index.ts'
import {
  adhocName,
  adhocProblem,
  deniedProblem,
  inviteUris,
  nextHopOf,
  reachableAddresses,
  requestHeaders,
  type DestinationProblem,
  type NumberFormat,
  type PinnedTable,
  type Step,
  type CallerIdPolicy,
} from '../../routes/index.ts'
import { hopsLeft, type CallerIdentity } from '../legs/caller.ts'
import type { Trunks } from '../legs/trunks.ts'
import { isSecureUri } from '../sip/secure-uri.ts'
import type { SipHeader, InviteOptions, SipAddress, SipRequest, HeadersToSend } from '../sip/stack.ts'
import { traitsOf } from './trunk-traits.ts'
import type { TransferReason } from './outcome.ts'
import { headersOf } from '../legs/headers.ts'

/** What a call knows that decides how its destinations are called. */
export interface DestinationParts {
  /** The trunk that the caller came in by. */
  trunk: Trunk
  trunks: Trunks
  invite: SipRequest
  caller: CallerIdentity
  /** Whose project decides where a destination may point; nobody follows where there is none. */
  pinned?: PinnedTable
  /** Where we listen. */
  own: readonly SipAddress[]
  /** Whether the call is sips, so that none but secure targets are called. */
  isSecure?: boolean
}

/** How a destination is called: its Request-URIs in the order in which they are tried, and the rest of the INVITE. */
export interface Destination {
  targets: string[]
  invite: InviteOptions
  /** The trunk whose settings hold for it. */
  trunk: Trunk
  /** Seconds in which it must send a response, 100 included; 0: no limit. */
  progressTimeout: number
  /** Whether the caller hears it before it has answered. */
  earlyMedia: 'hold' | 'pass'
  /** Whether a destination that points elsewhere is believed. */
  redirects: 'follow' | 'refuse'
  /** Why a destination may not point to this URI, be it at its own host or elsewhere; undefined when it may. */
  redirectProblem: (target: string, sameHost: boolean) => string | undefined
  /** Which addresses a target at another host, to which it points, may have; undefined for any. */
  redirectReach: (target: string) => InviteOptions['reachable']
  /** Whether the call is sips: its INVITE, and where it is redirected to, goes to secure targets alone. */
  isSecure: boolean
  /** The targets that are not called for that. */
  insecure: readonly string[]
  /** How numbers are written that it points to: as the handoff wants it, else as the trunk does. */
  numberFormat: NumberFormat | undefined
  /** Why there is nobody to call. */
  problem?: { reason: TransferReason; detail?: string }
}

export function destinationOf(
  step: Step,
  { trunk, trunks, invite, caller, pinned, own, isSecure = false }: DestinationParts,
): Destination {
  const by = (step.trunk === undefined ? undefined : trunks.named(step.trunk)) ?? trunk
  const shown = shownCaller(step.callerId, invite, caller, own[0])
  const headers = requestHeaders(step, 'invite')
  const named = new Set(headers.map(([name]) => name))
  const uris = requestUris(step.target, by, step.numberFormat)
  const all = isProblem(uris) ? [] : uris.map((target) => withTransport(target, step.transport))
  const others = all.filter((target) => !isOwnUri(target, own))
  const targets = isSecure ? others.filter(isSecureUri) : others
  // What a handoff names is its operators' affair; what an agent has made up is not.
  const reachable = step.handoff === adhocName ? redirectRules(pinned, by).redirectReach(step.target) : undefined
  const problem = isProblem(uris)
    ? { reason: uris.code, detail: uris.detail }
    : { reason: others.length === 0 ? ('loop' as const) : ('not_secure' as const) }

  return {
    targets,
    isSecure,
    insecure: others.filter((target) => !targets.includes(target)),
    trunk: by,
    numberFormat: step.numberFormat,
    progressTimeout: step.progressTimeout ?? by.progressTimeout,
    earlyMedia: step.earlyMedia ?? by.earlyMedia,
    redirects: step.redirects ?? by.redirects,
    ...redirectRules(pinned, by),
    invite: {
      reachable,
      from: shown.from,
      maxForwards: hopsLeft(invite),
      // The handoff's own word comes before the caller's.
      headers: [...timer(by), ...shown.headers.filter(([name]) => !named.has(name)), ...headers],
      credentials: trunks.credentialsOn(by),
    },
    ...(targets.length === 0 && { problem }),
  }
}

/** Where a party that is called by this trunk may point: as the project has it for targets that are not in its table. */
export function redirectRules(
  pinned: PinnedTable | undefined,
  { gateways }: Trunk,
): Pick<Destination, 'redirectProblem' | 'redirectReach'> {
  return {
    redirectProblem: (target, sameHost) => {
      if (!pinned) return 'no project allows it'

      return sameHost ? deniedProblem(pinned, target) : adhocProblem(pinned, target, gateways)
    },
    redirectReach: (target) => pinned && reachableAddresses(pinned, target, gateways),
  }
}

/** RFC 4028 7.1: the session interval that this trunk is asked for. */
function timer({ sessionExpires }: Trunk): SipHeader[] {
  return sessionExpires === 0 ? [] : [['Session-Expires', String(sessionExpires)]]
}

/** The Request-URIs that a destination is called by, in order; empty when the trunk has no gateway for its number, or no way to write it. */
export function inviteTargets(target: string, trunk: Trunk, format?: NumberFormat): readonly string[] {
  const uris = requestUris(target, trunk, format)

  return isProblem(uris) ? [] : uris
}

/** Whether a URI leads back to us: a transfer there would go round in a circle. */
export function isOwnUri(target: string, own: readonly SipAddress[]): boolean {
  const hop = nextHopOf(target)

  return hop !== undefined && own.some(({ address, port }) => hop === `${address} ${port}`)
}

/** Without the headers that a URI may have, which no Request-URI has (RFC 3261 19.1.1). */
function requestUris(target: string, trunk: Trunk, format: NumberFormat | undefined): string[] | DestinationProblem {
  const uris = inviteUris(target, traitsOf(trunk), format)

  return isProblem(uris) ? uris : uris.map(requestUriOf)
}

function withTransport(target: string, transport: Step['transport']): string {
  return transport === undefined || /;transport=/i.test(target) ? target : `${target};transport=${transport}`
}

function isProblem(uris: readonly string[] | DestinationProblem): uris is DestinationProblem {
  return 'code' in uris
}

/** Who the destination sees as the caller: From without its tag, and the headers that say more. */
export interface ShownCaller {
  from: string
  headers: HeadersToSend
}

/** Headers that tell who is calling and why the call comes this way, unless a policy says otherwise. */
const identityHeaders = ['Remote-Party-ID', 'Identity', 'User-to-User', 'Call-Info'] as const

/**
 * The caller as a handoff's policy shows it: as it came, as the dialled number, as a fixed number or URI, or not at all
 * (RFC 3325 P-Asserted-Identity, RFC 5806 Diversion, RFC 7044 History-Info, RFC 3323 Privacy).
 */
export function shownCaller(
  policy: CallerIdPolicy,
  invite: SipRequest,
  caller: CallerIdentity,
  own: SipAddress | undefined,
): ShownCaller {
  const uriOf = (wish: string): string => uriFor(wish === 'dialled' ? caller.called : wish, own)
  const asTheyCame = new Set<string>(identityHeaders)
  const ours: SipHeader[] = []
  const show = (name: string, wish: string | undefined, params = ''): void => {
    if (wish === 'none') return
    if (wish === undefined || wish === 'as_is') asTheyCame.add(name)
    else ours.push([name, `<${uriOf(wish)}>${params}`])
  }
  show('P-Asserted-Identity', policy.p_asserted_identity)
  show('Diversion', policy.diversion, ';reason=unconditional;counter=1')
  show('History-Info', policy.history_info, ';index=1')
  if (policy.privacy === undefined || policy.privacy === 'as_is') asTheyCame.add('Privacy')
  else if (policy.privacy !== 'none') ours.push(['Privacy', policy.privacy])

  const { from = 'as_is' } = policy

  return {
    from: from === 'as_is' ? caller.from : `<${uriOf(from)}>`,
    headers: [...headersOf(invite, asTheyCame), ...ours],
  }
}

/** A number as a SIP URI of ours (RFC 3261 19.1.6); a URI without headers (RFC 3261 19.1.1). */
function uriFor(wish: string, own: SipAddress | undefined): string {
  if (/^(?:sips?|tel):/i.test(wish)) return requestUriOf(wish)
  const host = own === undefined ? 'localhost' : own.address.includes(':') ? `[${own.address}]` : own.address

  return `sip:${wish}@${host};user=phone`
}

import { defined } from '../../base/defined.ts'
import type { Trunk } from '../../config/index.ts'
import { requestUriOf } from '../../engine/index.ts'
import {
  adhocName,
  adhocProblem,
  deniedProblem,
  inviteUris,
  nextHopOf,
  premiumProblem,
  reachableAddresses,
  requestHeaders,
  type CallerIdPolicy,
  type DestinationProblem,
  type NumberFormat,
  type PinnedTable,
  type Step,
  type TrunkTraits,
} from '../../routes/index.ts'
import { needsOfTrunk, type LimitNeed } from '../limits/index.ts'
import { hopsLeft, identityHeaders, type CallerIdentity } from '../legs/caller.ts'
import { headersOf } from '../legs/headers.ts'
import { needsUnderCaps, traitsOf, type Trunks } from '../legs/trunks.ts'
import { isSecureUri } from '../sip/secure-uri.ts'
import type { HeadersToSend, InviteOptions, SipAddress, SipHeader, SipRequest } from '../sip/stack.ts'
import type { TransferReason } from './outcome.ts'

/** The facts of a call that decide how its destinations are called. */
export interface DestinationParts {
  /** The trunk that the caller came in by. */
  trunk: Trunk
  trunks: Trunks
  invite: SipRequest
  caller: CallerIdentity
  /** The project that decides where a destination may redirect to; without one no redirection is followed. */
  pinned?: PinnedTable
  /** Baton's own listeners. */
  own: readonly SipAddress[]
  /** Whether the call is sips, so that only secure targets are called. */
  isSecure?: boolean
  /** Chooses among gateways by their weights. */
  random?: () => number
}

/** How a destination is called: its Request-URIs in the order in which they are tried, and the options of the INVITE. */
export interface Destination {
  targets: readonly string[]
  invite: InviteOptions
  /** The trunk whose settings hold for the destination. */
  trunk: Trunk
  /** Seconds in which a target must send a response, 100 included; 0: no limit. */
  progressTimeout: number
  /** Whether the caller hears the destination before it has answered. */
  earlyMedia: 'hold' | 'pass'
  /** Whether a 3xx of the destination is followed. */
  redirects: 'follow' | 'refuse'
  /** Why the destination may not redirect to this URI, at its own host or elsewhere; undefined when it may. */
  redirectProblem: (target: string, sameHost: boolean) => string | undefined
  /** The addresses that a target at another host, to which the destination redirects, may have; undefined for any. */
  redirectReach: (target: string) => InviteOptions['reachable']
  /** Whether the call is sips: its INVITE goes to secure targets only, after a redirection as well. */
  isSecure: boolean
  /** The targets that are not called because they are not secure. */
  insecure: readonly string[]
  /** How numbers are written that the destination redirects to; undefined: as its trunk does. */
  numberFormat: NumberFormat | undefined
  /** The room that an INVITE to a target needs; left out where there is no limit. */
  needs?: ((target: string) => readonly LimitNeed[]) | undefined
  /** Why there is no target. */
  problem?: { reason: TransferReason; detail?: string }
}

export function destinationOf(
  step: Step,
  { trunk, trunks, invite, caller, pinned, own, isSecure = false, random }: DestinationParts,
): Destination {
  const by = (step.trunk === undefined ? undefined : trunks.named(step.trunk)) ?? trunk
  const shown = shownCaller(step.callerId, invite, caller, own[0])
  const headers = requestHeaders(step, 'invite')
  const named = new Set(headers.map(([name]) => name))
  const traits = traitsOf(by, random)
  const payer = trunks.payerOf(step.target, by)
  const denied = payer === by ? undefined : premiumProblem(step.target, traitsOf(payer))
  const uris = denied ?? requestUris(step.target, traits, step.numberFormat)
  const all = isProblem(uris) ? [] : uris.map((target) => withTransport(target, step.transport))
  const others = all.filter((target) => !isOwnUri(target, own))
  const targets = isSecure ? others.filter(isSecureUri) : others
  // The route of a handoff may be at a private address; a URI that an agent or a resolver has named may not.
  const reachable =
    step.handoff === adhocName || step.isResolved
      ? redirectRules(pinned, by, trunks).redirectReach(step.target)
      : undefined

  return {
    targets,
    isSecure,
    insecure: others.filter((target) => !targets.includes(target)),
    trunk: by,
    numberFormat: step.numberFormat,
    progressTimeout: step.progressTimeout ?? by.progressTimeout,
    earlyMedia: step.earlyMedia ?? by.earlyMedia,
    redirects: step.redirects ?? by.redirects,
    ...redirectRules(pinned, by, trunks),
    invite: {
      reachable,
      from: shown.from,
      maxForwards: hopsLeft(invite),
      // A header of the handoff replaces the caller's.
      headers: [...sessionExpiresOf(by), ...shown.headers.filter(([name]) => !named.has(name)), ...headers],
      credentials: trunks.credentialsOn(by),
    },
    needs: needsByTarget(by, { payer, route: step.target, gateways: traits.gateways ?? [], targets: all }),
    ...defined({ problem: targets.length === 0 ? problemOf(uris, others) : undefined }),
  }
}

/** Why an INVITE to the step's destination cannot be sent, in words. */
export function destinationProblem(step: Step, parts: DestinationParts): string | undefined {
  const { problem } = destinationOf(step, parts)

  return problem && (problem.detail ?? problemsInWords[problem.reason] ?? problem.reason)
}

/** Why a REFER to the step's destination cannot be sent, in words. */
export function referProblem({ referUri = '' }: Step, own: readonly SipAddress[]): string | undefined {
  if (typeof referUri !== 'string') return referUri.detail

  return isOwnUri(referUri, own) ? problemsInWords.loop : undefined
}

const problemsInWords: Partial<Record<TransferReason, string>> = {
  loop: 'it leads back to Baton itself',
  not_secure: 'the caller’s call is sips, and it is neither sips nor TLS',
}

interface NeedingTargets {
  /** The trunk whose caps the call counts under. */
  payer: Trunk
  route: string
  gateways: readonly string[]
  /** Of a number one target for each gateway, of any other route the only one. */
  targets: readonly string[]
}

function needsByTarget(trunk: Trunk, { payer, route, gateways, targets }: NeedingTargets): Destination['needs'] {
  const { limit, choices } = trunk
  if (!limit && !choices?.all.some((choice) => choice.limit) && !payer.caps) return undefined
  const isNumber = targets.length === gateways.length && targets.some((target) => target.endsWith(';user=phone'))
  const gatewayOf = new Map(targets.map((target, at) => [target, isNumber ? gateways[at] : undefined]))

  return (target) => {
    const uri = gatewayOf.get(target)
    const needs = needsOfTrunk(trunk, uri === undefined ? undefined : choices?.all.find((choice) => choice.uri === uri))
    // A target of a redirection has a number of its own.
    const capped = needsUnderCaps(payer, gatewayOf.has(target) ? route : target)

    return capped.length > 0 ? [...capped, ...needs] : needs
  }
}

/** Why there is no target: no URI could be written, each leads back to Baton, or none is secure. */
function problemOf(
  uris: readonly string[] | DestinationProblem,
  others: readonly string[],
): NonNullable<Destination['problem']> {
  if (isProblem(uris)) return { reason: uris.code, detail: uris.detail }

  return { reason: others.length === 0 ? 'loop' : 'not_secure' }
}

/** Where a party that is called by this trunk may redirect to: the project's rules for targets that are not in its table. */
export function redirectRules(
  pinned: PinnedTable | undefined,
  trunk: Trunk,
  trunks: Trunks,
): Pick<Destination, 'redirectProblem' | 'redirectReach'> {
  const { gateways } = trunk

  return {
    redirectProblem: (target, sameHost) => {
      if (!pinned) return 'no project allows it'
      const problem = sameHost ? deniedProblem(pinned, target) : adhocProblem(pinned, target, gateways)

      return problem ?? premiumProblem(target, traitsOf(trunks.payerOf(target, trunk)))?.detail
    },
    redirectReach: (target) => pinned && reachableAddresses(pinned, target, gateways),
  }
}

/** RFC 4028 7.1: the session interval that this trunk is asked for. */
function sessionExpiresOf({ sessionExpires }: Trunk): SipHeader[] {
  return sessionExpires === 0 ? [] : [['Session-Expires', String(sessionExpires)]]
}

/** The Request-URIs of a destination, in order; empty when the trunk has no gateway for its number, or no way to write it. */
export function inviteTargets(target: string, trunk: Trunk, format?: NumberFormat): readonly string[] {
  const uris = requestUris(target, traitsOf(trunk), format)

  return isProblem(uris) ? [] : uris
}

/** Whether a URI leads back to Baton: a transfer there would go round in a circle. */
export function isOwnUri(target: string, own: readonly SipAddress[]): boolean {
  const hop = nextHopOf(target)

  return hop !== undefined && own.some(({ address, port }) => hop === `${address} ${port}`)
}

/** Without the headers that a URI may have, which no Request-URI has (RFC 3261 19.1.1). */
function requestUris(target: string, trunk: TrunkTraits, format?: NumberFormat): string[] | DestinationProblem {
  const uris = inviteUris(target, trunk, format)

  return isProblem(uris) ? uris : uris.map(requestUriOf)
}

function withTransport(target: string, transport: Step['transport']): string {
  return transport === undefined || /;transport=/i.test(target) ? target : `${target};transport=${transport}`
}

function isProblem(uris: readonly string[] | DestinationProblem): uris is DestinationProblem {
  return 'code' in uris
}

/** The caller as the destination sees it: From without its tag, and the identity headers. */
interface ShownCaller {
  from: string
  headers: HeadersToSend
}

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
  const uriOf = (shown: string): string => callerUri(shown === 'dialled' ? caller.called : shown, own)
  const asTheyCame = new Set(identityHeaders)
  const ours: SipHeader[] = []
  const show = (name: string, shown: string | undefined, written: (shown: string) => string): void => {
    if (shown === undefined || shown === 'as_is') return
    asTheyCame.delete(name)
    if (shown !== 'none') ours.push([name, written(shown)])
  }
  show('P-Asserted-Identity', policy.p_asserted_identity, (shown) => `<${uriOf(shown)}>`)
  show('Diversion', policy.diversion, (shown) => `<${uriOf(shown)}>;reason=unconditional;counter=1`)
  show('History-Info', policy.history_info, (shown) => `<${uriOf(shown)}>;index=1`)
  show('Privacy', policy.privacy, (shown) => shown)

  const { from = 'as_is' } = policy

  return {
    from: from === 'as_is' ? caller.from : `<${uriOf(from)}>`,
    headers: [...headersOf(invite, asTheyCame), ...ours],
  }
}

/** A number as a SIP URI at Baton's own host (RFC 3261 19.1.6); a URI without its headers (RFC 3261 19.1.1). */
function callerUri(shown: string, own: SipAddress | undefined): string {
  if (/^(?:sips?|tel):/i.test(shown)) return requestUriOf(shown)
  const { address } = own ?? { address: 'localhost' }
  const host = address.includes(':') ? `[${address}]` : address

  return `sip:${shown}@${host};user=phone`
}

import { isTelUri, parseUri, requestUriOf } from '../../engine/index.ts'
import type { Trunk } from '../../config/index.ts'
import {
  adhocName,
  adhocProblem,
  deniedProblem,
  nextHopOf,
  reachableAddresses,
  requestHeaders,
  type PinnedTable,
  type Step,
} from '../../routes/index.ts'
import { hopsLeft, type CallerIdentity } from '../calls/caller.ts'
import type { Trunks } from '../calls/trunks.ts'
import { isSecureUri } from '../sip/secure-uri.ts'
import type { Header, InviteOptions, SipAddress, SipRequest } from '../sip/stack.ts'
import { shownCaller } from './caller-id.ts'
import type { TransferReason } from './verdict.ts'

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
  /** Why there is nobody to call. */
  problem?: TransferReason
}

export function destinationOf(
  step: Step,
  { trunk, trunks, invite, caller, pinned, own, isSecure = false }: DestinationParts,
): Destination {
  const by = (step.trunk === undefined ? undefined : trunks.named(step.trunk)) ?? trunk
  const shown = shownCaller(step.callerId, invite, caller, own[0])
  const headers = requestHeaders(step, 'invite')
  const named = new Set(headers.map(([name]) => name))
  const all = inviteTargets(step.target, by).map((target) => withTransport(target, step.transport))
  const others = all.filter((target) => !isOurs(target, own))
  const targets = isSecure ? others.filter(isSecureUri) : others
  // What a handoff names is its operators' affair; what an agent has made up is not.
  const reachable = step.handoff === adhocName ? redirectRules(pinned, by).redirectReach(step.target) : undefined
  const problem = all.length === 0 ? 'no_gateway' : others.length === 0 ? 'loop' : 'not_secure'

  return {
    targets,
    isSecure,
    insecure: others.filter((target) => !targets.includes(target)),
    trunk: by,
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
function timer({ sessionExpires }: Trunk): Header[] {
  return sessionExpires === 0 ? [] : [['Session-Expires', String(sessionExpires)]]
}

/**
 * Where an INVITE for a route goes: a SIP URI stands for itself, without headers; a number goes to each of the trunk's gateways in turn
 * as `sip:<number>@<gateway>;user=phone` (RFC 3261 19.1.6). Empty when a number has no gateway.
 */
export function inviteTargets(target: string, trunk: Trunk): string[] {
  const uri = parseUri(target)
  if (!uri || !isTelUri(uri)) return [requestUriOf(target)]

  return trunk.gateways.map((gateway) => {
    const [head = '', ...params] = gateway.split(';')
    const [scheme = 'sip', ...host] = head.split(':')

    return [`${scheme}:${uri.number}@${host.join(':')}`, ...params, 'user=phone'].join(';')
  })
}

/** Whether a URI leads back to us: a transfer there would go round in a circle. */
export function isOurs(target: string, own: readonly SipAddress[]): boolean {
  const hop = nextHopOf(target)

  return hop !== undefined && own.some(({ address, port }) => hop === `${address} ${port}`)
}

function withTransport(target: string, transport: Step['transport']): string {
  return transport === undefined || /;transport=/i.test(target) ? target : `${target};transport=${transport}`
}

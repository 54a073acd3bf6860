/** The problems that stop a handoff for every caller of a trunk, known before a call. Pure. */
import type { DestinationProblem } from './dialled-number.ts'
import { inviteUris, referUris, routeUri } from './target-uri.ts'
import type { TrunkTraits } from './plan.ts'
import { transportOf, type UriTransport } from '../schema/uri.ts'
import type { Handoff } from '../table/table.ts'

/** Why an attempt by this method always fails. Where the handoff falls back, an INVITE follows a REFER that cannot be sent. */
export interface HandoffProblem {
  code: DestinationProblem['code'] | 'unknown_trunk' | 'refer_not_supported' | 'no_listener'
  detail: string
  method: 'refer' | 'invite'
}

/** The trunks and listeners that a handoff is judged by. */
export interface HandoffContext {
  /** The caller's trunk. */
  trunk: TrunkTraits
  /** The trunk of this name, for handoffs that name one. */
  trunkNamed: (name: string) => TrunkTraits | undefined
  /** The transports that Baton listens on; all when left out. */
  listens?: readonly string[] | undefined
}

/** Every problem of a handoff for callers of a trunk; method `bye`, which returns the call to its trunk, has none. */
export function handoffProblems(handoff: Handoff, { trunk, trunkNamed, listens }: HandoffContext): HandoffProblem[] {
  const { method, fallback, numberFormat } = handoff
  if (method === 'bye') return []
  const uri = routeUri(handoff.route)
  const problems: HandoffProblem[] = []
  const isBridged = method === 'invite' || fallback === 'invite'
  if (method === 'refer') {
    const named = referUris(uri, trunk, numberFormat)
    if ('code' in named) problems.push({ ...named, method })
    if (trunk.refer === false && !isBridged) {
      const detail = `trunk ${trunk.name} takes no REFER (refer: false), and ${handoff.name} has fallback: none`
      problems.push({ code: 'refer_not_supported', detail, method })
    }
  }
  if (!isBridged) return problems

  const by = handoff.trunk === undefined ? trunk : trunkNamed(handoff.trunk)
  if (!by) {
    const detail = `${handoff.name} names trunk ${handoff.trunk ?? ''}, which is not configured`
    problems.push({ code: 'unknown_trunk', detail, method: 'invite' })
  }
  const uris = inviteUris(uri, by ?? trunk, numberFormat)
  if ('code' in uris) problems.push({ ...uris, method: 'invite' })
  else if (listens && uris.every((each) => !listens.includes(transportNeeded(each, handoff)))) {
    const needed = [...new Set(uris.map((each) => transportNeeded(each, handoff)))].join(' or ')
    const detail = `${uris.join(', ')} is reached by ${needed}, and SIP_LISTEN has no such listener`
    problems.push({ code: 'no_listener', detail, method: 'invite' })
  }

  return problems
}

function transportNeeded(uri: string, { transport }: Handoff): UriTransport {
  return transportOf(uri) ?? transport ?? 'udp'
}

/** The SIP configuration that decides whether handoffs can be called. */
export interface SipSetup {
  /** Every trunk, since each may send callers. */
  trunks: readonly TrunkTraits[]
  /** The transports that Baton listens on; all when left out. */
  listens?: readonly string[] | undefined
  /** The setting MEDIA; findings about media are left out without it. */
  media?: 'direct' | 'rtpengine' | 'freeswitch' | undefined
  /** Whether SPEECH_URL names an endpoint that speaks the texts of announcements. */
  speaks?: boolean
  /** Whether RTPENGINE_DIGITS is set, so that digits of RFC 4733 are heard. */
  hearsDigits?: boolean
}

/** The problems of a handoff for the callers of one trunk. */
export interface CallersProblem {
  /** The name of the callers' trunk. */
  trunk: string
  problems: readonly HandoffProblem[]
  /** Whether no attempt can succeed: neither REFER nor the INVITE that follows it. */
  isHopeless: boolean
}

/** The problems of a handoff for each trunk whose callers have any. */
export function callersProblems(handoff: Handoff, { trunks, listens }: SipSetup): CallersProblem[] {
  const trunkNamed = (name: string): TrunkTraits | undefined => trunks.find((trunk) => trunk.name === name)

  return trunks.flatMap((trunk) => {
    const problems = handoffProblems(handoff, { trunk, trunkNamed, listens })
    // A handoff that names an unknown trunk uses the caller's trunk.
    const fails = (method: HandoffProblem['method']): boolean =>
      problems.some((problem) => problem.method === method && problem.code !== 'unknown_trunk')
    const isReferred = handoff.method === 'refer' && trunk.refer !== false && !fails('refer')
    const isBridged = (handoff.method === 'invite' || handoff.fallback === 'invite') && !fails('invite')

    return problems.length === 0 ? [] : [{ trunk: trunk.name, problems, isHopeless: !isReferred && !isBridged }]
  })
}

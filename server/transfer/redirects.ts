import { isTelUri, parseNameAddr, parseSipUri, parseUri, splitList } from '../../engine/index.ts'
import { nextHopOf } from '../../routes/index.ts'
import { isSecureUri } from '../sip/secure-uri.ts'
import type { InviteOptions, SipAddress, SipHeader, SipResponse } from '../sip/stack.ts'
import { inviteTargets, isOwnUri, type Destination } from './destination.ts'

/** The parts of a destination that decide where it may redirect to. */
export type Redirectable = Pick<
  Destination,
  'trunk' | 'invite' | 'redirects' | 'redirectProblem' | 'redirectReach' | 'isSecure'
> &
  Partial<Pick<Destination, 'numberFormat'>>

const maxRedirects = 5

const none: readonly never[] = []

/** 305 and 380 ask for more than another Request-URI. */
const followableStatuses = new Set([300, 301, 302])

/** RFC 5806 4: the reason of a Diversion, by the status of the response that redirects. */
const diversionReasons: Readonly<Record<number, string>> = { 301: 'unconditional', 302: 'deflection' }

/** A hop of RFC 7044's History-Info. */
interface HistoryInfoHop {
  target: string
  index: string
  /** The status with which the target redirected. */
  status?: number
}

/**
 * Follows the redirections of one destination: the contacts of a 3xx that may be called, by falling q (RFC 3261 20.10), and
 * none that was called before (RFC 3261 8.1.3.4).
 */
export class Redirects {
  readonly #destination: Redirectable
  readonly #own: readonly SipAddress[]
  #called: readonly string[] = none
  /** The addresses that a target may resolve to, by target, of those that another host has named. */
  #reach: Map<string, InviteOptions['reachable']> | undefined
  #hops: readonly HistoryInfoHop[] = none
  #followed = 0

  constructor(destination: Redirectable, own: readonly SipAddress[]) {
    this.#destination = destination
    this.#own = own
  }

  /** Whether the present target comes from a redirection. */
  get isRedirected(): boolean {
    return this.#hops.length > 0
  }

  noteCalled(target: string): void {
    this.#called = [...this.#called, target.toLowerCase()]
  }

  /** The targets to call in the place of `from`; empty when its response is no redirection, or may not be followed. */
  nextTargets(response: SipResponse, from: string, note: (what: string) => void): string[] {
    if (!followableStatuses.has(response.status)) return []
    if (this.#destination.redirects === 'refuse') return []
    if (this.#followed === maxRedirects) {
      note(`redirected ${maxRedirects} times already: not followed`)

      return []
    }

    const targets = contactsOf(response).flatMap((contact) => {
      const problem = this.#problem(contact, from)
      const called = problem === undefined ? this.#targetsOf(contact, from) : []
      if (called.length === 0) note(`${contact} is not followed: ${problem ?? this.#noTarget()}`)

      return called
    })
    if (targets.length === 0) return []
    this.#followed++
    const parent = this.#hops.at(-1)
    const index = parent ? `${parent.index}.1` : this.#firstIndex()
    this.#hops = [...this.#hops, { target: from, index, status: response.status }]

    return targets
  }

  /** The options of the INVITE to a target, with a Diversion and a History-Info for each redirection before. */
  inviteTo(target: string): InviteOptions {
    const { invite } = this.#destination
    const last = this.#hops.at(-1)
    if (!last) return invite
    const reachable = this.#reachOf(target)
    const diversions = [...this.#hops].reverse().map(diversionOf)
    const history = [...this.#hops, { target, index: `${last.index}.1` }].map((hop, at): SipHeader => [
      'History-Info',
      historyOf(hop, this.#hops[at - 1]),
    ])

    // The latest diversion comes first, the latest hop last (RFC 5806 3, RFC 7044 10.3).
    return { ...invite, reachable, headers: [...diversions, ...(invite.headers ?? []), ...history] }
  }

  #targetsOf(contact: string, from: string): readonly string[] {
    const { trunk, numberFormat, redirectReach, isSecure } = this.#destination
    const all = inviteTargets(contact, trunk, numberFormat)
    const targets = isSecure ? all.filter(isSecureUri) : all
    // A target at the same host may have the addresses that the one before might have.
    const reachable = isSameHop(contact, from) ? this.#reachOf(from) : redirectReach(contact)
    this.#reach ??= new Map()
    for (const target of targets) this.#reach.set(target, reachable)

    return targets
  }

  #noTarget(): string {
    return this.#destination.isSecure
      ? 'the call is sips, and it is not secure'
      : `trunk ${this.#destination.trunk.name} has no gateway for it, or no way to write it`
  }

  #reachOf(target: string): InviteOptions['reachable'] {
    return this.#reach?.has(target) ? this.#reach.get(target) : this.#destination.invite.reachable
  }

  #problem(contact: string, from: string): string | undefined {
    if (isOwnUri(contact, this.#own)) return 'it is Baton itself'
    if (this.#called.includes(contact.toLowerCase())) return 'it was called before'

    return this.#destination.redirectProblem(contact, isSameHop(contact, from))
  }

  /** RFC 7044 10.3: one level below the last History-Info that the INVITE has already. */
  #firstIndex(): string {
    const { headers = [] } = this.#destination.invite
    const known = headers.findLast(([name]) => name.toLowerCase() === 'history-info')?.[1]
    const last = parseNameAddr(splitList(known ?? '').at(-1) ?? '')
    const index = /^[\d.]+/.exec(last?.params.get('index') ?? '')?.[0]

    return index === undefined ? '1' : `${index}.1`
  }
}

/** The URIs that can be called, by falling q; equal ones in the order in which they came. */
function contactsOf(response: SipResponse): string[] {
  return response
    .headers('Contact')
    .flatMap((line) => splitList(line))
    .flatMap((value) => {
      const contact = parseNameAddr(value)
      const uri = contact && parseUri(contact.uri)
      if (!contact || !uri || !(isTelUri(uri) || parseSipUri(contact.uri))) return []
      const q = parseFloat(contact.params.get('q') ?? '1')

      return [{ uri: contact.uri, q: Number.isNaN(q) ? 1 : q }]
    })
    .sort((a, b) => b.q - a.q)
    .map(({ uri }) => uri)
}

/** Whether requests to both URIs have the same next hop: `maddr` and the port count (RFC 3263 4). */
function isSameHop(contact: string, from: string): boolean {
  const hop = nextHopOf(contact)

  return hop !== undefined && hop === nextHopOf(from)
}

function diversionOf({ target, status = 0 }: HistoryInfoHop): SipHeader {
  return ['Diversion', `<${target}>;reason=${diversionReasons[status] ?? 'unknown'};counter=1`]
}

function historyOf({ target, index, status }: HistoryInfoHop, parent: HistoryInfoHop | undefined): string {
  const reason = status === undefined ? '' : `${target.includes('?') ? '&' : '?'}Reason=SIP%3Bcause%3D${status}`

  return `<${target}${reason}>;index=${index}${parent ? `;mp=${parent.index}` : ''}`
}

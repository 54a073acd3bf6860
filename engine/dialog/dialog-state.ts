import { formatUri, parseNameAddr, parseSipUri, type Message } from '../message/index.ts'

/** Where a request in a dialog goes. */
export interface RequestRoute {
  requestUri: string
  /** Route values, in order. */
  routes: readonly string[]
  /** The URI of the next hop. */
  nextHop: string
}

const noRoutes: readonly string[] = []

/** RFC 3261 12.2.1.1: a request to `target` by way of `routeSet`, whose first router is loose (`lr`) or strict. */
export function requestRoute(target: string, routeSet: readonly string[]): RequestRoute {
  const first = routeSet[0] === undefined ? undefined : parseNameAddr(routeSet[0])
  if (!first) return { requestUri: target, routes: noRoutes, nextHop: target }
  const uri = parseSipUri(first.uri)
  if (!uri || uri.params.has('lr')) return { requestUri: target, routes: routeSet, nextHop: first.uri }

  // A strict router wants itself as Request-URI, stripped of what may not stand there, and the target as the last route.
  const requestUri = formatUri({ ...uri, params: uri.params.without('method'), headers: [] })

  return { requestUri, routes: [...routeSet.slice(1), `<${target}>`], nextHop: requestUri }
}

/** What tells dialogs apart (RFC 3261 12), as seen from here. */
export function dialogId(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`
}

/** The URI that a message's Contact gives for the requests of its dialog; undefined without a SIP or SIPS URI (RFC 3261 8.1.1.8). */
export function remoteTargetIn({ contact }: Message): string | undefined {
  return contact && parseSipUri(contact.uri) ? contact.uri : undefined
}

// A stranger's numbers are taken back one by one; so many at once are more than any peer has waiting.
const remembered = 8

/** The CSeq numbers of a peer's requests in one dialog (RFC 3261 12.2.2). */
export class RemoteCSeq {
  readonly #numbers: number[]

  /** `first`: of the request that made the dialog; undefined when that was ours. */
  constructor(first: number | undefined) {
    this.#numbers = first === undefined ? [] : [first]
  }

  /** False when a request with a higher number has come before. */
  take(number: number): boolean {
    const last = this.#numbers.at(-1)
    if (last !== undefined && number < last) return false
    this.#numbers.push(number)
    if (this.#numbers.length > remembered) this.#numbers.shift()

    return true
  }

  /** Whether a number is above all that have come: RFC 2543 peers go on with a dialog so. */
  isNext(number: number): boolean {
    return number > (this.#numbers.at(-1) ?? -1)
  }

  /** Its sender had no right to it: it says nothing of what the true peer sends next. */
  withdraw(number: number): void {
    const at = this.#numbers.lastIndexOf(number)
    if (at >= 0) this.#numbers.splice(at, 1)
  }
}

/** RFC 3261 12.2, RFC 3311 5: these, and their 2xx, change the remote target. */
export const targetRefreshers: ReadonlySet<string> = new Set(['INVITE', 'UPDATE'])

/** Requests that say where we are (RFC 3261 12.2.1.1, RFC 3311 5.1, RFC 3515 2.2, RFC 6665 4.1), and their 2xx. */
export const contactCarriers: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE', 'NOTIFY'])

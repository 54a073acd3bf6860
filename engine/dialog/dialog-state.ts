import {
  createRequest,
  formatUri,
  headerNames,
  isSipsUri,
  type Message,
  parseNameAddr,
  parseSipUri,
  type Request,
  type Response,
} from '../message/index.ts'
import { isSecure, type Transport } from '../flow/index.ts'
import { copyText } from '../bounded-map.ts'

/**
 * The state of a dialog (RFC 3261 12). It is plain data, in binary strings; the functions of this file are the rules for it,
 * and the owner of the dialog decides when they apply.
 */
export interface DialogState {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** From of our requests, with the local tag. */
  readonly from: string
  /** To of our requests, with the remote tag. */
  readonly to: string
  /** The request that made the dialog was for a sips: URI and came, or went, by TLS. */
  readonly isSecure: boolean
  localCSeq: number
  /** The CSeq numbers of the peer's requests, the highest last; empty before the first one. */
  remoteCSeqs: readonly number[]
  /** The peer's Contact, as last refreshed. */
  remoteTarget: string
  routeSet: readonly string[]
  /** Follows from the remote target and the route set, and is undefined until a request needs it. */
  route: RequestRoute | undefined
}

/** The Request-URI, the routes and the next hop of a request in a dialog. */
export interface RequestRoute {
  readonly requestUri: string
  /** Route values, in order. */
  readonly routes: readonly string[]
  /** The URI of the next hop. */
  readonly nextHop: string
}

/** RFC 3261 12.2.1.2, RFC 3311 5.1: these requests, and their 2xx, change the remote target. */
export const targetRefreshers: ReadonlySet<string> = new Set(['INVITE', 'UPDATE'])

/** Requests that have a Contact (RFC 3261 12.2.1.1, RFC 3311 5.1, RFC 3515 2.2, RFC 6665 4.1.2.1), and so have their 2xx. */
export const contactCarriers: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE', 'NOTIFY'])

/** How many of the peer's CSeq numbers are kept for `withdrawCSeq`: more than any peer has waiting. */
const maxRemoteCSeqs = 8

/** The dialog that our 1xx or 2xx to a request makes (RFC 3261 12.1.1). */
export function uasDialog(request: Request, localTag: string, transport: Transport | undefined): DialogState {
  const to = request.header(headerNames.to) ?? ''
  const cseq = request.cseq?.number

  return {
    callId: request.callId,
    localTag,
    remoteTag: copyText(request.fromTag ?? ''),
    from: request.toTag === undefined ? `${to};tag=${localTag}` : to,
    to: request.header(headerNames.from) ?? '',
    isSecure: isSecureDialog(request.uri, transport),
    localCSeq: 0,
    remoteCSeqs: cseq === undefined ? [] : [cseq],
    remoteTarget: request.contact?.uri ?? '',
    routeSet: request.list(headerNames.recordRoute),
    route: undefined,
  }
}

/** The dialog that a 1xx or 2xx to our request makes (RFC 3261 12.1.2). Without a SIP URI in its Contact, the target is the Request-URI. */
export function uacDialog(response: Response, requestUri: string, transport: Transport | undefined): DialogState {
  return {
    callId: response.callId,
    localTag: response.fromTag ?? '',
    remoteTag: copyText(response.toTag ?? ''),
    from: response.header(headerNames.from) ?? '',
    to: response.header(headerNames.to) ?? '',
    isSecure: isSecureDialog(requestUri, transport),
    localCSeq: response.cseq?.number ?? 0,
    remoteCSeqs: [],
    remoteTarget: remoteTargetIn(response) ?? requestUri,
    routeSet: response.list(headerNames.recordRoute).reverse(),
    route: undefined,
  }
}

/** The identifier of a dialog (RFC 3261 12), as seen from here. */
export function dialogId(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`
}

/** The URI that a message's Contact gives for the requests of its dialog; undefined without a SIP or SIPS URI (RFC 3261 8.1.1.8). */
export function remoteTargetIn(message: Message): string | undefined {
  return message.contactUri && message.contact?.uri
}

/** A target refresh, or its 2xx (RFC 3261 12.2.1.2, 12.2.2): its Contact is the remote target from now on. */
export function refreshTarget(state: DialogState, message: Message): void {
  const uri = remoteTargetIn(message)
  if (uri === undefined) return
  state.remoteTarget = uri
  state.route = undefined
}

/** RFC 3261 13.2.2.4: the first 2xx to our INVITE confirms an early dialog, and its Record-Route is the route set. */
export function confirmRouteSet(state: DialogState, success: Response): void {
  state.routeSet = success.list(headerNames.recordRoute).reverse()
  state.route = undefined
}

/** The CSeq number of our next request (RFC 3261 12.2.1.1). */
export function nextLocalCSeq(state: Pick<DialogState, 'localCSeq'>): number {
  return (state.localCSeq += 1)
}

/** Takes the CSeq number of a peer's request; false when it is lower than one that has come before (RFC 3261 12.2.2). */
export function takeRemoteCSeq(state: DialogState, cseq: number): boolean {
  const { remoteCSeqs } = state
  const last = remoteCSeqs.at(-1)
  if (last !== undefined && cseq < last) return false
  // A new list: one that grows by `push` reserves room for 17 numbers.
  state.remoteCSeqs = [...remoteCSeqs.slice(1 - maxRemoteCSeqs), cseq]

  return true
}

/** Whether a CSeq number is above all that have come: RFC 2543 peers continue a dialog so. */
export function isNextRemoteCSeq({ remoteCSeqs }: DialogState, cseq: number): boolean {
  return cseq > (remoteCSeqs.at(-1) ?? -1)
}

/** The request with this CSeq number was not the peer's: its number does not bind the peer's next requests. */
export function withdrawRemoteCSeq(state: DialogState, cseq: number): void {
  const at = state.remoteCSeqs.lastIndexOf(cseq)
  if (at >= 0) state.remoteCSeqs = state.remoteCSeqs.toSpliced(at, 1)
}

/** Whether this final response to our request ends the dialog (RFC 3261 12.2.1.2): as RFC 5057 5.1 narrows it, only one to a target refresh does. */
export function endsDialog(method: string, status: number): boolean {
  return targetRefreshers.has(method) && (status === 481 || status === 408)
}

/** How long to wait after a 491 before the next re-INVITE (RFC 3261 14.1). */
export function glareDelayMs(callIdOwner: 'us' | 'peer'): number {
  return callIdOwner === 'us' ? 2100 + Math.random() * 1900 : Math.random() * 2000
}

/** The route of our next request. */
export function routeOf(state: DialogState): RequestRoute {
  return (state.route ??= requestRoute(state.remoteTarget, state.routeSet))
}

/** A request of ours in the dialog (RFC 3261 12.2.1.1). */
export function requestIn(state: DialogState, method: string, cseq: number, via: string): Request {
  const { requestUri, routes } = routeOf(state)
  const { from, to, callId } = state

  return createRequest({ method, uri: requestUri, via, from, to, callId, cseq, routes })
}

const noRoutes: readonly string[] = []

/** RFC 3261 12.2.1.1: a request to `target` by way of `routeSet`, whose first router is loose (`lr`) or strict. */
export function requestRoute(target: string, routeSet: readonly string[]): RequestRoute {
  const first = routeSet[0] === undefined ? undefined : parseNameAddr(routeSet[0])
  if (!first) return { requestUri: target, routes: noRoutes, nextHop: target }
  const uri = parseSipUri(first.uri)
  if (!uri || uri.params.has('lr')) return { requestUri: target, routes: routeSet, nextHop: first.uri }

  // A strict router wants itself as Request-URI, without what may not stand there, and the target as the last route.
  const requestUri = formatUri({ ...uri, params: uri.params.without('method'), headers: [] })

  return { requestUri, routes: [...routeSet.slice(1), `<${target}>`], nextHop: requestUri }
}

function isSecureDialog(requestUri: string, transport: Transport | undefined): boolean {
  return transport !== undefined && isSecure(transport) && isSipsUri(requestUri)
}

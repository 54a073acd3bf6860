/** What is counted where it happens, as plain integers, and copied at each scrape. */

/** SIP messages, by any stack. */
export interface SipStats {
  /** By method. */
  readonly requestsIn: ReadonlyMap<string, number>
  readonly requestsOut: ReadonlyMap<string, number>
  /** By method and status: `INVITE 200`. */
  readonly responsesIn: ReadonlyMap<string, number>
  readonly responsesOut: ReadonlyMap<string, number>
}

/** What the embedded engine knows beside them. */
export interface EngineStats {
  /** Alive now. */
  readonly clientTransactions: number
  readonly serverTransactions: number
  readonly dialogs: number
  readonly timers: number
  /** Since the start. */
  readonly messagesIn: number
  readonly messagesOut: number
  readonly retransmittedRequests: number
  readonly retransmittedResponses: number
  /** By reason, a slug. */
  readonly badMessages: ReadonlyMap<string, number>
  readonly passedOverHeaders: ReadonlyMap<string, number>
  readonly drops: ReadonlyMap<string, number>
  /** UDP datagrams that the kernel dropped, and whether it counts those of our listeners or the host's; undefined when it does not say. */
  readonly udpReceiveErrors?: { readonly of: 'listeners' | 'host'; readonly count: number } | undefined
  /** drachtio applications connected now. */
  readonly appConnections?: number
}

type Requests = [{ method: string }, number][]
type Responses = [{ method: string; code: number | undefined }, number][]

export function requestSeries(counts: ReadonlyMap<string, number>): Requests {
  return Array.from(counts, ([method, value]) => [{ method }, value])
}

export function responseSeries(counts: ReadonlyMap<string, number>): Responses {
  return Array.from(counts, ([key, value]) => {
    const [method = '', code] = key.split(' ')

    return [{ method, code: Number(code) }, value]
  })
}

type AuthenticationResult =
  'accepted' | 'challenged' | 'wrong' | 'other_user' | 'stale' | 'replayed' | 'other_uri' | 'malformed'

export function authenticationSeries(
  counts: ReadonlyMap<string, number>,
): [{ trunk: string; result: AuthenticationResult }, number][] {
  return Array.from(counts, ([key, value]) => {
    const [trunk = '', result = ''] = key.split(' ')

    return [{ trunk, result: result as AuthenticationResult }, value]
  })
}

/** The same series with their direction. */
export function directed<L extends object>(
  incoming: [L, number][],
  outgoing: [L, number][],
): [L & { direction: 'in' | 'out' }, number][] {
  return [
    ...incoming.map(([labels, value]): [L & { direction: 'in' }, number] => [{ ...labels, direction: 'in' }, value]),
    ...outgoing.map(([labels, value]): [L & { direction: 'out' }, number] => [{ ...labels, direction: 'out' }, value]),
  ]
}

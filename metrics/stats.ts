/** SIP counters that the stacks keep as plain integers, and how each scrape copies them into metrics. */
import type { engineDefinitions } from './engine-definitions.ts'
import type { Instruments } from './instruments.ts'

/** SIP messages, by any stack. */
export interface SipStats {
  /** By method. */
  readonly requestsIn: ReadonlyMap<string, number>
  readonly requestsOut: ReadonlyMap<string, number>
  /** By method and status: `INVITE 200`. */
  readonly responsesIn: ReadonlyMap<string, number>
  readonly responsesOut: ReadonlyMap<string, number>
}

/** Counters of the embedded engine. */
export interface EngineStats {
  /** Alive at this moment. */
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
  /** UDP datagrams that the kernel dropped, of Baton's listeners or of the host; undefined on systems without this counter. */
  readonly udpReceiveErrors?: { readonly of: 'listeners' | 'host'; readonly count: number } | undefined
  /** drachtio applications that are connected. */
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

type AuthenticationLabel =
  'accepted' | 'challenged' | 'wrong' | 'other_user' | 'stale' | 'replayed' | 'other_uri' | 'malformed'

export function authenticationSeries(
  counts: ReadonlyMap<string, number>,
): [{ trunk: string; result: AuthenticationLabel }, number][] {
  return Array.from(counts, ([key, value]) => {
    const [trunk = '', result = ''] = key.split(' ')

    return [{ trunk, result: result as AuthenticationLabel }, value]
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

/** Makes the callback that copies the engine's counters at each scrape. */
export function collectEngine(
  of: Instruments<typeof engineDefinitions>,
  version: string,
  read: () => SipStats & EngineStats,
): () => void {
  of.drachtioBuildInfo.add({ version })
  of.drachtioTimeStarted.add({}, Math.floor(Date.now() / 1000 - process.uptime()))

  return () => {
    const stats = read()
    const bad = Array.from(stats.badMessages, ([reason, value]): [{ reason: string }, number] => [{ reason }, value])

    of.transactions.recount([
      [{ type: 'client' }, stats.clientTransactions],
      [{ type: 'server' }, stats.serverTransactions],
    ])
    of.dialogs.recount([[{}, stats.dialogs]])
    of.timers.recount([[{}, stats.timers]])
    of.retransmissions.recount([
      [{ type: 'request' }, stats.retransmittedRequests],
      [{ type: 'response' }, stats.retransmittedResponses],
    ])
    of.badMessages.recount(bad)
    of.passedOverHeaders.recount(Array.from(stats.passedOverHeaders, ([reason, value]) => [{ reason }, value]))
    const { udpReceiveErrors } = stats
    if (udpReceiveErrors) of.udpReceiveErrors.recount([[{ of: udpReceiveErrors.of }, udpReceiveErrors.count]])
    of.drops.recount(Array.from(stats.drops, ([reason, value]) => [{ reason }, value]))

    of.drachtioRequestsIn.recount(requestSeries(stats.requestsIn))
    of.drachtioRequestsOut.recount(requestSeries(stats.requestsOut))
    of.drachtioResponsesIn.recount(responseSeries(stats.responsesIn))
    of.drachtioResponsesOut.recount(responseSeries(stats.responsesOut))
    of.drachtioAppConnections.recount([[{}, stats.appConnections ?? 0]])
    of.drachtioServerTransactions.recount([[{}, stats.serverTransactions]])
    of.drachtioClientTransactions.recount([[{}, stats.clientTransactions]])
    of.drachtioDialogs.recount([[{}, stats.dialogs]])
    of.drachtioMessagesReceived.recount([[{}, stats.messagesIn]])
    of.drachtioMessagesSent.recount([[{}, stats.messagesOut]])
    of.drachtioBadMessages.recount([[{}, bad.reduce((sum, [, value]) => sum + value, 0)]])
    of.drachtioRetransmittedRequests.recount([[{}, stats.retransmittedRequests]])
    of.drachtioRetransmittedResponses.recount([[{}, stats.retransmittedResponses]])
  }
}

import type { engineDefinitions } from './definitions.ts'
import type { Instruments } from './instruments.ts'
import { requestSeries, responseSeries, type EngineStats, type SipStats } from './stats.ts'

/** What copies the engine's integers into its metrics, at each scrape. */
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

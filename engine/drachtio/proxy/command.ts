import type { Response } from '../../message/index.ts'
import type { Client } from '../client.ts'
import type { CallReport, Source } from '../call-reports.ts'
import { deliveredText } from '../delivered-text.ts'
import { errorTexts } from '../error-texts.ts'
import type { Exchange } from '../exchange.ts'
import { received } from '../passage.ts'
import { nok, ok, proxied } from '../server-messages.ts'
import type { Branch } from './branch.ts'
import type { ProxyOrder } from './order.ts'
import { Proxy } from './proxy.ts'

/** Proxies a request that has come to a client, as the client asks, and tells it what comes of it. */
export function proxy(exchange: Exchange, client: Client, frameId: string, order: ProxyOrder): void {
  const incoming = exchange.transactions.incoming(order.transactionId, '')
  if (incoming?.client !== client || incoming.request.isAnswered) {
    client.send(nok(frameId, errorTexts.unknownProxied(order.transactionId)))
    return
  }
  const { request, report } = incoming.release()
  // RFC 3261 16.3: OPTIONS with no hops left were for the application, and go no further.
  if (request.request.maxForwards === 0) {
    const response = request.respond(483)
    report?.stopped('call-rejected', 'application', response)
    client.send(nok(frameId, errorTexts.tooManyHops))
    return
  }
  report?.proxied()
  const cores = exchange.proxies
  const branches = new Map<Branch, CallReport>()
  const running = new Proxy(exchange, request, order, {
    began: (branch) => {
      if (branch.request.method === 'INVITE') branches.set(branch, exchange.reports.begin(branch.request, 'proxy-uac'))
    },
    final: (response, branch) => {
      tell(branches.get(branch), response, 'network')
      if (!order.fullResponse) return
      const text = deliveredText(response)
      client.send(proxied(frameId, received(branch.flow, text, exchange.core.clock.now()), text))
    },
    done: (response) => {
      cores.delete(running)
      if (response) tell(report, response, 'application')
      else report?.stopped('call-canceled', 'network')
      client.send(ok(frameId, 'done'))
    },
    failed: (target) => {
      cores.delete(running)
      report?.stopped('call-rejected', 'application')
      client.send(nok(frameId, errorTexts.cannotProxy(target)))
    },
  })
  cores.add(running)
  running.start()
}

function tell(report: CallReport | undefined, response: Response, source: Source): void {
  if (response.status < 300) report?.answered(response)
  else report?.stopped(response.status === 487 ? 'call-canceled' : 'call-rejected', source, response)
}

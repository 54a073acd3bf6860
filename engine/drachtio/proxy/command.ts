import type { Response } from '../../message/index.ts'
import type { Client } from '../client.ts'
import { deliveredText } from '../delivered-text.ts'
import { errorTexts } from '../error-texts.ts'
import type { Exchange } from '../exchange.ts'
import { received } from '../passage.ts'
import { nok, ok, proxied } from '../server-messages.ts'
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
  report?.proxied()
  const cores = exchange.proxies
  const running = new Proxy(exchange, request, order, {
    final: (response, { flow }) => {
      if (!order.fullResponse) return
      const text = deliveredText(response)
      client.send(proxied(frameId, received(flow, text, exchange.core.clock.now()), text))
    },
    done: (response) => {
      cores.delete(running)
      tell(report, response)
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

function tell(report: ReturnType<Proxied['release']>['report'], response: Response | undefined): void {
  if (!response) report?.stopped('call-canceled', 'network')
  else if (response.status < 300) report?.answered(response)
  else report?.stopped('call-rejected', 'network', response)
}

type Proxied = NonNullable<ReturnType<Exchange['transactions']['incoming']>>

import { parseNameAddr, type Request } from '../../message/index.ts'
import type { ServerRequest } from '../../dialog/index.ts'
import type { Exchange } from '../exchange.ts'
import { onward } from './copy.ts'
import { isRoutedThrough, Proxy } from './proxy.ts'

/** Where a request goes whose first route is us: our route is taken off (RFC 3261 16.4). Undefined when it is not. */
function nextOf(exchange: Exchange, request: Request): { hop: string; routes: string[] } | undefined {
  if (!isRoutedThrough(request, (uri) => exchange.isMyself(uri))) return undefined
  const routes = request.list('Route').slice(1)
  const next = routes[0] === undefined ? undefined : parseNameAddr(routes[0])

  return { hop: next?.uri ?? request.uri, routes }
}

/** Passes on a request of a dialog that we stayed on the path of; false when it is not routed through us. */
export function forwardInDialog(exchange: Exchange, incoming: ServerRequest): boolean {
  const next = nextOf(exchange, incoming.request)
  if (!next) return false
  if (incoming.request.method === 'BYE') exchange.reports.passedOn(incoming.request)
  const order = {
    transactionId: '',
    recordRoute: false,
    fullResponse: false,
    followRedirects: false,
    simultaneous: false,
    provisionalTimeout: undefined,
    finalTimeout: undefined,
    targets: [next.hop],
    headers: [],
    routes: next.routes,
  }
  const nobody = { began: () => undefined, final: () => undefined, done: () => undefined, failed: () => undefined }
  new Proxy(exchange, incoming, order, nobody).start()

  return true
}

/** An ACK belongs to no transaction: it is passed on and forgotten. */
export function forwardAck(exchange: Exchange, ack: Request): void {
  const next = nextOf(exchange, ack)
  const flow = next && exchange.core.flowTo(next.hop)
  if (!flow) return
  const copy = onward(ack, { uri: ack.uri, flow, recordRoute: false, routes: next.routes, headers: [] })
  exchange.core.send(copy, flow)
}

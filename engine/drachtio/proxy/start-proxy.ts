import { type Response, parseNameAddr, type Request } from '../../message/index.ts'
import type { Application } from '../protocol/application.ts'
import type { CallReport } from '../call-reports.ts'
import { deliveredText } from '../protocol/sip-text.ts'
import { type MessageSource, errorTexts, received, nok, ok, proxied } from '../protocol/server-messages.ts'
import type { ServerContext } from '../server-context.ts'
import { type ProxyBranch, forwardedRequest } from './proxy-branch.ts'
import type { ProxyOrder } from '../protocol/application-messages.ts'
import { Proxy, isRoutedThrough } from './proxy.ts'
import type { ServerRequest } from '../../dialog/index.ts'

/** Proxies a request that has come to an application, as the application asks, and tells it what comes of it. */
export function proxyByCommand(
  context: ServerContext,
  application: Application,
  frameId: string,
  order: ProxyOrder,
): void {
  const incoming = context.pending.delivered(order.transactionId, '')
  if (incoming?.application !== application || incoming.request.isAnswered) {
    application.send(nok(frameId, errorTexts.unknownProxied(order.transactionId)))
    return
  }
  const { request, report } = incoming.release()
  // RFC 3261 16.3: OPTIONS with no hops left were for the application, and go no further.
  if (request.request.maxForwards === 0) {
    const response = request.respond(483)
    report?.stopped('call-rejected', 'application', response)
    application.send(nok(frameId, errorTexts.tooManyHops))
    return
  }
  report?.proxied()
  const cores = context.proxies
  const branches = new Map<ProxyBranch, CallReport>()
  const running = new Proxy(context, request, order, {
    began: (branch) => {
      if (branch.request.method === 'INVITE') branches.set(branch, context.reports.begin(branch.request, 'proxy-uac'))
    },
    final: (response, branch) => {
      tell(branches.get(branch), response, 'network')
      if (!order.fullResponse) return
      const text = deliveredText(response)
      application.send(proxied(frameId, received(branch.flow, text, context.core.clock.now()), text))
    },
    done: (response) => {
      cores.delete(running)
      if (response) tell(report, response, 'application')
      else report?.stopped('call-canceled', 'network')
      application.send(ok(frameId, 'done'))
    },
    failed: (target) => {
      cores.delete(running)
      report?.stopped('call-rejected', 'application')
      application.send(nok(frameId, errorTexts.cannotProxy(target)))
    },
  })
  cores.add(running)
  running.start()
}

function tell(report: CallReport | undefined, response: Response, source: MessageSource): void {
  if (response.status < 300) report?.answered(response)
  else report?.stopped(response.status === 487 ? 'call-canceled' : 'call-rejected', source, response)
}

/** Where a request goes whose first route is us: our route is taken off (RFC 3261 16.4). Undefined when it is not. */
function nextRoute(context: ServerContext, request: Request): { hop: string; routes: string[] } | undefined {
  if (!isRoutedThrough(request, (uri) => context.isOwnUri(uri))) return undefined
  const routes = request.list('Route').slice(1)
  const next = routes[0] === undefined ? undefined : parseNameAddr(routes[0])

  return { hop: next?.uri ?? request.uri, routes }
}

/** Passes on a request of a dialog that we stayed on the path of; false when it is not routed through us. */
export function forwardInDialog(context: ServerContext, incoming: ServerRequest): boolean {
  const next = nextRoute(context, incoming.request)
  if (!next) return false
  if (incoming.request.method === 'BYE') context.reports.byeForwarded(incoming.request)
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
  new Proxy(context, incoming, order, nobody).start()

  return true
}

/** An ACK belongs to no transaction: it is passed on and forgotten. */
export function forwardAck(context: ServerContext, ack: Request): void {
  const next = nextRoute(context, ack)
  const flow = next && context.core.flowTo(next.hop)
  if (!flow) return
  const copy = forwardedRequest(ack, { uri: ack.uri, flow, recordRoute: false, routes: next.routes, headers: [] })
  context.core.send(copy, flow)
}

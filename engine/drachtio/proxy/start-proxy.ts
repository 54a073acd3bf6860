import type { ServerRequest } from '../../dialog/index.ts'
import { parseNameAddr, type Request, type Response } from '../../message/index.ts'
import type { CallReport } from '../call-reports.ts'
import type { ProxyOrder } from '../protocol/application-messages.ts'
import type { Application } from '../protocol/application.ts'
import { errorTexts, type MessageSource, nok, ok, proxied, received } from '../protocol/server-messages.ts'
import { deliveredText } from '../protocol/sip-text.ts'
import type { ServerContext } from '../server-context.ts'
import { forwardedRequest, type ProxyBranch } from './proxy-branch.ts'
import { Proxy, type ProxyUser } from './proxy.ts'

/** Proxies a request that was delivered to an application, as its command says, and tells it the outcome. */
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
  // RFC 3261 16.3 step 3. Max-Forwards was not checked before: an OPTIONS with 0 may be for the application itself.
  if (request.request.maxForwards === 0) {
    const response = request.respond(483)
    report?.stopped('call-rejected', 'application', response)
    application.send(nok(frameId, errorTexts.tooManyHops))
    return
  }
  report?.proxied()
  const reports = new Map<ProxyBranch, CallReport>()
  const proxy = new Proxy(context, request, order, {
    began: (branch) => {
      if (branch.request.method === 'INVITE') reports.set(branch, context.reports.begin(branch.request, 'proxy-uac'))
    },
    final: (response, branch) => {
      reportFinal(reports.get(branch), response, 'network')
      if (!order.fullResponse) return
      const text = deliveredText(response)
      application.send(proxied(frameId, received(branch.flow, text, context.core.clock.now()), text))
    },
    done: (response) => {
      context.proxies.delete(proxy)
      if (response) reportFinal(report, response, 'application')
      else report?.stopped('call-canceled', 'network')
      application.send(ok(frameId, 'done'))
    },
    failed: (target) => {
      context.proxies.delete(proxy)
      report?.stopped('call-rejected', 'application')
      application.send(nok(frameId, errorTexts.cannotProxy(target)))
    },
  })
  context.proxies.add(proxy)
  proxy.start()
}

function reportFinal(report: CallReport | undefined, response: Response, source: MessageSource): void {
  if (response.status < 300) report?.answered(response)
  else report?.stopped(response.status === 487 ? 'call-canceled' : 'call-rejected', source, response)
}

const noProxyUser: ProxyUser = {
  began: () => undefined,
  final: () => undefined,
  done: () => undefined,
  failed: () => undefined,
}

/** Proxies a request as a request handler has decided; no application has it. */
export function proxyByHandler(
  context: ServerContext,
  request: ServerRequest,
  order: Omit<ProxyOrder, 'transactionId'>,
): void {
  new Proxy(context, request, { ...order, transactionId: '' }, noProxyUser).start()
}

const inDialogOrder = {
  transactionId: '',
  recordRoute: false,
  fullResponse: false,
  followRedirects: false,
  simultaneous: false,
  provisionalTimeoutMs: undefined,
  finalTimeoutMs: undefined,
  headers: [],
}

/** Proxies a request of a dialog whose first Route is this server; false when it is not. */
export function forwardInDialog(context: ServerContext, incoming: ServerRequest): boolean {
  const next = nextRoute(context, incoming.request)
  if (!next) return false
  if (incoming.request.method === 'BYE') context.reports.byeForwarded(incoming.request)
  new Proxy(context, incoming, { ...inDialogOrder, targets: [next.target], routes: next.routes }, noProxyUser).start()

  return true
}

/** Forwards the ACK of a 2xx, which is part of no transaction (RFC 3261 17). */
export function forwardAck(context: ServerContext, ack: Request): void {
  const next = nextRoute(context, ack)
  const flow = next && context.core.flowTo(next.target)
  if (!flow) return
  const copy = forwardedRequest(ack, { uri: ack.uri, flow, recordRoute: false, routes: next.routes, headers: [] })
  context.core.send(copy, flow)
}

/** The next hop after this server, which is taken from the routes (RFC 3261 16.4). Undefined when the first Route is another. */
function nextRoute(context: ServerContext, request: Request): { target: string; routes: string[] } | undefined {
  const [first, ...routes] = request.list('Route')
  const own = first === undefined ? undefined : parseNameAddr(first)
  if (!own || !context.isOwnUri(own.uri)) return undefined
  const next = routes[0] === undefined ? undefined : parseNameAddr(routes[0])

  return { target: next?.uri ?? request.uri, routes }
}

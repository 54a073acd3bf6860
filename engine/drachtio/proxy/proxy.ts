import { ServerInvite, type ServerRequest } from '../../dialog/index.ts'
import { isChallenge, parseNameAddr, type Response, type Request } from '../../message/index.ts'
import { resolveUri, routeUri } from '../next-hop.ts'
import type { ProxyOrder } from '../protocol/application-messages.ts'
import type { ServerContext } from '../server-context.ts'
import type { CallReport } from '../call-reports.ts'
import type { Application } from '../protocol/application.ts'
import { errorTexts, type MessageSource, nok, ok, proxied, received } from '../protocol/server-messages.ts'
import { deliveredText } from '../protocol/sip-text.ts'
import { forwardedRequest, forwardedResponse, ProxyBranch, type ProxyBranchUser } from './proxy-branch.ts'

/** Learns what becomes of a proxied request. */
interface ProxyUser {
  /** The request is about to be sent to a target. */
  began(branch: ProxyBranch): void
  /** A target's final response, before it is chosen or dropped. */
  final(response: Response, branch: ProxyBranch): void
  /** The end. `response` was sent to the caller; undefined when the caller had cancelled, or no target answered. */
  done(response: Response | undefined): void
  /** The only target left could not be reached: the caller has had 500. */
  failed(target: string): void
}

/** Targets of one request, followed redirections included. */
const maxTargets = 50

/** A request forwarded to targets, in turn or all at once, and the best response forwarded to the caller (RFC 3261 16). */
class Proxy implements ProxyBranchUser {
  readonly #context: ServerContext
  readonly #incoming: ServerRequest
  readonly #order: ProxyOrder
  readonly #user: ProxyUser
  readonly #waiting: string[]
  readonly #branches = new Set<ProxyBranch>()
  readonly #responses: Response[] = []
  #tried = 0
  /** Number of targets whose addresses are being looked up. */
  #resolving = 0
  #isDone = false

  constructor(context: ServerContext, incoming: ServerRequest, order: ProxyOrder, user: ProxyUser) {
    this.#context = context
    this.#incoming = incoming
    this.#order = order
    this.#user = user
    this.#waiting = [...order.targets]
    if (incoming instanceof ServerInvite) incoming.onCancel = () => this.#cancelled()
  }

  start(): void {
    if (this.#order.simultaneous) this.#tryAll()
    else this.#next()
  }

  provisional(response: Response): void {
    if (!this.#isDone) this.#incoming.forward(forwardedResponse(response))
  }

  final(response: Response, branch: ProxyBranch): void {
    const isNew = this.#branches.delete(branch)
    const { status } = response
    if (isNew) this.#user.final(response, branch)
    if (status < 300) {
      this.#cancelBranches()
      this.#incoming.forward(forwardedResponse(response))
      this.#finish(response)
      return
    }
    if (!isNew || this.#isDone) return
    if (!this.#followRedirect(response)) this.#responses.push(response)
    // RFC 3261 16.7 step 5: no further target after a 6xx. In serial mode a challenge goes to the caller at once, too.
    if (status >= 600 || (!this.#order.simultaneous && isChallenge(status))) {
      this.#waiting.length = 0
      this.#cancelBranches()
    }
    if (this.#order.simultaneous) this.#tryAll()
    if (this.#isIdle) this.#next()
  }

  get #isIdle(): boolean {
    return this.#branches.size === 0 && this.#resolving === 0
  }

  #next(): void {
    const target = this.#waiting.shift()
    if (target !== undefined) this.#begin(target)
    else if (this.#isIdle) this.#answer()
  }

  #tryAll(): void {
    for (const target of this.#waiting.splice(0)) this.#begin(target)
  }

  #begin(target: string): void {
    this.#try(target).catch((error: unknown) => this.#context.defect(error))
  }

  async #try(target: string): Promise<void> {
    this.#tried += 1
    this.#resolving += 1
    const branch = await this.#branchTo(routeUri(target)).finally(() => (this.#resolving -= 1))
    if (this.#isDone) return
    if (branch) {
      this.#branches.add(branch)
      this.#user.began(branch)
      branch.send({ provisionalMs: this.#order.provisionalTimeoutMs, finalMs: this.#order.finalTimeoutMs })
    } else if (this.#waiting.length > 0 || !this.#isIdle || this.#responses.length > 0) this.#next()
    else {
      this.#isDone = true
      this.#incoming.respond(500)
      this.#user.failed(target)
    }
  }

  async #branchTo(target: string): Promise<ProxyBranch | undefined> {
    const { core } = this.#context
    const { request } = this.#incoming
    const uri = await Promise.resolve(resolveUri(target)).catch(() => undefined)
    const flow = uri === undefined ? undefined : core.flowTo(uri)
    if (!flow) return undefined
    const copy = forwardedRequest(request, {
      // A Request-URI of another domain stays: the target is the next hop only.
      uri: this.#context.isOwnUri(request.uri) ? target : request.uri,
      flow,
      recordRoute: this.#order.recordRoute,
      routes: this.#order.routes ?? [],
      headers: this.#order.headers,
    })

    return new ProxyBranch(core, copy, flow, this)
  }

  /** RFC 3261 16.7 step 4: a 3xx whose Contacts become targets is not forwarded. */
  #followRedirect(response: Response): boolean {
    if (response.status >= 400 || !this.#order.followRedirects) return false
    const contacts = response.list('Contact').flatMap((value) => parseNameAddr(value)?.uri ?? [])
    if (contacts.length === 0 || this.#tried + this.#waiting.length + contacts.length > maxTargets) return false
    this.#waiting.unshift(...contacts)

    return true
  }

  #answer(): void {
    const best = bestResponse(this.#responses)
    if (best) this.#incoming.forward(forwardedResponse(best))
    this.#finish(best)
  }

  /** The server transaction has answered the caller's CANCEL and INVITE. */
  #cancelled(): void {
    this.#waiting.length = 0
    this.#cancelBranches()
    this.#finish(undefined)
  }

  #cancelBranches(): void {
    for (const branch of this.#branches) branch.cancel()
  }

  #finish(response: Response | undefined): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#user.done(response)
  }
}

/** The best response when no target has accepted: a 6xx, else one of the lowest class (RFC 3261 16.7 step 6). */
function bestResponse(responses: readonly Response[]): Response | undefined {
  const rank = ({ status }: Response): number => {
    if (status >= 600) return 0
    // RFC 3261 16.7 step 6: responses that tell the caller how to try again come first in their class.
    const ofClass = Math.floor(status / 100) * 1000
    if ([401, 407, 415, 420, 484].includes(status)) return ofClass

    return ofClass + (status === 408 || status === 503 ? 999 : 500)
  }

  return responses.reduce<Response | undefined>(
    (best, each) => (!best || rank(each) < rank(best) ? each : best),
    undefined,
  )
}

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

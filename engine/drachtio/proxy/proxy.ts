import { ServerInvite, type ServerRequest } from '../../dialog/index.ts'
import { isChallenge, parseNameAddr, type Response } from '../../message/index.ts'
import { resolveUri, routeUri } from '../next-hop.ts'
import type { ProxyOrder } from '../protocol/application-messages.ts'
import type { ServerContext } from '../server-context.ts'
import { forwardedRequest, forwardedResponse, ProxyBranch, type ProxyBranchUser } from './proxy-branch.ts'

/** Learns what becomes of a proxied request. */
export interface ProxyUser {
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
export class Proxy implements ProxyBranchUser {
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

import { parseNameAddr, type Request, type Response } from '../../message/index.ts'
import { ServerInvite, type ServerRequest } from '../../dialog/index.ts'
import type { Exchange } from '../exchange.ts'
import { located, routeUri } from '../next-hop.ts'
import { bestOf } from './best-response.ts'
import { Branch, type BranchUser } from './branch.ts'
import { backward, onward } from './copy.ts'
import type { ProxyOrder } from './order.ts'

/** Who asked for it. */
export interface ProxyUser {
  /** A target is being asked. */
  began(branch: Branch): void
  /** A final response of a target's, as it came. */
  final(response: Response, branch: Branch): void
  /** Nothing more will come. `response` is what went back; undefined when nothing had to. */
  done(response: Response | undefined): void
  /** It could not even begin. */
  failed(target: string): void
}

/** Follow no more than this many redirections. */
const mostTargets = 50

/** A request passed on to targets, in turn or all at once, and the best of their answers passed back (RFC 3261 16). */
export class Proxy implements BranchUser {
  readonly #exchange: Exchange
  readonly #incoming: ServerRequest
  readonly #order: ProxyOrder
  readonly #user: ProxyUser
  readonly #waiting: string[]
  readonly #branches = new Set<Branch>()
  readonly #responses: Response[] = []
  #tried = 0
  // Targets whose addresses are being looked up.
  #locating = 0
  #isDone = false

  constructor(exchange: Exchange, incoming: ServerRequest, order: ProxyOrder, user: ProxyUser) {
    this.#exchange = exchange
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
    if (!this.#isDone) this.#incoming.forward(backward(response))
  }

  final(response: Response, branch: Branch): void {
    const isNew = this.#branches.delete(branch)
    const { status } = response
    if (isNew) this.#user.final(response, branch)
    if (status < 300) {
      this.#cancelBranches()
      this.#incoming.forward(backward(response))
      this.#finish(response)
      return
    }
    if (!isNew || this.#isDone) return
    if (!this.#isFollowed(response)) this.#responses.push(response)
    // 16.7 step 5: nobody else is to be asked after a 6xx. A challenge is for the caller, not for the next target.
    if (status >= 600 || (!this.#order.simultaneous && (status === 401 || status === 407))) {
      this.#waiting.length = 0
      this.#cancelBranches()
    }
    if (this.#order.simultaneous) this.#tryAll()
    if (this.#isIdle) this.#next()
  }

  get #isIdle(): boolean {
    return this.#branches.size === 0 && this.#locating === 0
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
    this.#try(target).catch((error: unknown) => this.#exchange.defect(error))
  }

  async #try(target: string): Promise<void> {
    this.#tried += 1
    this.#locating += 1
    const branch = await this.#branchTo(routeUri(target)).finally(() => (this.#locating -= 1))
    if (this.#isDone) return
    if (branch) {
      this.#branches.add(branch)
      this.#user.began(branch)
      branch.send({ provisional: this.#order.provisionalTimeout, final: this.#order.finalTimeout })
    } else if (this.#waiting.length > 0 || !this.#isIdle || this.#responses.length > 0) this.#next()
    else {
      this.#isDone = true
      this.#incoming.respond(500)
      this.#user.failed(target)
    }
  }

  async #branchTo(target: string): Promise<Branch | undefined> {
    const { core } = this.#exchange
    const { request } = this.#incoming
    const place = await Promise.resolve(located(target)).catch(() => undefined)
    const flow = place === undefined ? undefined : core.flowTo(place)
    if (!flow) return undefined
    const copy = onward(request, {
      // A request for somebody else keeps its Request-URI: the target is merely where it goes next.
      uri: this.#exchange.isMyself(request.uri) ? target : request.uri,
      flow,
      recordRoute: this.#order.recordRoute,
      routes: this.#order.routes ?? [],
      headers: this.#order.headers,
    })

    return new Branch(core, copy, flow, this)
  }

  /** 16.5, 16.7 step 4: a redirection that is followed is no answer to the caller. */
  #isFollowed(response: Response): boolean {
    if (response.status >= 400 || !this.#order.followRedirects) return false
    const contacts = response.list('Contact').flatMap((value) => parseNameAddr(value)?.uri ?? [])
    if (contacts.length === 0 || this.#tried + this.#waiting.length + contacts.length > mostTargets) return false
    this.#waiting.unshift(...contacts)

    return true
  }

  #answer(): void {
    const best = bestOf(this.#responses)
    if (best) this.#incoming.forward(backward(best))
    this.#finish(best)
  }

  /** The caller's CANCEL has been answered already. */
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

/** Whether a request's first route is ours: `isMyself` knows us. */
export function isRoutedThrough(request: Request, isMyself: (uri: string) => boolean): boolean {
  const first = request.list('Route')[0]
  const route = first === undefined ? undefined : parseNameAddr(first)

  return route !== undefined && isMyself(route.uri)
}

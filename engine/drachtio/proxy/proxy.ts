import { parseNameAddr, type Request, type Response } from '../../message/index.ts'
import { ServerInvite, type ServerRequest } from '../../dialog/index.ts'
import type { ServerContext } from '../server-context.ts'
import { resolveUri, routeUri } from '../next-hop.ts'
import { ProxyBranch, type ProxyBranchUser, forwardedResponse, forwardedRequest } from './proxy-branch.ts'
import type { ProxyOrder } from '../protocol/application-messages.ts'

/** Who asked for it. */
export interface ProxyUser {
  /** A target is being asked. */
  began(branch: ProxyBranch): void
  /** A final response of a target's, as it came. */
  final(response: Response, branch: ProxyBranch): void
  /** Nothing more will come. `response` is what went back; undefined when nothing had to. */
  done(response: Response | undefined): void
  /** It could not even begin. */
  failed(target: string): void
}

/** Follow no more than this many redirections. */
const maxTargets = 50

/** A request passed on to targets, in turn or all at once, and the best of their answers passed back (RFC 3261 16). */
export class Proxy implements ProxyBranchUser {
  readonly #context: ServerContext
  readonly #incoming: ServerRequest
  readonly #order: ProxyOrder
  readonly #user: ProxyUser
  readonly #waiting: string[]
  readonly #branches = new Set<ProxyBranch>()
  readonly #responses: Response[] = []
  #tried = 0
  // Targets whose addresses are being looked up.
  #locating = 0
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
    this.#try(target).catch((error: unknown) => this.#context.defect(error))
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

  async #branchTo(target: string): Promise<ProxyBranch | undefined> {
    const { core } = this.#context
    const { request } = this.#incoming
    const place = await Promise.resolve(resolveUri(target)).catch(() => undefined)
    const flow = place === undefined ? undefined : core.flowTo(place)
    if (!flow) return undefined
    const copy = forwardedRequest(request, {
      // A request for somebody else keeps its Request-URI: the target is merely where it goes next.
      uri: this.#context.isOwnUri(request.uri) ? target : request.uri,
      flow,
      recordRoute: this.#order.recordRoute,
      routes: this.#order.routes ?? [],
      headers: this.#order.headers,
    })

    return new ProxyBranch(core, copy, flow, this)
  }

  /** 16.5, 16.7 step 4: a redirection that is followed is no answer to the caller. */
  #isFollowed(response: Response): boolean {
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

/** The response that goes back when no target has accepted: 6xx, else the lowest class (RFC 3261 16.7 step 6). */
export function bestResponse(responses: readonly Response[]): Response | undefined {
  const rank = ({ status }: Response): number => {
    if (status >= 600) return 0
    // What the caller can do something about comes first in its class.
    const isHelpful = [401, 407, 415, 420, 484].includes(status)

    return Math.floor(status / 100) * 1000 + (isHelpful ? 0 : status === 408 || status === 503 ? 999 : 500)
  }

  return responses.reduce<Response | undefined>(
    (best, each) => (!best || rank(each) < rank(best) ? each : best),
    undefined,
  )
}

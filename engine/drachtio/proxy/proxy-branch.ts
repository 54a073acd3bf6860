import type { Timer } from '../../clock/index.ts'
import type { Flow } from '../../flow/index.ts'
import { createResponse, Request, type Response } from '../../message/index.ts'
import { type Core, newBranch, ownHostPort, viaOf } from '../../dialog/index.ts'
import { randomToken } from '../../random.ts'
import type { ClientUser, InviteClientTransaction } from '../../transaction/index.ts'
import type { HeaderText } from '../protocol/sip-text.ts'

/** Who sent the branch out. Exactly one `final` for each; a 2xx to an INVITE may come again. */
export interface ProxyBranchUser {
  provisional(response: Response, branch: ProxyBranch): void
  final(response: Response, branch: ProxyBranch): void
}

/** How long a target may take, in milliseconds. */
export interface BranchTimeouts {
  /** For any response at all. */
  provisional: number | undefined
  /** For the final one. */
  final: number | undefined
}

/** A proxied request on its way to one target (RFC 3261 16.6 to 16.8). */
export class ProxyBranch implements ClientUser {
  readonly flow: Flow
  readonly request: Request
  readonly #core: Core
  readonly #user: ProxyBranchUser
  #transaction: InviteClientTransaction | undefined
  #timers: Timer[] = []
  #silence: Timer | undefined
  #isFinished = false

  constructor(core: Core, request: Request, flow: Flow, user: ProxyBranchUser) {
    this.#core = core
    this.request = request
    this.flow = flow
    this.#user = user
  }

  send({ provisional, final }: BranchTimeouts): void {
    const { layer, clock } = this.#core
    if (provisional !== undefined) this.#silence = clock.after(provisional, () => this.#giveUp())
    if (final !== undefined) this.#timers.push(clock.after(final, () => this.#giveUp()))
    if (this.request.method === 'INVITE') this.#transaction = layer.invite(this.request, this.flow, this)
    else layer.request(this.request, this.flow, this)
  }

  /** Cancels an INVITE; its final response is heard all the same. */
  cancel(): void {
    this.#transaction?.cancel()
  }

  response(response: Response): void {
    this.#silence?.cancel()
    if (response.status >= 200) this.#finish(response)
    // 16.7 step 2: 100 is for us.
    else if (response.status > 100 && !this.#isFinished) this.#user.provisional(response, this)
  }

  timeout(): void {
    this.#finish(this.#made(408))
  }

  transportError(): void {
    this.#finish(this.#made(503))
  }

  #giveUp(): void {
    if (this.#isFinished) return
    this.cancel()
    this.#finish(this.#made(408))
  }

  #finish(response: Response): void {
    const isSuccess = response.status < 300
    // A 2xx goes on as often as it comes, and even when we had given up.
    if (this.#isFinished && !(isSuccess && this.request.method === 'INVITE')) return
    this.#isFinished = true
    this.#silence?.cancel()
    for (const timer of this.#timers) timer.cancel()
    this.#timers = []
    this.#user.final(response, this)
  }

  #made(status: number): Response {
    return createResponse(this.request, status, undefined, randomToken())
  }
}

/** How a request leaves a proxy (RFC 3261 16.6). */
export interface ForwardOptions {
  uri: string
  flow: Flow
  /** Where the peer that it came from reaches us; undefined unless we are to stay on the path. */
  recordRoute: boolean
  routes: readonly string[]
  headers: readonly HeaderText[]
}

/** The copy of a request that goes to one target: one hop less, our Via on top. */
export function forwardedRequest(
  request: Request,
  { uri, flow, recordRoute, routes, headers }: ForwardOptions,
): Request {
  const copy = new Request(request.method, uri)
  copy.add('Via', viaOf(flow, newBranch()))
  if (recordRoute) addRecordRoute(copy, request, flow)
  for (const [name, value] of request.entries()) {
    if (name !== 'Route' && name !== 'Max-Forwards' && name !== 'Content-Length') copy.add(name, value)
  }
  for (const route of routes) copy.add('Route', route)
  copy.add('Max-Forwards', String((request.maxForwards ?? 70) - 1))
  for (const [name, value] of headers) copy.add(name, value)
  if (request.body !== '') copy.body = request.body

  return copy
}

/** RFC 3261 16.6 step 4; a REGISTER gets a Path instead (RFC 3327). */
function addRecordRoute(copy: Request, request: Request, flow: Flow): void {
  const transport = flow.transport === 'udp' ? '' : `;transport=${flow.transport}`
  const own = `<sip:${ownHostPort(flow)}${transport};lr>`
  if (request.method !== 'REGISTER') copy.add('Record-Route', own)
  else copy.add('Path', own).add('Require', 'path')
}

/** A response without our Via (RFC 3261 16.7 step 3). */
export function forwardedResponse(response: Response): Response {
  return response.set('Via', response.list('Via').slice(1))
}

import type { Timer } from '../../clock/index.ts'
import { type Core, newBranch, ownHostPort, viaOf } from '../../dialog/index.ts'
import type { Flow } from '../../flow/index.ts'
import { createResponse, Request, type Response } from '../../message/index.ts'
import { randomToken } from '../../random.ts'
import type { ClientUser, InviteClientTransaction } from '../../transaction/index.ts'
import type { HeaderText } from '../protocol/sip-text.ts'

/** Receives the responses of a branch: one `final`, and every further 2xx to an INVITE. */
export interface ProxyBranchUser {
  provisional(response: Response, branch: ProxyBranch): void
  final(response: Response, branch: ProxyBranch): void
}

/** The time that a target has. */
interface BranchTimeouts {
  /** For its first response. */
  provisionalMs: number | undefined
  /** For its final response. */
  finalMs: number | undefined
}

/** A proxied request to one target (RFC 3261 16.6 to 16.8). */
export class ProxyBranch implements ClientUser {
  readonly flow: Flow
  readonly request: Request
  readonly #core: Core
  readonly #user: ProxyBranchUser
  #transaction: InviteClientTransaction | undefined
  #provisionalTimer: Timer | undefined
  #finalTimer: Timer | undefined
  #isFinished = false

  constructor(core: Core, request: Request, flow: Flow, user: ProxyBranchUser) {
    this.#core = core
    this.request = request
    this.flow = flow
    this.#user = user
  }

  send({ provisionalMs, finalMs }: BranchTimeouts): void {
    const { layer, clock } = this.#core
    if (provisionalMs !== undefined) this.#provisionalTimer = clock.after(provisionalMs, () => this.#giveUp())
    if (finalMs !== undefined) this.#finalTimer = clock.after(finalMs, () => this.#giveUp())
    if (this.request.method === 'INVITE') this.#transaction = layer.invite(this.request, this.flow, this)
    else layer.request(this.request, this.flow, this)
  }

  /** Cancels an INVITE; its final response still follows. */
  cancel(): void {
    this.#transaction?.cancel()
  }

  response(response: Response): void {
    this.#provisionalTimer?.cancel()
    if (response.status >= 200) this.#finish(response)
    // RFC 3261 16.7 step 5: 100 is not forwarded.
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
    // RFC 3261 16.7 step 5: every 2xx to an INVITE is forwarded, also after the time-out.
    if (this.#isFinished && !(isSuccess && this.request.method === 'INVITE')) return
    this.#isFinished = true
    this.#provisionalTimer?.cancel()
    this.#finalTimer?.cancel()
    this.#user.final(response, this)
  }

  #made(status: number): Response {
    return createResponse(this.request, status, undefined, randomToken())
  }
}

/** The changes of a proxy to a request that it forwards (RFC 3261 16.6). */
interface ForwardOptions {
  uri: string
  flow: Flow
  /** Whether later requests of the dialog come through this server. */
  recordRoute: boolean
  routes: readonly string[]
  headers: readonly HeaderText[]
}

/** The copy of a request for one target, with one hop less and the server's Via on top. */
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

/** RFC 3261 16.6 step 4; a REGISTER gets a Path (RFC 3327). */
function addRecordRoute(copy: Request, request: Request, flow: Flow): void {
  const transport = flow.transport === 'udp' ? '' : `;transport=${flow.transport}`
  const own = `<sip:${ownHostPort(flow)}${transport};lr>`
  if (request.method !== 'REGISTER') copy.add('Record-Route', own)
  else copy.add('Path', own).add('Require', 'path')
}

/** A response without the server's Via (RFC 3261 16.7 step 3). */
export function forwardedResponse(response: Response): Response {
  return response.set('Via', response.list('Via').slice(1))
}

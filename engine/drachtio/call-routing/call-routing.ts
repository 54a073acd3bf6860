import type { Socket } from 'node:net'
import type { ServerRequest } from '../../dialog/index.ts'
import type { Client } from '../client.ts'
import type { ProxyOrder } from '../proxy/order.ts'
import { parseDuration } from '../proxy/order.ts'
import { bracketed } from '../local-host.ts'
import { ask, type RequestHandler } from './ask.ts'
import { type Decision, parseDecision, type ProxyDecision } from './decision.ts'
import { connectTo, parseApplicationAddress } from './outbound.ts'

/** What is done with the decisions. */
export interface CallRoutingUser {
  /** Whose turn it is among the clients that own the tag. */
  clientWith(method: string, tag: string): Client | undefined
  /** Hands a request to a client. */
  deliver(request: ServerRequest, client: Client): void
  /** An application that we have connected to; `use` is called once it has authenticated. */
  welcome(socket: Socket, use: (client: Client) => void): void
  proxy(request: ServerRequest, order: Omit<ProxyOrder, 'transactionId'>): void
  /** An exception that nobody else catches. */
  defect(error: unknown): void
}

/** Decides by HTTP, or by a fixed address, which application a request is for. */
export class CallRouting {
  readonly #handlers: readonly RequestHandler[]
  readonly #user: CallRoutingUser

  constructor(handlers: readonly RequestHandler[], user: CallRoutingUser) {
    this.#handlers = handlers
    this.#user = user
  }

  /** False when nobody is to be asked about this method. */
  take(request: ServerRequest): boolean {
    const { method } = request.request
    const handler =
      this.#handlers.find(({ sipMethod }) => sipMethod === method) ??
      this.#handlers.find(({ sipMethod }) => sipMethod === '*')
    if (!handler) return false
    if (/^(tcp|tls):\/\//.test(handler.url)) this.#run(this.#connect(request, handler.url))
    else this.#run(this.#ask(request, handler))

    return true
  }

  #run(step: Promise<void>): void {
    step.catch((error: unknown) => this.#user.defect(error))
  }

  async #ask(request: ServerRequest, handler: RequestHandler): Promise<void> {
    const text = await ask(handler, request).catch(() => '')
    // Cancelled meanwhile.
    if (request.isAnswered) return
    const decision = parseDecision(text)
    if (decision) this.#carryOut(request, decision)
    else request.respond(500)
  }

  #carryOut(request: ServerRequest, decision: Decision): void {
    switch (decision.action) {
      case 'reject':
        request.respond(decision.status, { reason: decision.reason })
        return
      case 'redirect':
        request.respond(302, { headers: decision.contacts.map((contact) => ['Contact', bracketed(contact)]) })
        return
      case 'proxy':
        this.#user.proxy(request, orderOf(decision.proxy))
        return
      case 'route':
        this.#run(this.#connect(request, decision.uri))
        return
      case 'tag': {
        const client = this.#user.clientWith(request.request.method, decision.tag)
        if (client) this.#user.deliver(request, client)
        else request.respond(480)
      }
    }
  }

  async #connect(request: ServerRequest, uri: string): Promise<void> {
    const address = parseApplicationAddress(uri)
    const socket = address && (await connectTo(address).catch(() => undefined))
    if (!socket) {
      request.respond(480)
      return
    }
    let isTaken = false
    this.#user.welcome(socket, (client) => {
      isTaken = true
      if (!request.isAnswered) this.#user.deliver(request, client)
    })
    // It was there, and did not authenticate.
    socket.once('close', () => {
      if (!isTaken) request.respond(480)
    })
  }
}

function orderOf(decision: ProxyDecision): Omit<ProxyOrder, 'transactionId'> {
  return {
    targets: decision.targets,
    recordRoute: decision.recordRoute,
    fullResponse: false,
    followRedirects: decision.followRedirects,
    simultaneous: decision.simultaneous,
    provisionalTimeout: parseDuration(decision.provisionalTimeout),
    finalTimeout: parseDuration(decision.finalTimeout),
    headers: [],
  }
}

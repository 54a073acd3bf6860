import { type Socket, connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'

import type { ServerRequest } from '../../dialog/index.ts'
import type { Application } from '../protocol/application.ts'
import { type ProxyOrder, parseDuration } from '../protocol/application-messages.ts'
import { bracketed } from '../protocol/sip-text.ts'
import {
  queryHandler,
  type RequestHandler,
  type HandlerDecision,
  parseDecision,
  type ProxyDecision,
} from './handler-query.ts'

/** What is done with the decisions. */
export interface RequestHandlerUser {
  /** Whose turn it is among the applications that own the tag. */
  applicationWith(method: string, tag: string): Application | undefined
  /** Hands a request to an application. */
  deliver(request: ServerRequest, application: Application): void
  /** An application that we have connected to; `use` is called once it has authenticated. */
  connected(socket: Socket, use: (application: Application) => void): void
  proxy(request: ServerRequest, order: Omit<ProxyOrder, 'transactionId'>): void
  /** An exception that nobody else catches. */
  defect(error: unknown): void
}

/** Decides by HTTP, or by a fixed address, which application a request is for. */
export class RequestHandlers {
  readonly #handlers: readonly RequestHandler[]
  readonly #user: RequestHandlerUser

  constructor(handlers: readonly RequestHandler[], user: RequestHandlerUser) {
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
    const text = await queryHandler(handler, request).catch(() => '')
    // Cancelled meanwhile.
    if (request.isAnswered) return
    const decision = parseDecision(text)
    if (decision) this.#carryOut(request, decision)
    else request.respond(500)
  }

  #carryOut(request: ServerRequest, decision: HandlerDecision): void {
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
        const application = this.#user.applicationWith(request.request.method, decision.tag)
        if (application) this.#user.deliver(request, application)
        else request.respond(480)
      }
    }
  }

  async #connect(request: ServerRequest, uri: string): Promise<void> {
    const address = parseApplicationAddress(uri)
    const socket = address && (await connectToApplication(address).catch(() => undefined))
    if (!socket) {
      request.respond(480)
      return
    }
    let isTaken = false
    this.#user.connected(socket, (application) => {
      isTaken = true
      if (!request.isAnswered) this.#user.deliver(request, application)
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

/** Where an application waits for us to connect. */
export interface ApplicationAddress {
  host: string
  port: number
  tls: boolean
}

const applicationConnectTimeoutMs = 2_000

/** `host:port`, `host:port;transport=tls`, `tcp://host:port` or `tls://host:port`. Undefined for every other text. */
export function parseApplicationAddress(text: string): ApplicationAddress | undefined {
  const [, scheme, host, digits, params] =
    /^(?:(tcp|tls):\/\/)?(\[[^\]]+\]|[^:;/]+):(\d{1,5})\/?(;.*)?$/.exec(text) ?? []
  const port = Number(digits)
  if (host === undefined || port < 1 || port > 65_535) return undefined
  const transport = scheme ?? /;transport=(tcp|tls)\b/i.exec(params ?? '')?.[1]?.toLowerCase() ?? 'tcp'

  return { host: host.replace(/^\[|\]$/g, ''), port, tls: transport === 'tls' }
}

/** Connects to an application. Rejects when it cannot be reached in time. Its certificate is not looked at, as ever. */
export function connectToApplication({ host, port, tls }: ApplicationAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = tls ? connectTls({ host, port, rejectUnauthorized: false }) : connectTcp({ host, port })
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    socket.setTimeout(applicationConnectTimeoutMs, () => fail(new Error('no connection in time')))
    socket.once('error', fail)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0)
      socket.off('error', fail)
      resolve(socket)
    })
  })
}

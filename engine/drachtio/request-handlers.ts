import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ServerRequest } from '../dialog/index.ts'
import { parseDuration, type ProxyOrder } from './protocol/application-messages.ts'
import type { Application } from './protocol/application.ts'
import { bracketed } from './protocol/sip-text.ts'
import {
  type HandlerDecision,
  parseDecision,
  type ProxyDecision,
  queryHandler,
  type RequestHandler,
} from './request-handler-query.ts'

/** Carries out the decisions of request handlers. */
export interface RequestHandlerUser {
  /** The next application with the tag that takes the method. */
  applicationWith(method: string, tag: string): Application | undefined
  deliver(request: ServerRequest, application: Application): void
  /** The server has connected to an application; `use` is called once it has authenticated. */
  connected(socket: Socket, use: (application: Application) => void): void
  proxy(request: ServerRequest, order: Omit<ProxyOrder, 'transactionId'>): void
  /** Logs an exception that no other code handles. */
  defect(error: unknown): void
}

/** Chooses the application of a request by HTTP, or by a fixed address (`tcp://`, `tls://`). */
export class RequestHandlers {
  readonly #handlers: readonly RequestHandler[]
  readonly #user: RequestHandlerUser

  constructor(handlers: readonly RequestHandler[], user: RequestHandlerUser) {
    this.#handlers = handlers
    this.#user = user
  }

  /** False when no handler is for this method. */
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
    // A CANCEL may have come meanwhile.
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
    // The application has closed the connection without authenticating.
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
    provisionalTimeoutMs: parseDuration(decision.provisionalTimeout),
    finalTimeoutMs: parseDuration(decision.finalTimeout),
    headers: [],
  }
}

/** An address where an application listens. */
interface ApplicationAddress {
  host: string
  port: number
  tls: boolean
}

const applicationConnectTimeoutMs = 2_000

/** `host:port`, `host:port;transport=tls`, `tcp://host:port` or `tls://host:port`. Undefined when malformed. */
function parseApplicationAddress(text: string): ApplicationAddress | undefined {
  const [, scheme, host, digits, params] =
    /^(?:(tcp|tls):\/\/)?(\[[^\]]+\]|[^:;/]+):(\d{1,5})\/?(;.*)?$/.exec(text) ?? []
  const port = Number(digits)
  if (host === undefined || port < 1 || port > 65_535) return undefined
  const transport = scheme ?? /;transport=(tcp|tls)\b/i.exec(params ?? '')?.[1]?.toLowerCase() ?? 'tcp'

  return { host: host.replace(/^\[|\]$/g, ''), port, tls: transport === 'tls' }
}

/** Connects to an application; its certificate is not verified, as by drachtio-server. Rejects after a time-out. */
function connectToApplication({ host, port, tls }: ApplicationAddress): Promise<Socket> {
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

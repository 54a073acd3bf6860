import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { ServerRequest } from '../dialog/index.ts'
import { isSipUri, type NameAddr, parseSipUri, parseUri } from '../message/index.ts'
import { parseDuration, type ProxyOrder } from './protocol/application-messages.ts'
import type { Application } from './protocol/application.ts'
import { bracketed } from './protocol/sip-text.ts'

/** A web server that decides by HTTP where requests of a method go. */
export interface RequestHandler {
  /** In upper case, or `*`. */
  sipMethod: string
  httpMethod: 'GET' | 'POST'
  /** Whether the certificate of an https server is verified. */
  verifyPeer: boolean
  url: string
}

const connectTimeoutMs = 2_000
const queryTimeoutMs = 3_000
const maxAnswerLength = 64 * 1024

/** Resolves with the body of the web server's 200. Rejects when there is none within `queryTimeoutMs`. */
function queryHandler(handler: RequestHandler, incoming: ServerRequest): Promise<string> {
  const url = new URL(handler.url)
  for (const [name, value] of queryParameters(incoming)) url.searchParams.append(name, value)
  const isPost = handler.httpMethod === 'POST'
  const options = {
    method: handler.httpMethod,
    rejectUnauthorized: handler.verifyPeer,
    timeout: connectTimeoutMs,
    signal: AbortSignal.timeout(queryTimeoutMs),
    headers: isPost ? { 'Content-Type': 'text/plain' } : {},
  }

  return new Promise((resolve, reject) => {
    const query = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > maxAnswerLength) query.destroy(new Error('the answer is too long'))
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`the answer was ${response.statusCode ?? 'nothing'}`))
      })
    })
    query.on('timeout', () => query.destroy(new Error('no answer in time')))
    query.on('error', reject)
    query.end(isPost ? Buffer.from(incoming.request.toString(), 'latin1') : undefined)
  })
}

function* queryParameters({ request, flow }: ServerRequest): Iterable<[name: string, value: string]> {
  const uri = parseUri(request.uri)
  const sip = uri && isSipUri(uri) ? uri : undefined
  yield ['method', request.method]
  yield ['domain', sip?.host ?? '']
  yield ['protocol', flow.transport]
  yield ['source_address', flow.remote.address]
  yield ['fromUser', userOf(request.from)]
  yield ['toUser', userOf(request.to)]
  yield ['uriUser', sip?.user ?? '']
  yield ['contentType', request.header('Content-Type') ?? '']
  yield ['uri', request.uri]
  for (const [name, value] of sip?.params ?? []) yield [name, value]
}

function userOf(address: NameAddr | undefined): string {
  return parseSipUri(address?.uri ?? '')?.user ?? ''
}

/** A web server's decision on a request. */
export type HandlerDecision =
  | { action: 'reject'; status: number; reason: string | undefined }
  | { action: 'redirect'; contacts: readonly string[] }
  | { action: 'proxy'; proxy: ProxyDecision }
  | { action: 'route'; uri: string }
  | { action: 'tag'; tag: string }

interface ProxyDecision {
  targets: readonly string[]
  recordRoute: boolean
  followRedirects: boolean
  simultaneous: boolean
  provisionalTimeout: string
  finalTimeout: string
}

type JsonObject = Readonly<Record<string, unknown>>

/** Reads `{"action": …, "data": {…}}`; undefined when the text is malformed. */
function parseDecision(text: string): HandlerDecision | undefined {
  const answer = parseObject(text)
  const data = objectOf(answer?.data)
  if (!answer || !data) return undefined
  switch (answer.action) {
    case 'reject':
      return isStatus(data.status) ? { action: 'reject', status: data.status, reason: textOf(data.reason) } : undefined
    case 'redirect': {
      const contacts = listOf(data.contact ?? data.contacts)
      return contacts.length > 0 ? { action: 'redirect', contacts } : undefined
    }
    case 'proxy':
      return proxyDecision(data)
    case 'route': {
      const [uri, tag] = [textOf(data.uri ?? data.url), textOf(data.tag)]
      if (tag !== undefined) return { action: 'tag', tag }
      return uri === undefined ? undefined : { action: 'route', uri }
    }
    default:
      return undefined
  }
}

function proxyDecision(data: JsonObject): HandlerDecision | undefined {
  const targets = listOf(data.destination)
  if (targets.length === 0) return undefined
  const proxy = {
    targets,
    recordRoute: data.recordRoute === true,
    followRedirects: data.followRedirects === true,
    simultaneous: data.simultaneous === true,
    provisionalTimeout: textOf(data.provisionalTimeout) ?? '',
    finalTimeout: textOf(data.finalTimeout) ?? '',
  }

  return { action: 'proxy', proxy }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

const objectOf = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((each) => textOf(each) ?? [])

const isStatus = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 300 && value <= 699

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

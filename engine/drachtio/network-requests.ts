import { isIP } from 'node:net'
import { InitialInvite, type ServerRequest } from '../dialog/index.ts'
import { formatEndpoint } from '../flow/index.ts'
import { type Message, parseNameAddr, parseSipUri, type Request } from '../message/index.ts'
import type { UserAgentUser } from '../user-agent/index.ts'
import { DeliveredInvite } from './delivered-invite.ts'
import { DeliveredRegister, DeliveredRequest } from './delivered-request.ts'
import type { Application } from './protocol/application.ts'
import { dialogIdOf, type NotifyReceiver, type ServerContext } from './server-context.ts'
import type { ServerLog } from './server-log.ts'
import { DeliveredSubscribe } from './subscriptions.ts'

export interface NetworkRequestOptions {
  spammers?: Spammers | undefined
  /** Refuse a REGISTER whose Request-URI is an IPv4 address. */
  rejectRegisterWithNoRealm?: boolean | undefined
  /** Send 180 to every INVITE at once. */
  alwaysSend180?: boolean | undefined
  /** OPTIONS with this User-Agent get 200 from the server itself. */
  optionsAutoRespond?: string | undefined
}

/** Chooses where requests outside the dialogs of applications go. */
export interface NetworkRequestUser {
  readonly log: ServerLog | undefined
  /** The application whose turn it is to take a request of this method. */
  applicationFor(method: string): Application | undefined
  /** Asks a request handler, by HTTP, where the request goes; false when no handler takes its method. */
  askHandler(request: ServerRequest): boolean
  /** Proxies a request of a dialog whose route set has this server; false when the request has no such route. */
  forward(request: ServerRequest): boolean
  forwardAck(ack: Request): void
}

/** Requests from the network outside the dialogs of applications. */
export class NetworkRequests implements UserAgentUser {
  readonly #context: ServerContext
  readonly #options: NetworkRequestOptions
  readonly #user: NetworkRequestUser

  constructor(context: ServerContext, options: NetworkRequestOptions, user: NetworkRequestUser) {
    this.#context = context
    this.#options = options
    this.#user = user
  }

  invite(invite: InitialInvite): void {
    this.request(invite)
  }

  request(incoming: ServerRequest): void {
    const { request } = incoming
    const refusal = this.#refusalOf(request)
    if (refusal) {
      this.#log('a request is refused', incoming, { status: refusal.status })
      incoming.respond(refusal.status, { reason: refusal.reason })
    } else if (this.#isAnsweredHere(request)) incoming.respond(200)
    else if (!this.#user.askHandler(incoming)) this.#route(incoming)
  }

  stray(incoming: ServerRequest): void {
    const receiver = incoming.request.method === 'NOTIFY' ? this.#receiverOf(incoming.request) : undefined
    if (receiver) receiver.notified(incoming)
    else if (!this.#user.forward(incoming)) incoming.respond(481)
  }

  strayAck(ack: Request): void {
    this.#user.forwardAck(ack)
  }

  deliver(incoming: ServerRequest, application: Application): void {
    const { method } = incoming.request
    this.#log('a request is with an application', incoming, { application: application.name })
    if (method === 'INVITE' && incoming instanceof InitialInvite) this.#deliverInvite(incoming, application)
    else if (method === 'SUBSCRIBE') new DeliveredSubscribe(this.#context, application, incoming).deliverNew()
    else if (method === 'REGISTER') new DeliveredRegister(this.#context, application, incoming).deliverNew()
    else new DeliveredRequest(this.#context, application, incoming).deliverNew()
  }

  /** A SUBSCRIBE without 2xx, or a dialog that has just ended, that a NOTIFY without a dialog belongs to. */
  #receiverOf({ callId, toTag, fromTag }: Request): NotifyReceiver | undefined {
    const { subscribing, dialogs } = this.#context
    const id = dialogIdOf(callId, toTag ?? '')

    return subscribing.get(id) ?? dialogs.recentlyEnded(id) ?? dialogs.recentlyEnded(dialogIdOf(callId, fromTag ?? ''))
  }

  #route(incoming: ServerRequest): void {
    const { method } = incoming.request
    const application = this.#user.applicationFor(method)
    if (application) this.deliver(incoming, application)
    else {
      // drachtio-server takes REFER in dialogs only.
      const status = method === 'REFER' ? 405 : 503
      this.#log('no application takes a request', incoming, { status })
      incoming.respond(status)
    }
  }

  #log(message: string, { request, flow }: ServerRequest, fields: Readonly<Record<string, unknown>>): void {
    const { log } = this.#user
    if (!log?.writes('info')) return
    const { method, uri, callId } = request
    const from = `${flow.transport}/${formatEndpoint(flow.remote)}`
    log.info(message, { method, uri, from, callId, ...fields })
  }

  #deliverInvite(invite: InitialInvite, application: Application): void {
    new DeliveredInvite(this.#context, application, invite).deliverNew()
    if (this.#options.alwaysSend180) invite.respond(180)
  }

  #refusalOf(request: Request): { status: number; reason?: string } | undefined {
    const { spammers, rejectRegisterWithNoRealm } = this.#options
    if (spammers && isSpam(spammers, request)) return { status: 603 }
    // RFC 3261 8.1.1.8. An INVITE without Contact is left to the application.
    if (request.method === 'INVITE' && request.contact && !parseSipUri(request.contact.uri)) {
      return { status: 400, reason: 'Bad Contact Header' }
    }
    if (request.method !== 'REGISTER') return undefined
    if (rejectRegisterWithNoRealm && isIP(parseSipUri(request.uri)?.host ?? '') === 4) return { status: 403 }

    return badContactOf(request)
  }

  #isAnsweredHere(request: Request): boolean {
    const { optionsAutoRespond } = this.#options

    return (
      request.method === 'OPTIONS' &&
      optionsAutoRespond !== undefined &&
      request.header('User-Agent') === optionsAutoRespond
    )
  }
}

/** RFC 3261 10.3 step 6 and 10.2.1: the Contacts that a registrar refuses. */
function badContactOf(register: Message): { status: number; reason: string } | undefined {
  for (const value of register.list('Contact')) {
    if (value.trim() === '*') {
      if (register.header('Expires')?.trim() !== '0') return { status: 400, reason: 'Contact: * needs Expires: 0' }
    } else if (!/^(sips?|tel):/i.test(parseNameAddr(value)?.uri ?? '')) {
      return { status: 400, reason: 'Bad Contact Header' }
    }
  }

  return undefined
}

/** Requests with these texts, in lower case, get 603. */
interface Spammers {
  /** Anywhere in the User-Agent. */
  userAgents: readonly string[]
  /** The whole user part of To. */
  toUsers: readonly string[]
  /** The whole user part of From. */
  fromUsers: readonly string[]
}

function isSpam(spammers: Spammers, request: Request): boolean {
  const agent = request.header('User-Agent')?.toLowerCase() ?? ''
  if (spammers.userAgents.some((text) => agent.includes(text))) return true

  return spammers.toUsers.includes(userOf(request.to?.uri)) || spammers.fromUsers.includes(userOf(request.from?.uri))
}

function userOf(uri: string | undefined): string {
  return parseSipUri(uri ?? '')?.user?.toLowerCase() ?? '\0'
}

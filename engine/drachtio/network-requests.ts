import { formatEndpoint } from '../flow/index.ts'
import { isIP } from 'node:net'

import { type Message, parseNameAddr, parseSipUri, type Request } from '../message/index.ts'
import { InitialInvite, type ServerRequest } from '../dialog/index.ts'
import type { UserAgentUser } from '../user-agent/index.ts'
import type { Application } from './protocol/application.ts'
import type { ServerContext } from './server-context.ts'
import { DeliveredRequest, DeliveredRegister } from './delivered-request.ts'
import { DeliveredInvite } from './delivered-invite.ts'
import { dialogIdOf } from './application-dialogs.ts'
import type { ServerLog } from './server-log.ts'
import { DeliveredSubscribe } from './subscriptions.ts'

export interface NetworkRequestOptions {
  spammers?: Spammers | undefined
  /** Refuse a REGISTER whose Request-URI is an IPv4 address. */
  rejectRegisterWithNoRealm?: boolean | undefined
  /** Send 180 to every INVITE at once. */
  alwaysSend180?: boolean | undefined
  /** OPTIONS from this User-Agent are answered with 200 here. */
  optionsAutoRespond?: string | undefined
}

/** Where requests go that no application has. */
export interface NetworkRequestUser {
  readonly log: ServerLog | undefined
  /** Whose turn it is. */
  applicationFor(method: string): Application | undefined
  /** Decides elsewhere, by HTTP, what becomes of a request; false when nobody there is asked. */
  askHandler(request: ServerRequest): boolean
  /** A request or an ACK of a dialog that goes through us, as a proxy; false when it is none of ours. */
  forward(request: ServerRequest): boolean
  forwardAck(ack: Request): void
}

/** What comes from the network outside the dialogs of applications. */
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
      this.#tell('a request is refused', incoming, { status: refusal.status })
      incoming.respond(refusal.status, { reason: refusal.reason })
    } else if (this.#isPing(request)) incoming.respond(200)
    else if (!this.#user.askHandler(incoming)) this.#route(incoming)
  }

  stray(incoming: ServerRequest): void {
    const { method, callId, toTag, fromTag } = incoming.request
    const { dialogs } = this.#context
    const late =
      method === 'NOTIFY'
        ? (dialogs.recentlyEnded(dialogIdOf(callId, toTag ?? '')) ??
          dialogs.recentlyEnded(dialogIdOf(callId, fromTag ?? '')))
        : undefined
    const subscribe = method === 'NOTIFY' ? this.#context.subscribing.get(dialogIdOf(callId, toTag ?? '')) : undefined
    if (subscribe) subscribe.notified(incoming)
    else if (late) late.notified(incoming)
    else if (!this.#user.forward(incoming)) incoming.respond(481)
  }

  strayAck(ack: Request): void {
    this.#user.forwardAck(ack)
  }

  /** Hands a request to this application. */
  deliver(incoming: ServerRequest, application: Application): void {
    const { method } = incoming.request
    this.#tell('a request is with an application', incoming, { application: application.name })
    if (method === 'INVITE' && incoming instanceof InitialInvite) this.#deliverInvite(incoming, application)
    else if (method === 'SUBSCRIBE') new DeliveredSubscribe(this.#context, application, incoming).deliverNew()
    else if (method === 'REGISTER') new DeliveredRegister(this.#context, application, incoming).deliverNew()
    else new DeliveredRequest(this.#context, application, incoming).deliverNew()
  }

  #route(incoming: ServerRequest): void {
    const { method } = incoming.request
    const application = this.#user.applicationFor(method)
    if (application) this.deliver(incoming, application)
    else {
      // The one method that drachtio-server knows in dialogs alone.
      const status = method === 'REFER' ? 405 : 503
      this.#tell('no application takes a request', incoming, { status })
      incoming.respond(status)
    }
  }

  #tell(message: string, { request, flow }: ServerRequest, fields: Readonly<Record<string, unknown>>): void {
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
    // RFC 3261 8.1.1.8. Whether there is one at all is the application's to judge.
    if (request.method === 'INVITE' && request.contact && !parseSipUri(request.contact.uri)) {
      return { status: 400, reason: 'Bad Contact Header' }
    }
    if (request.method !== 'REGISTER') return undefined
    if (rejectRegisterWithNoRealm && isIP(parseSipUri(request.uri)?.host ?? '') === 4) return { status: 403 }

    return badContactOf(request)
  }

  #isPing(request: Request): boolean {
    const { optionsAutoRespond } = this.#options

    return (
      request.method === 'OPTIONS' &&
      optionsAutoRespond !== undefined &&
      request.header('User-Agent') === optionsAutoRespond
    )
  }
}

/** RFC 3261 10.3. */
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

/** Whose requests are refused with 603: texts, in lower case, found in what they say of themselves. */
export interface Spammers {
  /** Anywhere in the User-Agent. */
  userAgents: readonly string[]
  /** The user part of To, whole. */
  toUsers: readonly string[]
  /** The user part of From, whole. */
  fromUsers: readonly string[]
}

export function isSpam(spammers: Spammers, request: Request): boolean {
  const agent = request.header('User-Agent')?.toLowerCase() ?? ''
  if (spammers.userAgents.some((text) => agent.includes(text))) return true

  return spammers.toUsers.includes(userOf(request.to?.uri)) || spammers.fromUsers.includes(userOf(request.from?.uri))
}

function userOf(uri: string | undefined): string {
  return parseSipUri(uri ?? '')?.user?.toLowerCase() ?? '\0'
}

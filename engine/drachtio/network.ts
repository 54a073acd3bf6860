import { type Message, parseNameAddr, parseSipUri, type Request } from '../message/index.ts'
import { InitialInvite, type ServerRequest } from '../dialog/index.ts'
import type { UserAgentUser } from '../user-agent/index.ts'
import { formatEndpoint } from '../transport/index.ts'
import { isIP } from 'node:net'
import type { Client } from './client.ts'
import type { Exchange } from './exchange.ts'
import { Incoming } from './incoming.ts'
import { IncomingInvite } from './incoming-invite.ts'
import { IncomingRegister } from './incoming-register.ts'
import { legId } from './legs.ts'
import type { ServerLog } from './log.ts'
import { isSpam, type Spammers } from './spammers.ts'
import { IncomingSubscribe } from './subscriptions.ts'

export interface NetworkOptions {
  spammers?: Spammers | undefined
  /** Refuse a REGISTER whose Request-URI is an IPv4 address. */
  rejectRegisterWithNoRealm?: boolean | undefined
  /** Send 180 to every INVITE at once. */
  alwaysSend180?: boolean | undefined
  /** OPTIONS from this User-Agent are answered with 200 here. */
  optionsAutoRespond?: string | undefined
}

/** Where requests go that no client has. */
export interface NetworkUser {
  readonly log: ServerLog | undefined
  /** Whose turn it is. */
  clientFor(method: string): Client | undefined
  /** Decides elsewhere, by HTTP, what becomes of a request; false when nobody there is asked. */
  decideElsewhere(request: ServerRequest): boolean
  /** A request or an ACK of a dialog that goes through us, as a proxy; false when it is none of ours. */
  forward(request: ServerRequest): boolean
  forwardAck(ack: Request): void
}

/** What comes from the network outside the dialogs of clients. */
export class Network implements UserAgentUser {
  readonly #exchange: Exchange
  readonly #options: NetworkOptions
  readonly #user: NetworkUser

  constructor(exchange: Exchange, options: NetworkOptions, user: NetworkUser) {
    this.#exchange = exchange
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
    else if (!this.#user.decideElsewhere(incoming)) this.#route(incoming)
  }

  stray(incoming: ServerRequest): void {
    const { method, callId, toTag, fromTag } = incoming.request
    const { legs } = this.#exchange
    const late =
      method === 'NOTIFY'
        ? (legs.ended(legId(callId, toTag ?? '')) ?? legs.ended(legId(callId, fromTag ?? '')))
        : undefined
    const subscribe = method === 'NOTIFY' ? this.#exchange.subscribing.get(legId(callId, toTag ?? '')) : undefined
    if (subscribe) subscribe.notified(incoming)
    else if (late) late.notified(incoming)
    else if (!this.#user.forward(incoming)) incoming.respond(481)
  }

  strayAck(ack: Request): void {
    this.#user.forwardAck(ack)
  }

  /** Hands a request to this client. */
  deliver(incoming: ServerRequest, client: Client): void {
    const { method } = incoming.request
    this.#tell('a request is with an application', incoming, { application: client.name })
    if (method === 'INVITE' && incoming instanceof InitialInvite) this.#deliverInvite(incoming, client)
    else if (method === 'SUBSCRIBE') new IncomingSubscribe(this.#exchange, client, incoming).deliverNew()
    else if (method === 'REGISTER') new IncomingRegister(this.#exchange, client, incoming).deliverNew()
    else new Incoming(this.#exchange, client, incoming).deliverNew()
  }

  #route(incoming: ServerRequest): void {
    const { method } = incoming.request
    const client = this.#user.clientFor(method)
    if (client) this.deliver(incoming, client)
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

  #deliverInvite(invite: InitialInvite, client: Client): void {
    new IncomingInvite(this.#exchange, client, invite).deliverNew()
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

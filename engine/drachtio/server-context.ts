import type { Clock } from '../clock/index.ts'
import { type Core, type HeaderList, ReferredDialogs, type ServerRequest } from '../dialog/index.ts'
import type { CallReport, CallReports } from './call-reports.ts'
import type { SipFrame } from './protocol/application-messages.ts'
import type { Application } from './protocol/application.ts'
import type { RequestText, ResponseText } from './protocol/sip-text.ts'
import type { Registrations } from './registrations.ts'

/** The state and settings that the handlers of SIP requests share. */
export interface ServerContext {
  readonly core: Core
  readonly routes: ApplicationRoutes
  readonly pending: PendingRequests
  readonly dialogs: ApplicationDialogs
  /** SUBSCRIBEs without a final response, by the id of the dialog that they will make. */
  readonly subscribing: Map<string, NotifyReceiver>
  readonly registrations: Registrations
  /** Proxied requests without a final response. */
  readonly proxies: Set<unknown>
  readonly reports: CallReports
  /** The refresher of a session when the peer's Session-Expires names no refresher (RFC 4028 9). */
  readonly defaultRefresher: 'none' | 'uac' | 'uas'
  /** Next hop of requests outside dialogs for which the application names no route. */
  readonly outboundProxy: string | undefined
  /** Whether a peer whose Contact differs from its source address is reached at its source address. */
  readonly detectsNat: boolean
  /** Whether a request to this URI would come back to this server. */
  isOwnUri(uri: string): boolean
  /** Logs an exception that no other code handles; the server goes on. */
  defect(error: unknown): void
  /** Delivers a request outside any dialog to an application that takes its method. */
  route(request: ServerRequest): void
}

/** A request from the network that waits for its application's final response. */
export interface PendingDelivery {
  readonly key: string
  readonly application: Application
  readonly request: ServerRequest
  respond(frameId: string, text: ResponseText): void
  release(): { request: ServerRequest; report: CallReport | undefined }
  abandon(): void
}

/** An application's request that waits for its final response. */
export interface PendingSend {
  readonly id: string
  readonly application: Application
  cancel(frameId: string, headers: HeaderList): void
  abandon(): void
}

/** A SUBSCRIBE whose NOTIFY may come before its 2xx. */
export interface NotifyReceiver {
  notified(notify: ServerRequest): void
}

/** A dialog that commands and requests are looked up for. */
export interface RegisteredDialog extends NotifyReceiver {
  readonly id: string
  readonly application: Application
  readonly isConfirmed: boolean
  /** Whether the application has sent REFER in the dialog. */
  readonly hasReferred: boolean
  readonly report: CallReport | undefined
  /** Sends the application's request. */
  send(frame: SipFrame, text: RequestText): void
  abandon(): void
}

/** Requests without a final response, by the transaction id that applications know them by. */
export class PendingRequests {
  readonly #delivered = new Map<string, PendingDelivery>()
  readonly #sent = new Map<string, PendingSend>()

  get size(): number {
    return this.#delivered.size + this.#sent.size
  }

  addDelivered(request: PendingDelivery): void {
    this.#delivered.set(request.key, request)
  }

  removeDelivered(request: PendingDelivery): void {
    this.#delivered.delete(request.key)
  }

  /** The request that a response is for. An UPDATE in an early dialog has the transaction id of its INVITE. */
  delivered(id: string, method: string): PendingDelivery | undefined {
    return method === 'UPDATE'
      ? (this.#delivered.get(earlyUpdateKey(id)) ?? this.#delivered.get(id))
      : this.#delivered.get(id)
  }

  addSent(request: PendingSend): void {
    this.#sent.set(request.id, request)
  }

  removeSent(request: PendingSend): void {
    this.#sent.delete(request.id)
  }

  sent(id: string): PendingSend | undefined {
    return this.#sent.get(id)
  }

  /** Ends all requests of an application whose connection is lost. */
  abandon(application: Application): void {
    for (const request of [...this.#delivered.values()]) if (request.application === application) request.abandon()
    for (const request of [...this.#sent.values()]) if (request.application === application) request.abandon()
  }
}

/** The key of an UPDATE that came while the INVITE with this id is pending. */
export const earlyUpdateKey = (inviteId: string): string => `${inviteId} UPDATE`

/** The id by which applications know a dialog, in both directions: the From tag is that of the request that made it. */
export const dialogIdOf = (callId: string, fromTag: string): string => `${callId};from-tag=${fromTag}`

/** The dialogs of all applications, by `dialogIdOf`. */
export class ApplicationDialogs {
  readonly #dialogs = new Map<string, RegisteredDialog>()
  /** Ended calls in which an application had sent REFER. */
  readonly #recentlyEnded: ReferredDialogs<RegisteredDialog>

  constructor(clock: Clock) {
    this.#recentlyEnded = new ReferredDialogs(clock)
  }

  get size(): number {
    return this.#dialogs.size
  }

  add(dialog: RegisteredDialog): void {
    this.#dialogs.set(dialog.id, dialog)
  }

  remove(dialog: RegisteredDialog): void {
    if (this.#dialogs.get(dialog.id) !== dialog) return
    this.#dialogs.delete(dialog.id)
    if (dialog.hasReferred) this.#recentlyEnded.add(dialog.id, dialog)
  }

  get(id: string): RegisteredDialog | undefined {
    return this.#dialogs.get(id)
  }

  recentlyEnded(id: string): RegisteredDialog | undefined {
    return this.#recentlyEnded.get(id)
  }

  ofApplication(application: Application): RegisteredDialog[] {
    return [...this.#dialogs.values()].filter((dialog) => dialog.application === application)
  }

  /** Numbers of answered calls: `inbound` were begun by peers, `outbound` by applications. */
  countStable(): { inbound: number; outbound: number } {
    const count = { inbound: 0, outbound: 0 }
    for (const dialog of this.#dialogs.values()) {
      if (dialog.isConfirmed && dialog.report) count[dialog.report.isInbound ? 'inbound' : 'outbound'] += 1
    }

    return count
  }
}

/** The applications that take each method, or kind of call record, in turn. */
export class ApplicationRoutes {
  /** Applications by verb in lower case, in the order in which they get requests. */
  readonly #takers = new Map<string, Application[]>()

  /** Idempotent: an application has one turn. */
  add(verb: string, application: Application): void {
    const takers = this.#takers.get(verb)
    if (!takers) this.#takers.set(verb, [application])
    else if (!takers.includes(application)) takers.push(application)
  }

  remove(verb: string, application: Application): void {
    const takers = this.#takers.get(verb)
    if (!takers) return
    const others = takers.filter((taker) => taker !== application)
    if (others.length > 0) this.#takers.set(verb, others)
    else this.#takers.delete(verb)
  }

  removeApplication(application: Application): void {
    for (const verb of [...this.#takers.keys()]) this.remove(verb, application)
  }

  /** The next application that takes the verb and, if a tag is given, has it. */
  next(verb: string, tag?: string): Application | undefined {
    const takers = this.#takers.get(verb)
    const at = takers?.findIndex(({ tags }) => tag === undefined || tags.has(tag)) ?? -1
    if (!takers || at < 0) return undefined
    const [application] = takers.splice(at, 1)
    if (application) takers.push(application)

    return application
  }
}

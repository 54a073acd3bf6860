import type { InitialInvite, ResponseOptions, ServerRequest } from '../dialog/index.ts'
import type { Request, Response } from '../message/index.ts'
import { cancelOf, type Timer } from '../transaction/index.ts'
import type { CallReport } from './call-reports.ts'
import type { Client } from './client.ts'
import { deliveredText } from './delivered-text.ts'
import { errorTexts } from './error-texts.ts'
import type { Exchange } from './exchange.ts'
import { Incoming } from './incoming.ts'
import { IncomingRefresh } from './incoming-reinvite.ts'
import { Leg, type LegInvite } from './leg.ts'
import { legId } from './legs.ts'
import { wayBack } from './nat.ts'
import { received } from './passage.ts'
import { ReliableProvisional } from '../dialog/reliable-provisional.ts'
import { nok, sipMessage } from './server-messages.ts'
import type { ResponseText } from './sip-text.ts'

/** The INVITE of a new call, from the network. */
export class IncomingInvite extends IncomingRefresh implements LegInvite {
  readonly #invite: InitialInvite
  readonly #reliable: ReliableProvisional
  /** Until the client has said something. */
  #silence: Timer | undefined

  constructor(exchange: Exchange, client: Client, invite: InitialInvite) {
    const { request } = invite
    const { clock, timers } = exchange.core
    const report = exchange.reports.begin(request, 'uas')
    const leg = new Leg(exchange, client, legId(request.callId, request.fromTag ?? ''), invite.flow, report)
    super(leg, invite)
    this.#invite = invite
    leg.invitedBy = this
    invite.dialogUser = leg
    invite.onCancel = (cancel) => this.#ended(cancel)
    this.#reliable = new ReliableProvisional(clock, timers, { unacknowledged: () => this.#giveUp(504) })
    // Twice what a peer waits for any response; 100 Trying has made it patient.
    this.#silence = clock.after(128 * timers.t1, () => this.#giveUp(408))
  }

  override respond(frameId: string, text: ResponseText): void {
    this.#silence?.cancel()
    const options = this.optionsOf(text)
    const { status } = text
    if (!options) this.client.send(nok(frameId, errorTexts.missingContentType))
    else if (status > 100 && status < 200 && requires(options, '100rel')) this.#sendReliably(frameId, status, options)
    // RFC 3262 3: a 2xx waits for the PRACKs.
    else if (status < 300) this.#reliable.whenAcknowledged(() => this.send(frameId, status, options))
    else this.send(frameId, status, options)
  }

  override release(): { request: ServerRequest; report: CallReport | undefined } {
    this.#stop()

    return { ...super.release(), report: this.leg.report }
  }

  override abandon(): void {
    this.#stop()
    super.abandon()
    this.leg.remove()
    this.leg.report?.stopped('system-error-initiated-termination', 'application')
  }

  prack(prack: ServerRequest): boolean {
    if (!this.#reliable.matches(prack.request.header('RAck') ?? '', this.#invite.request.cseq?.number)) return false
    new Incoming(this.exchange, this.client, prack, this.leg.id).deliver()
    this.#reliable.acknowledged()

    return true
  }

  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    // A leg is known before anything can come in it.
    if (!this.#invite.isAnswered && status > 100 && status < 300) this.exchange.legs.add(this.leg)
    const response = super.send(frameId, status, options)
    if (!response) return undefined
    const { dialog } = this.#invite
    this.leg.dialog = dialog
    if (dialog) dialog.way ??= wayBack(this.exchange, this.#invite)
    if (status >= 300) this.#refused(response)
    else if (status >= 200) this.#accepted(response)
    else if (status > 100) this.leg.report?.progressed()

    return response
  }

  #accepted(response: Response): void {
    this.#stop()
    this.leg.isConfirmed = true
    this.leg.report?.answered(response)
  }

  #refused(response: Response): void {
    this.#stop()
    this.leg.remove()
    this.leg.report?.stopped('call-rejected', 'application', response)
  }

  #sendReliably(frameId: string, status: number, options: ResponseOptions): void {
    if (!isReliabilityOffered(this.#invite.request)) {
      this.client.send(nok(frameId, errorTexts.noReliability))
      return
    }
    this.#reliable.whenAcknowledged(() => {
      const rseq: [string, string] = ['RSeq', String(this.#reliable.nextRSeq())]
      const reliable = { ...options, headers: [...(options.headers ?? []), rseq] }
      if (this.send(frameId, status, reliable)) this.#reliable.sent(() => this.#invite.respond(status, reliable))
    })
  }

  /** Over before the client has answered, by a CANCEL, a BYE or a time-out: the client learns it from a CANCEL. */
  #ended(cancel: Request | undefined): void {
    this.#stop()
    this.exchange.transactions.removeIncoming(this)
    this.leg.remove()
    const message = cancel ?? cancelOf(this.#invite.request)
    const text = deliveredText(message)
    const passage = received(this.#invite.flow, text, this.exchange.core.clock.now())
    this.client.send(sipMessage(passage, this.id, this.#invite.dialog ? this.leg.id : '', text))
    this.leg.report?.stopped('call-canceled', cancel ? 'network' : 'application', message)
  }

  /** Somebody did not do what was due. */
  #giveUp(status: number): void {
    this.#invite.respond(status)
    this.#ended(undefined)
  }

  #stop(): void {
    this.#silence?.cancel()
    this.#reliable.stop()
  }
}

function isReliabilityOffered(request: Request): boolean {
  return [...request.list('Supported'), ...request.list('Require')].some((tag) => tag.toLowerCase() === '100rel')
}

function requires(options: ResponseOptions, tag: string): boolean {
  for (const [name, value] of options.headers ?? []) {
    if (
      name === 'Require' &&
      value
        .toLowerCase()
        .split(/[\s,]+/)
        .includes(tag)
    )
      return true
  }

  return false
}

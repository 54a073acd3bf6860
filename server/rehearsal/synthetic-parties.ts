import { randomUUID } from 'node:crypto'

import {
  formatUri,
  isSipUri,
  isSuccess,
  parseNameAddr,
  parseUri,
  reasonPhrase,
  type Timer,
} from '../../engine/index.ts'
import { byName } from '../legs/headers.ts'
import { extensionHeaders } from '../legs/headers.ts'
import type {
  SipDialog,
  SipDialogEnd,
  DialogEvents,
  HeadersToSend,
  IncomingRequest,
  MessageRecord,
  OutgoingInvite,
  SipResponse,
  IncomingInvite,
} from '../sip/stack.ts'
import { headersReceived, Party, type PartyParts } from './party.ts'
import { uriHeaders } from '../transfer/agent-refer.ts'

export interface CallerOptions {
  /** From: a name-addr. */
  from: string
  /** The URIs that call a number or URI of Refer-To; empty when none can. */
  targets(uri: string): readonly string[]
  /** The call to Baton could not be made, or was refused. */
  refused(response: SipResponse): void
  /** A message between the caller and the destination of its REFER, which does not pass through Baton. */
  direct(record: MessageRecord): void
}

/** Calls Baton. On REFER it calls the destination and reports by NOTIFY, as a carrier would. */
export class SyntheticCaller extends Party {
  readonly #options: CallerOptions
  #invite: OutgoingInvite | undefined
  #referred = false
  /** The call to the destination that Baton named in a REFER. */
  #second: OutgoingInvite | undefined
  readonly #secondCallId = randomUUID()
  #secondDialog: SipDialog | undefined
  /** The last NOTIFY: the next one waits for its response, so that they arrive in order. */
  #lastNotify: Promise<unknown> = Promise.resolve()
  /** The `X-` headers of the BYE that ended the call. */
  byeHeaders: Record<string, string> | undefined

  constructor(parts: PartyParts, options: CallerOptions) {
    super(parts)
    this.#options = options
  }

  /** Returns the Call-ID. */
  dial(uri: string, headers: HeadersToSend): string {
    const { from } = this.#options
    this.#invite = this.stack.invite(
      uri,
      { from, headers, body: this.session },
      {
        dialog: this,
        progress: () => undefined,
        accepted: (_response, dialog) => {
          this.dialog = dialog
          dialog.ack()
          this.milestones.mark('callerAnswered')
        },
        failed: (response) => {
          this.#options.refused(response)
        },
      },
    )

    return this.#invite.callId
  }

  override hangUp(): void {
    if (this.dialog) super.hangUp()
    else this.#invite?.cancel()
    const second = this.#secondDialog
    if (!second) this.#second?.cancel()
    else if (!second.ended) this.guard.run(() => second.bye())
  }

  override request(incoming: IncomingRequest): void {
    if (incoming.request.method === 'REFER') this.#refer(incoming)
    else super.request(incoming)
  }

  #refer(incoming: IncomingRequest): void {
    const target = this.#referred ? undefined : readReferTo(incoming.request.header('Refer-To'))
    const [uri] = target ? this.#options.targets(target.uri) : []
    if (!target || uri === undefined) {
      incoming.respond(603)

      return
    }

    this.#referred = true
    this.milestones.mark('callerReferred')
    incoming.respond(202)
    this.#notify(100)
    const headers = Object.entries({ ...byName(extensionHeaders(incoming.request)), ...target.headers })
    this.guard.run(async () => {
      await this.#lastNotify
      if (this.dialog?.ended === false) this.#callDestination(uri, headers)
    })
  }

  override readonly ended = (end: SipDialogEnd): void => {
    if (end.by === 'peer') this.byeHeaders = headersReceived(end.request)
  }

  override readonly message = (record: MessageRecord): void => {
    if (record.callId === this.#secondCallId) this.#options.direct(record)
  }

  /** NOTIFYs report the INVITE in sipfrags (RFC 3515 2.4.5). The REFER's `X-` headers are passed on, as a carrier does. */
  #callDestination(uri: string, headers: HeadersToSend): void {
    const { from } = this.#options
    this.#second = this.stack.invite(
      uri,
      { from, headers, body: this.session, callId: this.#secondCallId },
      {
        dialog: new SecondCall(this.session),
        progress: (response) => {
          this.milestones.mark('destinationRang')
          this.#notify(response.status, response.reason)
        },
        accepted: (response, dialog) => {
          this.#secondDialog = dialog
          dialog.ack()
          this.milestones.mark('destinationAnswered')
          this.#notify(response.status, response.reason)
        },
        failed: (response) => {
          this.#notify(response.status, response.reason)
        },
      },
    )
  }

  #notify(status: number, reason = reasonPhrase(status)): void {
    const { dialog } = this
    const headers: HeadersToSend = [
      ['Event', 'refer'],
      ['Subscription-State', status < 200 ? 'active;expires=60' : 'terminated;reason=noresource'],
      ['Content-Type', 'message/sipfrag;version=2.0'],
    ]
    const before = this.#lastNotify
    this.guard.run(() => {
      this.#lastNotify = before.then(async () => {
        if (!dialog || dialog.ended) return
        await dialog.request('NOTIFY', { headers, body: `SIP/2.0 ${status} ${reason}\r\n` })
      })

      return this.#lastNotify
    })
  }
}

/** The caller's dialog with the destination. */
class SecondCall implements DialogEvents {
  readonly #session: string

  constructor(session: string) {
    this.#session = session
  }

  request(incoming: IncomingRequest): void {
    incoming.respond(incoming.request.method === 'INFO' || incoming.request.method === 'OPTIONS' ? 200 : 501)
  }

  reinvite(invite: IncomingRequest): void {
    invite.respond(200, { body: this.#session })
  }

  ended(): void {
    // The dialog knows that it has ended.
  }
}

/** Answers the caller and asks for the handoff by REFER, as a voice agent would. */
export class SyntheticAgent extends Party {
  readonly #handoff: string
  readonly #refused: (response: SipResponse) => void
  readonly #talkMs: number
  #asking: Timer | undefined

  /**
   * @param refused called with Baton's response to the REFER, unless that is a 2xx
   * @param talkMs from the ACK until the agent asks
   */
  constructor(parts: PartyParts, handoff: string, refused: (response: SipResponse) => void, talkMs: number) {
    super(parts)
    this.#handoff = handoff
    this.#refused = refused
    this.#talkMs = talkMs
  }

  override invite(invite: IncomingInvite): void {
    if (this.dialog) {
      invite.reject(486)

      return
    }
    invite.onCancel = () => undefined
    invite.progress(180)
    this.milestones.mark('agentRang')
    this.dialog = invite.accept({ body: this.answerTo(invite.request) }, this)
    this.milestones.mark('agentAnswered')
  }

  ack(): void {
    this.#asking = this.clock.after(this.#talkMs, () => {
      this.guard.run(() => this.#ask())
    })
  }

  override readonly ended = (): void => {
    this.#asking?.cancel()
  }

  override request(incoming: IncomingRequest): void {
    if (incoming.request.method === 'NOTIFY') incoming.respond(200)
    else super.request(incoming)
  }

  async #ask(): Promise<void> {
    if (!this.dialog || this.dialog.ended) return
    this.milestones.mark('handoffAsked')
    const response = await this.dialog.request('REFER', {
      headers: [['Refer-To', `<sip:${encodeURIComponent(this.#handoff)}@baton.invalid>`]],
    })
    if (!isSuccess(response.status)) this.#refused(response)
  }
}

/** The destination of a rehearsal rings so long before it answers. */
const rehearsalRingMs = 150

/** Rings, answers, and keeps the headers that it got. */
export class SyntheticDestination extends Party {
  /** Undefined before the INVITE. */
  received: Record<string, string> | undefined
  readonly #ringMs: number
  #timer: Timer | undefined

  /** @param ringMs from the INVITE until the destination answers */
  constructor(parts: PartyParts, ringMs: number = rehearsalRingMs) {
    super(parts)
    this.#ringMs = ringMs
  }

  override invite(invite: IncomingInvite): void {
    if (this.received) {
      invite.reject(486)

      return
    }
    this.received = headersReceived(invite.request)
    invite.onCancel = () => this.#timer?.cancel()
    invite.progress(180)
    this.milestones.mark('destinationRang')
    this.#timer = this.clock.after(this.#ringMs, () => {
      this.dialog = invite.accept({ body: this.answerTo(invite.request) }, this)
      this.milestones.mark('destinationAnswered')
    })
  }

  override close(): Promise<void> {
    this.#timer?.cancel()

    return super.close()
  }
}

/** The URI that a REFER names, and the headers for its INVITE. */
export interface ReferTarget {
  uri: string
  headers: Record<string, string>
}

/** Reads Refer-To: the URI without its headers, and the `X-` headers and User-to-User that were inside it (RFC 3261 19.1.1). */
export function readReferTo(value: string | undefined): ReferTarget | undefined {
  const nameAddr = parseNameAddr(value ?? '')
  const uri = parseUri(nameAddr?.uri ?? '')
  if (!nameAddr || !uri) return undefined
  if (!isSipUri(uri)) return { uri: nameAddr.uri, headers: {} }

  const headers: Record<string, string> = {}
  for (const [name, text] of uriHeaders(uri)) if (/^(?:x-|user-to-user$)/i.test(name)) headers[name] = text

  return { uri: formatUri({ ...uri, headers: [] }), headers }
}

import { isSuccess, type KeptDialog } from '../../../engine/index.ts'
import { sessionOf } from '../body-part.ts'
import { LocalResponse, noMediaServer } from '../local-response.ts'
import type { SendOptions, SessionFilter, SipDialog, SipResponse } from '../stack.ts'
import { type FilterUse, InOrder } from './filter-use.ts'
import { FilteredResponse, sendingSession, sessionToSend, whenFiltered } from './filtered-message.ts'

/** A dialog whose session descriptions pass through a filter. What is sent keeps its order, though a filter may take time. */
export class FilteredDialog implements SipDialog {
  readonly #dialog: SipDialog
  readonly #use: FilterUse
  readonly #filter: SessionFilter
  readonly #sending = new InOrder()
  #hasLeft = false

  constructor(dialog: SipDialog, use: FilterUse) {
    this.#dialog = dialog
    this.#use = use
    this.#filter = use.filter
  }

  get callId(): string {
    return this.#dialog.callId
  }

  get localTag(): string {
    return this.#dialog.localTag
  }

  get remoteTag(): string {
    return this.#dialog.remoteTag
  }

  get remoteTarget(): string {
    return this.#dialog.remoteTarget
  }

  get ended(): boolean {
    return this.#hasLeft || this.#dialog.ended
  }

  get silence(): number {
    return this.#dialog.silence
  }

  keep(): KeptDialog | undefined {
    return this.#dialog.keep?.()
  }

  async request(method: string, options: SendOptions = {}): Promise<SipResponse> {
    // RFC 3311: of these requests, UPDATE alone makes an offer.
    if (method !== 'UPDATE') return this.#send(options, '', (sent) => this.#dialog.request(method, sent))
    const offer = sessionToSend(options)
    const response = await this.#send(options, offer, (sent) => this.#dialog.request(method, sent))

    return offer === '' ? response : this.#received(response, 'answer')
  }

  async reinvite(options: SendOptions = {}): Promise<SipResponse> {
    const offer = sessionToSend(options)
    const response = await this.#send(options, offer, (sent) => this.#dialog.reinvite(sent))

    return this.#received(response, offer === '' ? 'offer' : 'answer')
  }

  /** The session of an ACK is the answer to a late offer (RFC 3261 13.2.1). */
  ack(options: SendOptions = {}): void {
    const answer = sessionToSend(options)
    this.#sending.run(() =>
      whenFiltered(answer === '' ? '' : this.#filter.toPeer('answer', answer), (session = '') => {
        this.#dialog.ack(session === '' ? withoutBody(options) : sendingSession(options, session))
      }),
    )
  }

  bye(options?: SendOptions): Promise<SipResponse> {
    this.#use.end()
    this.#hasLeft = true

    return this.#inOrder(() => this.#dialog.bye(options))
  }

  #send(
    options: SendOptions,
    offer: string,
    send: (options: SendOptions) => Promise<SipResponse>,
  ): Promise<SipResponse> {
    if (offer === '') return this.#inOrder(() => send(options))

    return new Promise((resolve, reject) => {
      this.#sending.run(() =>
        whenFiltered(this.#filter.toPeer('offer', offer), (session) => {
          if (session === undefined) resolve(new LocalResponse(503, this.callId, noMediaServer))
          else started(() => send(sendingSession(options, session))).then(resolve, reject)
        }),
      )
    })
  }

  #inOrder(send: () => Promise<SipResponse>): Promise<SipResponse> {
    return new Promise((resolve, reject) => {
      this.#sending.run(() => {
        started(send).then(resolve, reject)
      })
    })
  }

  async #received(response: SipResponse, role: 'offer' | 'answer'): Promise<SipResponse> {
    const session = isSuccess(response.status) ? sessionOf(response) : ''
    if (session === '') return response
    const filtered = await this.#filter.fromPeer(role, session)

    return filtered === undefined || filtered === session ? response : new FilteredResponse(response, filtered)
  }
}

/** An exception of the start is a rejection, too. */
function started<T>(start: () => Promise<T>): Promise<T> {
  return new Promise((resolve) => {
    resolve(start())
  })
}

function withoutBody({ headers, reason }: SendOptions): SendOptions {
  return { headers, reason }
}

import type { Flow } from '../flow/index.ts'
import { keptFlow, type KeptInvite } from './kept-dialog.ts'
import { createResponse, headerNames, type Request, type Response } from '../message/index.ts'
import { randomToken } from '../random.ts'
import { type ClientRequest, credentialsOf } from './client-request.ts'
import { type Core, type HeaderList, noRequestUser, type RequestUser } from './core.ts'
import { Dialog } from './dialog.ts'
import { uacDialog } from './dialog-state.ts'
import type { DialogUser } from './dialog-user.ts'
import { AckRepeater } from './invite-session.ts'
import { flowToCallee } from './reusable-flow.ts'

/** The user of an INVITE of ours. One of `accepted`, `refused` and `unanswered` is the last call. */
export interface InviteUser {
  /** 100: the next hop has the INVITE. */
  trying?(response: Response): void
  /** 101 to 199, with the early dialog if the response has a tag. */
  provisional(response: Response, dialog: Dialog | undefined): void
  /** The first 2xx. Its ACK is due: `dialog.ack()`. */
  accepted(response: Response, dialog: Dialog): void
  /** A 401, 407 or 422 that the engine answers by sending the INVITE again. */
  retried?(response: Response): void
  /** 300 to 699 from the peer. */
  refused(response: Response): void
  /** The final response, made by the engine: 408, 503, or 487 when a 2xx crossed our CANCEL. */
  unanswered(response: Response): void
  /** The user of its dialogs, early ones included. */
  dialog: DialogUser
}

/** How many branches of a fork one INVITE has early dialogs with; the provisional responses of further ones are ignored. */
const maxEarlyDialogs = 32

/** An INVITE of ours outside any dialog, its forks and early dialogs (RFC 3261 13.2). */
export class ClientInvite implements RequestUser {
  readonly #core: Core
  readonly #user: InviteUser
  readonly #acceptsAfterCancel: boolean
  #sent: ClientRequest | undefined
  /** Cancelled while its next hop was still being looked up. */
  #isCancelled = false
  /** Early dialogs by the peer's tag. */
  readonly #early = new Map<string, Dialog>()
  /** RSeq of the last reliable response, by the peer's tag. */
  #lastRSeq: Map<string, number> | undefined

  /** `afterCancel`: whether a 2xx that crosses our CANCEL is ended at once (RFC 3261 15) or is the user's to end. */
  constructor(core: Core, user: InviteUser, afterCancel: 'end' | 'accept') {
    this.#core = core
    this.#user = user
    this.#acceptsAfterCancel = afterCancel === 'accept'
  }

  send(request: ClientRequest): void {
    this.#sent = request
    if (this.#isCancelled) this.unanswered(createResponse(request.request, 487, undefined, randomToken()))
    else request.send()
  }

  /** The INVITE as it was sent last; undefined when it could not be sent. */
  get request(): Request | undefined {
    return this.#sent?.request
  }

  /** The flow that it was sent on; undefined when there was none. */
  get flow(): Flow | undefined {
    return this.#sent?.flow
  }

  /** The INVITE as the next process needs it to end it; undefined before it was sent. */
  keep(): KeptInvite | undefined {
    const { flow, request } = this

    return flow && request && { bytes: request.toString(), at: keptFlow(flow) }
  }

  /** Returns the CANCEL, sent or held until RFC 3261 9.1 allows it; undefined when there is nothing to cancel. */
  cancel(headers?: HeaderList): Request | undefined {
    this.#isCancelled ||= !this.#sent
    const cancel = this.#sent?.cancel(headers)
    // A 2xx that comes all the same opens another dialog.
    if (!this.#acceptsAfterCancel) this.#closeEarly()

    return cancel
  }

  /** No response has come in time, 100 included. Returns whether the next hop's name has another address. */
  noteUnresponsive(): boolean {
    return this.#sent?.noteUnresponsive() ?? false
  }

  get #endsNewDialogs(): boolean {
    return !this.#acceptsAfterCancel && this.#sent?.isCancelled === true
  }

  trying(response: Response): void {
    this.#user.trying?.(response)
  }

  response(response: Response): void {
    const { status } = response
    if (status < 200) {
      if (this.#endsNewDialogs || this.#exceedsEarlyDialogs(response)) return
      const dialog = this.#dialogOf(response)
      if (!dialog || this.#isNew(response, dialog)) this.#user.provisional(response, dialog)
    } else if (status < 300) {
      this.#accepted(response)
    } else {
      this.#closeEarly()
      this.#user.refused(response)
    }
  }

  retried(response: Response): void {
    this.#user.retried?.(response)
  }

  unanswered(response: Response): void {
    this.#closeEarly()
    this.#user.unanswered(response)
  }

  #accepted(response: Response): void {
    const sent = this.#sent
    if (!sent) return
    const dialog = this.#dialogOf(response) ?? this.#open(response)
    // The 2xx may have another Contact than the early dialog's.
    dialog.reusableFlow = this.#flowOf(dialog, response) ?? dialog.reusableFlow
    this.#early.delete(dialog.remoteTag)
    this.#closeEarly()
    const { request } = sent
    const cseq = request.cseq?.number ?? 0
    const credentials = credentialsOf(request)
    const { localContact } = dialog
    const core = this.#core
    const { uri } = request
    const { flow, digest } = sent
    const repeater = new AckRepeater(core, dialog.remoteTag, (fork) => {
      const other = new Dialog(core, uacDialog(fork, uri, flow.transport), localContact, flow)
      other.digest = digest
      other.confirm(fork, { cseq, credentials, repeater })
      acknowledgeAndEnd(other)
    })
    sent.replaceUser(repeater)
    dialog.localDescription = request.body
    dialog.confirm(response, { cseq, credentials, repeater })
    if (!this.#endsNewDialogs) {
      this.#user.accepted(response, dialog)
      return
    }
    acknowledgeAndEnd(dialog)
    this.#user.unanswered(createResponse(request, 487, undefined, randomToken()))
  }

  /** Sends the PRACK of a reliable response, if the engine implements 100rel; false when it is a repeated one, or out of order (RFC 3262 4). */
  #isNew(response: Response, dialog: Dialog): boolean {
    if (!this.#core.supports('100rel') || !response.has(headerNames.rseq) || !requires(response, '100rel')) return true
    const rseq = Number(response.header(headerNames.rseq))
    this.#lastRSeq ??= new Map()
    const last = this.#lastRSeq.get(dialog.remoteTag)
    if (last !== undefined && rseq !== last + 1) return false
    this.#lastRSeq.set(dialog.remoteTag, rseq)
    dialog.send('PRACK', { headers: [['RAck', `${rseq} ${response.header(headerNames.cseq) ?? ''}`]] }, noRequestUser)

    return true
  }

  #exceedsEarlyDialogs({ toTag }: Response): boolean {
    return this.#early.size >= maxEarlyDialogs && toTag !== undefined && !this.#early.has(toTag)
  }

  #dialogOf(response: Response): Dialog | undefined {
    const tag = response.toTag
    if (tag === undefined) return undefined
    const known = this.#early.get(tag)
    if (known) return known
    const dialog = this.#open(response)
    this.#early.set(tag, dialog)

    return dialog
  }

  #open(response: Response): Dialog {
    const { flow, request } = this
    const contact = request?.header(headerNames.contact) ?? ''
    const state = uacDialog(response, request?.uri ?? '', flow?.transport)
    const dialog = new Dialog(this.#core, state, contact, flow)
    dialog.user = this.#user.dialog
    dialog.digest = this.#sent?.digest
    dialog.reusableFlow = this.#flowOf(dialog, response)

    return dialog
  }

  #flowOf({ state }: Dialog, response: Response): Flow | undefined {
    const { flow, request } = this

    return flow && request && flowToCallee(state, response, flow, request.uri, this.#core.reuse)
  }

  #closeEarly(): void {
    for (const dialog of this.#early.values()) dialog.close()
    this.#early.clear()
  }
}

function acknowledgeAndEnd(dialog: Dialog): void {
  dialog.ack()
  dialog.send('BYE', {}, noRequestUser)
}

function requires(response: Response, tag: string): boolean {
  return response.list(headerNames.require).some((one) => one.toLowerCase() === tag)
}

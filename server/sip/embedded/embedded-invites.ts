import {
  createResponse,
  DigestSession,
  type InitialInvite,
  type ClientInvite,
  type Dialog,
  type DialogUser,
  headerLines,
  type KeptInvite,
  type InviteUser,
  noop,
  noRequestUser,
  remoteTargetIn,
  type Response,
  uasDialog,
  type KeptDialog,
  parseMessage,
  type Request,
  type UserAgent,
} from '../../../engine/index.ts'
import { EndedDialog, LocalResponse } from '../local-response.ts'
import type {
  SipDialog,
  DialogEvents,
  DialogOptions,
  IncomingInvite,
  SendOptions,
  SipRequest,
  InviteEvents,
  OutgoingInvite,
  DialogRestorer,
  SipAddress,
} from '../stack.ts'
import { ReceivedRequest, ReceivedResponse } from '../received.ts'
import { encodeAdditions, encodeCredentials, encodeResponse, decode } from '../text.ts'
import { EmbeddedDialog, EmbeddedDialogUser, earlyDialogUser } from './embedded-dialog.ts'
import type { LateNotifies } from './late-notifies.ts'

export class EmbeddedInvite implements IncomingInvite {
  request: SipRequest
  onCancel: (cancel?: SipRequest) => void = noop
  onUnacknowledged: () => void = noop
  /** Undefined once it is settled. */
  #invite: InitialInvite | undefined
  readonly #lateNotifies: LateNotifies

  constructor(invite: InitialInvite, late: LateNotifies) {
    this.#invite = invite
    this.#lateNotifies = late
    this.request = new ReceivedRequest(invite.request, invite.flow)
    invite.dialogUser = earlyDialogUser
    invite.onCancel = (cancel) => {
      this.onCancel(cancel && new ReceivedRequest(cancel, invite.flow))
    }
    invite.onUnacknowledged = () => {
      this.onUnacknowledged()
    }
  }

  progress(status: number, options?: SendOptions): void {
    this.#respond(status, options)
  }

  accept(options: DialogOptions, events: DialogEvents): SipDialog {
    const invite = this.#open
    const { credentials } = options
    invite.dialogUser = new EmbeddedDialogUser(events, invite.flow, invite.request.cseq?.number)
    this.#respond(200, options)
    if (invite.dialog && credentials) invite.dialog.digest = new DigestSession(encodeCredentials(credentials))

    return invite.dialog ? new EmbeddedDialog(invite.dialog, this.#lateNotifies) : endedDialog(invite)
  }

  reject(status: number, options?: SendOptions): void {
    this.#respond(status, options)
  }

  settle(): void {
    const invite = this.#invite
    if (!invite) return
    this.#invite = undefined
    this.onCancel = this.onUnacknowledged = invite.onCancel = noop
    invite.onUnacknowledged = undefined
    invite.request.compact(headerLines)
  }

  get #open(): InitialInvite {
    if (!this.#invite) throw new Error('the INVITE has had its 200 and its ACK: no response follows')

    return this.#invite
  }

  #respond(status: number, options: SendOptions | undefined): void {
    this.#open.respond(status, encodeResponse(options))
  }
}

function endedDialog({ request, localTag, flow }: InitialInvite): SipDialog {
  const refusal = new ReceivedResponse(createResponse(request, 481, undefined, localTag), 'local')

  return new EndedDialog(uasDialog(request, localTag, flow.transport), refusal)
}

export class EmbeddedOutgoingInvite implements OutgoingInvite, InviteUser {
  readonly callId: string
  readonly #events: InviteEvents
  readonly #lateNotifies: LateNotifies
  #invite: ClientInvite | undefined
  #isCancelled = false

  constructor(callId: string, events: InviteEvents, late: LateNotifies) {
    this.callId = callId
    this.#events = events
    this.#lateNotifies = late
  }

  /** The INVITE on its way. */
  set invite(invite: ClientInvite) {
    this.#invite = invite
  }

  keep(): KeptInvite | undefined {
    return this.#invite?.keep()
  }

  cancel(options?: SendOptions): void {
    this.#isCancelled = true
    this.#invite?.cancel(encodeAdditions(options).headers)
  }

  noteUnresponsive(): boolean {
    return this.#invite?.noteUnresponsive() ?? false
  }

  /** Until the INVITE is accepted, the port's user has no dialog. */
  get dialog(): DialogUser {
    return earlyDialogUser
  }

  trying(): void {
    if (!this.#isCancelled) this.#events.trying?.()
  }

  provisional(response: Response): void {
    if (!this.#isCancelled) this.#events.progress(new ReceivedResponse(response, 'peer'))
  }

  accepted(response: Response, dialog: Dialog): void {
    const flow = this.#invite?.flow
    if (flow) dialog.user = new EmbeddedDialogUser(this.#events.dialog, flow)
    // There is nothing left to cancel, and the call that keeps this need not keep the whole INVITE.
    this.#invite = undefined
    const accepted = new EmbeddedDialog(dialog, this.#lateNotifies)
    if (remoteTargetIn(response) !== undefined && response.toTag !== undefined) {
      this.#events.accepted(new ReceivedResponse(response, 'peer'), accepted)
      return
    }
    // RFC 3261 12.1.2, 8.1.1.8: without a To tag and a Contact with a SIP URI there is no dialog to talk in.
    accepted.ack()
    dialog.send('BYE', {}, noRequestUser)
    this.#events.failed(new LocalResponse(502, this.callId))
  }

  retried(response: Response): void {
    this.#events.retried?.(new ReceivedResponse(response, 'peer'))
  }

  refused(response: Response): void {
    this.#invite = undefined
    this.#events.failed(new ReceivedResponse(response, 'peer'))
  }

  unanswered(response: Response): void {
    this.#invite = undefined
    // A user that has cancelled gets 487, not a time-out.
    const failed = new ReceivedResponse(response, 'local', this.#isCancelled ? 487 : response.status)
    // The engine may call this before `invite` returns; events of the port come after it.
    queueMicrotask(() => {
      this.#events.failed(failed)
    })
  }
}

/** Takes up the dialogs that another process with the same addresses has kept. */
export class EmbeddedRestorer implements DialogRestorer {
  readonly #agent: UserAgent
  readonly #lateNotifies: LateNotifies

  constructor(agent: UserAgent, late: LateNotifies) {
    this.#agent = agent
    this.#lateNotifies = late
  }

  request(bytes: string, { transport, address, port }: SipAddress): SipRequest | undefined {
    const request = requestIn(bytes)

    return request && new ReceivedRequest(request, { transport, remote: { address, port } })
  }

  repeat(bytes: string, source: SipAddress): void {
    const request = requestIn(bytes)
    if (request) this.#agent.repeat(request, source)
  }

  invite({ bytes, at }: KeptInvite, events: InviteEvents): OutgoingInvite | undefined {
    const request = requestIn(bytes)
    if (!request) return undefined
    const outgoing = new EmbeddedOutgoingInvite(decode(request.callId), events, this.#lateNotifies)
    outgoing.invite = this.#agent.resume(request, at, outgoing)

    return outgoing
  }

  dialog(kept: KeptDialog, { credentials }: Pick<DialogOptions, 'credentials'>, events: DialogEvents): SipDialog {
    const dialog = this.#agent.restore(kept)
    const { transport, address, port } = kept.reusable ?? kept.origin ?? { transport: 'udp', address: '', port: 0 }
    dialog.user = new EmbeddedDialogUser(events, { transport, remote: { address, port } })
    if (credentials) dialog.digest = new DigestSession(encodeCredentials(credentials))
    if (kept.hasReferred) this.#lateNotifies.expect(dialog)

    return new EmbeddedDialog(dialog, this.#lateNotifies)
  }
}

function requestIn(bytes: string): Request | undefined {
  const message = parseMessage(bytes)

  return message.kind === 'request' ? message : undefined
}

import {
  DigestSession,
  type KeptDialog,
  type KeptInvite,
  parseMessage,
  type Request,
  type UserAgent,
} from '../../../engine/index.ts'
import type {
  DialogEvents,
  DialogOptions,
  DialogRestorer,
  InviteEvents,
  OutgoingInvite,
  SipAddress,
  SipDialog,
  SipRequest,
} from '../stack.ts'
import { ReceivedRequest } from '../received.ts'
import { decode, encodeCredentials } from '../text.ts'
import { EmbeddedDialog, EmbeddedDialogUser } from './embedded-dialog.ts'
import { EmbeddedOutgoingInvite } from './embedded-invites.ts'
import type { LateNotifies } from './late-notifies.ts'

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

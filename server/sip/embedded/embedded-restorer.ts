import { DigestSession, type KeptDialog, type KeptInvite, parseMessage, type UserAgent } from '../../../engine/index.ts'
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
    const message = parseMessage(bytes)
    if (message.kind !== 'request') return undefined

    return new ReceivedRequest(message, { transport, remote: { address, port } })
  }

  repeat(bytes: string, source: SipAddress): void {
    const message = parseMessage(bytes)
    if (message.kind === 'request') this.#agent.repeat(message, source)
  }

  invite({ bytes, at }: KeptInvite, events: InviteEvents): OutgoingInvite | undefined {
    const message = parseMessage(bytes)
    if (message.kind !== 'request') return undefined
    const outgoing = new EmbeddedOutgoingInvite(decode(message.callId), events, this.#lateNotifies)
    outgoing.invite = this.#agent.resume(message, at, outgoing)

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

import type {
  SipDialog,
  DialogEvents,
  IncomingInvite,
  InviteEvents,
  MessageRecord,
  SipResponse,
  SipUser,
} from '../../../server/sip/stack.ts'
import { Happenings } from '../../engine/user-agent/two-agents.ts'

/** Events of a dialog, written down; `request` is answered with 200. */
export function recordDialog(log: Happenings): DialogEvents {
  return {
    request: (request) => {
      log.add('request', request)
      request.respond(200)
    },
    reinvite: (invite) => {
      invite.onCancel = () => log.add('reinvite cancelled')
      log.add('reinvite', invite)
    },
    ack: (ack) => log.add('ack', ack),
    ended: (end) => log.add('ended', end),
  }
}

export interface Accepted {
  response: SipResponse
  dialog: SipDialog
}

export function recordInvite(log: Happenings): InviteEvents {
  return {
    progress: (response) => log.add('progress', response),
    accepted: (response, dialog) => log.add('accepted', { response, dialog } satisfies Accepted),
    failed: (response) => log.add('failed', response),
    dialog: recordDialog(log),
  }
}

/** A user of a stack that writes down what comes. */
export class RecordingUser implements SipUser {
  readonly log = new Happenings()
  readonly messages: MessageRecord[] = []

  invite(invite: IncomingInvite): void {
    invite.onCancel = (cancel) => this.log.add('cancelled', cancel)
    this.log.add('invite', invite)
  }

  request(request: Parameters<SipUser['request']>[0]): void {
    this.log.add('request', request)
  }

  message(record: MessageRecord): void {
    this.messages.push(record)
  }

  connected(up: boolean): void {
    this.log.add('connected', up)
  }
}

import type { Dialog as EngineDialog, RequestUser, Response } from '../../../engine/index.ts'
import type { Dialog, SendOptions, SipResponse } from '../stack.ts'
import type { LateNotifies } from './late-notifies.ts'
import { ReceivedResponse } from '../received.ts'
import { decode, encodeAdditions } from '../text.ts'

export class EmbeddedDialog implements Dialog {
  readonly #dialog: EngineDialog
  readonly #late: LateNotifies

  constructor(dialog: EngineDialog, late: LateNotifies) {
    this.#dialog = dialog
    this.#late = late
  }

  get callId(): string {
    return decode(this.#dialog.callId)
  }

  get localTag(): string {
    return this.#dialog.localTag
  }

  get remoteTag(): string {
    return this.#dialog.remoteTag
  }

  get remoteTarget(): string {
    return decode(this.#dialog.remoteTarget)
  }

  get ended(): boolean {
    return this.#dialog.ended
  }

  get silence(): number {
    return this.#dialog.core.clock.now() - this.#dialog.heardAt
  }

  request(method: string, options?: SendOptions): Promise<SipResponse> {
    if (method === 'REFER') this.#late.expect(this.#dialog)

    return finalResponse((user) => this.#dialog.send(method, encodeAdditions(options), user))
  }

  reinvite(options?: SendOptions): Promise<SipResponse> {
    return this.request('INVITE', options)
  }

  ack(options?: SendOptions): void {
    this.#dialog.ack(encodeAdditions(options))
  }

  bye(options?: SendOptions): Promise<SipResponse> {
    this.#late.dialogEnded(this.#dialog)

    return this.request('BYE', options)
  }
}

/** The final response to what `send` sends. */
export function finalResponse(send: (user: RequestUser) => unknown): Promise<SipResponse> {
  return new Promise((resolve) => {
    send({
      response: (response: Response) => {
        if (response.status >= 200) resolve(new ReceivedResponse(response, 'peer'))
      },
      unanswered: (response: Response) => {
        resolve(new ReceivedResponse(response, 'local'))
      },
    })
  })
}

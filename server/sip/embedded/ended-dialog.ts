import { createResponse, type InitialInvite } from '../../../engine/index.ts'
import type { Dialog, SipResponse } from '../stack.ts'
import { ReceivedResponse } from '../received.ts'
import { decode } from '../text.ts'

/** The dialog of an INVITE that had been cancelled before it was accepted. */
export class EndedDialog implements Dialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  readonly remoteTarget: string
  readonly ended = true
  readonly #response: SipResponse

  constructor({ request, localTag }: InitialInvite) {
    this.callId = decode(request.callId)
    this.localTag = localTag
    this.remoteTag = request.fromTag ?? ''
    this.remoteTarget = decode(request.contact?.uri ?? '')
    this.#response = new ReceivedResponse(createResponse(request, 481, undefined, localTag), 'local')
  }

  request(): Promise<SipResponse> {
    return Promise.resolve(this.#response)
  }

  reinvite(): Promise<SipResponse> {
    return Promise.resolve(this.#response)
  }

  ack(): void {
    // There is nothing to acknowledge.
  }

  bye(): Promise<SipResponse> {
    return Promise.resolve(this.#response)
  }
}

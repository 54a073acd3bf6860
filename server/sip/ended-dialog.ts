import type { Dialog, SipResponse } from './stack.ts'

/** The dialog of an INVITE that had been cancelled before it was accepted. */
export class EndedDialog implements Dialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  readonly remoteTarget: string
  readonly ended = true
  readonly silence = 0
  readonly #response: SipResponse

  /** @param response what every request in it gets: a 481 */
  constructor(parts: Pick<Dialog, 'callId' | 'localTag' | 'remoteTag' | 'remoteTarget'>, response: SipResponse) {
    this.callId = parts.callId
    this.localTag = parts.localTag
    this.remoteTag = parts.remoteTag
    this.remoteTarget = parts.remoteTarget
    this.#response = response
  }

  request(): Promise<SipResponse> {
    return Promise.resolve(this.#response)
  }

  reinvite(): Promise<SipResponse> {
    return this.request()
  }

  ack(): void {
    // There is nothing to acknowledge.
  }

  bye(): Promise<SipResponse> {
    return this.request()
  }
}

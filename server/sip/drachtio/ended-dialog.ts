import type { Dialog, SipResponse } from '../stack.ts'
import { LocalResponse } from './local-response.ts'

/** The dialog of an INVITE that had been cancelled before it was accepted. */
export class EndedDialog implements Dialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  readonly remoteTarget: string
  readonly ended = true

  constructor(parts: Pick<Dialog, 'callId' | 'localTag' | 'remoteTag' | 'remoteTarget'>) {
    this.callId = parts.callId
    this.localTag = parts.localTag
    this.remoteTag = parts.remoteTag
    this.remoteTarget = parts.remoteTarget
  }

  request(): Promise<SipResponse> {
    return Promise.resolve(new LocalResponse(481, this.callId))
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

import { reasonPhrase } from '../../engine/index.ts'
import type { SipHeader, SipResponse, SipDialog } from './stack.ts'

/** Why a response had to be made here, where more is known than its status says, as of a TLS connection. */
export function causeOf({ local, status, reason }: SipResponse): string | undefined {
  return local && reason !== reasonPhrase(status) ? reason : undefined
}

/** A response that nobody sent: a time-out, an ended dialog, a server that is gone. */
export class LocalResponse implements SipResponse {
  readonly local = true
  readonly status: number
  readonly reason: string
  readonly callId: string
  readonly body = ''

  constructor(status: number, callId: string, reason: string = reasonPhrase(status)) {
    this.status = status
    this.callId = callId
    this.reason = reason
  }

  header(): undefined {
    return undefined
  }

  headers(): readonly string[] {
    return []
  }

  entries(): readonly SipHeader[] {
    return []
  }
}

/** The dialog of an INVITE that had been cancelled before it was accepted. */
export class EndedDialog implements SipDialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  readonly remoteTarget: string
  readonly ended = true
  readonly silence = 0
  readonly #response: SipResponse

  /** @param response what every request in it gets: a 481 */
  constructor(parts: Pick<SipDialog, 'callId' | 'localTag' | 'remoteTag' | 'remoteTarget'>, response: SipResponse) {
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

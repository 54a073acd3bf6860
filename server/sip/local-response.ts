import { type DialogState, type FailedResponse, reasonPhrase } from '../../engine/index.ts'
import type { SipDialog, SipHeader, SipResponse } from './stack.ts'
import { decode } from './text.ts'

/** Why the stack made a response, where its reason says more than its status, as for a TLS connection. */
export function causeOf({ local, status, reason }: FailedResponse): string | undefined {
  return local && reason !== reasonPhrase(status) ? reason : undefined
}

/** The reason of a local 503: the session needs a media server, and none answers. */
export const noMediaServer = 'No Media Server'

/** The reasons of local responses that say nothing about the peer. */
const ownFaults = new Set([
  noMediaServer,
  'No Connection To The SIP Server',
  'Connection To The SIP Server Lost',
  'No Address That May Be Reached',
  'No Way To That URI',
])

/** Whether the stack could not send the request at all, whatever the peer. */
export function isOwnFault({ local, reason }: FailedResponse): boolean {
  return local && ownFaults.has(reason)
}

/** A response that the stack made: a time-out, an ended dialog, a server that is gone. */
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

  /** @param response the 481 that every request in it gets */
  constructor(state: DialogState, response: SipResponse) {
    this.callId = decode(state.callId)
    this.localTag = decode(state.localTag)
    this.remoteTag = decode(state.remoteTag)
    this.remoteTarget = decode(state.remoteTarget)
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

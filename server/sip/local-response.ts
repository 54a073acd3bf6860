import { reasonPhrase } from '../../engine/index.ts'
import type { Header, SipResponse } from './stack.ts'

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

  entries(): readonly Header[] {
    return []
  }
}

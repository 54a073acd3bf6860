import { Message, type Origin } from './message.ts'
import { reasonPhrase } from './reason-phrases.ts'

export class Response extends Message {
  readonly kind = 'response'
  readonly status: number
  readonly reason: string

  constructor(status: number, reason = reasonPhrase(status), origin?: Origin) {
    super(origin)
    this.status = status
    this.reason = reason
  }

  protected startLine(): string {
    return `SIP/2.0 ${this.status} ${this.reason}`
  }
}

/** A 2xx (RFC 3261 7.2). */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

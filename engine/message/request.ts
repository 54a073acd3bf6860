import { Message, type Origin } from './message.ts'

export class Request extends Message {
  readonly kind = 'request'
  readonly method: string
  /** The Request-URI's text. */
  readonly uri: string
  /** `SIP/2.0`, unless a peer said otherwise. */
  readonly version: string

  constructor(method: string, uri: string, origin?: Origin, version = 'SIP/2.0') {
    super(origin)
    this.method = method
    this.uri = uri
    this.version = version
  }

  protected startLine(): string {
    return `${this.method} ${this.uri} ${this.version}`
  }
}

import { Message, type MessageOrigin } from './message.ts'

export class Request extends Message {
  readonly kind = 'request'
  readonly method: string
  /** The Request-URI's text. */
  readonly uri: string
  /** `SIP/2.0`, unless a peer sent another version. */
  readonly version: string

  constructor(method: string, uri: string, origin?: MessageOrigin, version = 'SIP/2.0') {
    super(origin)
    this.method = method
    this.uri = uri
    this.version = version
  }

  protected startLine(): string {
    return `${this.method} ${this.uri} ${this.version}`
  }
}

/** A received message that is malformed, with the headers that could be read: enough for an answer, where possible. */
export class BadMessage extends Message {
  readonly kind = 'bad'
  /** The first problem found. */
  readonly reason: string
  /** The status of the answer: 400, 413, 414, 505 or 513. */
  readonly status: number
  /** The method, when the first line begins like a request's. */
  readonly method: string | undefined
  readonly #firstLine: string

  constructor(
    problem: { reason: string; status?: number; method?: string | undefined; firstLine?: string },
    origin?: MessageOrigin,
  ) {
    super(origin)
    this.reason = problem.reason
    this.status = problem.status ?? 400
    this.method = problem.method
    this.#firstLine = problem.firstLine ?? ''
  }

  /** Whether this is a request, other than ACK, with all headers that a response copies (RFC 3261 8.2.6.2). */
  get isAnswerable(): boolean {
    if (this.method === undefined || this.method === 'ACK') return false

    return this.via !== undefined && this.has('From') && this.has('To') && this.callId !== '' && this.has('CSeq')
  }

  protected startLine(): string {
    return this.#firstLine
  }
}

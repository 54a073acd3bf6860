import {
  allPassedOver,
  type Flow,
  type Message,
  passedOverText,
  type Request,
  type Response,
} from '../../engine/index.ts'
import type { SipAddress, SipHeader, SipRequest, SipResponse } from './stack.ts'
import { decode } from './text.ts'

/** The transport and source address of a message. */
type RequestSource = Pick<Flow, 'transport' | 'remote'>

/** A message of the engine as the port shows it: nothing is copied or decoded before it is read. */
abstract class EngineMessage<M extends Message> {
  protected readonly message: M

  constructor(message: M) {
    this.message = message
  }

  get callId(): string {
    return decode(this.message.callId)
  }

  get body(): string {
    return this.message.body
  }

  header(name: string): string | undefined {
    const value = this.message.header(name)

    return value === undefined ? undefined : decode(value)
  }

  headers(name: string): readonly string[] {
    return this.message.headers(name).map(decode)
  }

  entries(isWanted?: (name: string) => boolean): readonly SipHeader[] {
    return this.message.entries(isWanted).map(decoded)
  }

  get passedOver(): readonly string[] {
    return allPassedOver(this.message).map((line) => decode(passedOverText(line)))
  }
}

export class ReceivedRequest extends EngineMessage<Request> implements SipRequest {
  readonly #source: RequestSource

  constructor(request: Request, source: RequestSource) {
    super(request)
    this.#source = source
  }

  get method(): string {
    return this.message.method
  }

  get uri(): string {
    return decode(this.message.uri)
  }

  get bytes(): string {
    return this.message.toString()
  }

  get source(): SipAddress {
    const { transport, remote } = this.#source

    return { transport, address: remote.address, port: remote.port }
  }
}

export class ReceivedResponse extends EngineMessage<Response> implements SipResponse {
  readonly local: boolean
  readonly status: number

  constructor(response: Response, origin: 'peer' | 'local', status = response.status) {
    super(response)
    this.local = origin === 'local'
    this.status = status
  }

  get reason(): string {
    return decode(this.message.reason)
  }
}

function decoded(header: SipHeader): SipHeader {
  const [name, bytes] = header
  const text = decode(bytes)

  return text === bytes ? header : [name, text]
}

import {
  allPassedOver,
  type Endpoint,
  type Message,
  passedOverText,
  type Request,
  type Response,
} from '../../engine/index.ts'
import type { SipHeader, SipAddress, SipRequest, SipResponse, Transport } from './stack.ts'
import { decode } from './text.ts'

/** How a message came. */
export interface Origin {
  readonly transport: Transport
  readonly remote: Endpoint
}

/** A message of the engine as the port shows it. Nothing is copied or decoded before it is asked for. */
abstract class ReceivedMessage<M extends Message> {
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

export class ReceivedRequest extends ReceivedMessage<Request> implements SipRequest {
  readonly #origin: Origin

  constructor(request: Request, origin: Origin) {
    super(request)
    this.#origin = origin
  }

  get method(): string {
    return this.message.method
  }

  get uri(): string {
    return decode(this.message.uri)
  }

  get source(): SipAddress {
    const { transport, remote } = this.#origin

    return { transport, address: remote.address, port: remote.port }
  }
}

export class ReceivedResponse extends ReceivedMessage<Response> implements SipResponse {
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

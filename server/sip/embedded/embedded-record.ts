import { type Endpoint, formatEndpoint, type Traced, type Transport } from '../../../engine/index.ts'
import type { MessageRecord } from '../stack.ts'
import { decode } from '../text.ts'

/** A message as it was on the wire. Made for each one, and looked at for few: addresses become text when they are asked for. */
export class EmbeddedRecord implements MessageRecord {
  readonly at = Date.now()
  readonly direction: 'in' | 'out'
  readonly transport: Transport
  readonly callId: string
  readonly method: string
  readonly status: number | undefined
  readonly text: string
  readonly #local: Endpoint
  readonly #remote: Endpoint

  constructor({ direction, transport, local, remote, message, text }: Traced) {
    const isResponse = message.kind === 'response'
    this.direction = direction
    this.transport = transport
    this.callId = decode(message.callId)
    this.method = (isResponse ? message.cseq?.method : message.method) ?? ''
    this.status = isResponse ? message.status : undefined
    this.text = text
    this.#local = local
    this.#remote = remote
  }

  get local(): string {
    return formatEndpoint(this.#local)
  }

  get remote(): string {
    return formatEndpoint(this.#remote)
  }
}

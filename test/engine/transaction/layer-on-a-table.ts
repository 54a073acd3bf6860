import type { Flow } from '../../../engine/flow/index.ts'
import {
  createRequest,
  createResponse,
  parseMessage,
  type Request,
  type RequestParts,
  type Response,
} from '../../../engine/message/index.ts'
import { defaultTimers, type ServerTransaction, TransactionLayer } from '../../../engine/transaction/index.ts'
import { FakeClock } from '../fake-clock.ts'

/** A transaction layer on a clock that stands still, its wire a list. */
export class LayerOnATable {
  readonly clock = new FakeClock()
  /** What was sent: `METHOD` or `status METHOD`, in order. */
  readonly sent: string[] = []
  readonly messages: (Request | Response)[] = []
  readonly requests: { request: Request; transaction: ServerTransaction }[] = []
  readonly acks: Request[] = []
  readonly strays: Response[] = []
  /** What the user of a client or server transaction was told. */
  readonly told: string[] = []
  readonly flow: Flow
  readonly layer: TransactionLayer

  constructor({ reliable = false, trying = 200 } = {}) {
    this.flow = {
      transport: reliable ? 'tcp' : 'udp',
      reliable,
      local: { address: '127.0.0.1', port: 5060 },
      remote: { address: '127.0.0.1', port: 5070 },
      advertised: { host: '127.0.0.1', port: 5060 },
      open: true,
      send: () => undefined,
    }
    const note = (message: Request | Response) => {
      this.messages.push(message)
      this.sent.push(describe(message))
    }
    this.layer = new TransactionLayer(
      this.clock,
      { ...defaultTimers, trying },
      {
        send: note,
        resend: (text) => {
          const message = parseMessage(text)
          if (message.kind !== 'bad') note(message)
        },
      },
      {
        accepts: () => true,
        isPeer: () => true,
        request: (received, transaction) => {
          this.requests.push({ request: received, transaction })
          transaction.user = {
            timeout: () => this.told.push('timeout'),
            transportError: () => this.told.push('transport error'),
          }
        },
        ack: (ack) => this.acks.push(ack),
        repeated: () => this.told.push('repeated'),
        strayResponse: (stray) => this.strays.push(stray),
      },
    )
  }

  readonly user = {
    response: ({ status }: Response) => void this.told.push(String(status)),
    timeout: () => void this.told.push('timeout'),
    transportError: () => void this.told.push('transport error'),
  }

  receive(message: Request | Response): void {
    // As from the wire: nothing is shared with what was sent.
    const parsed = parseMessage(message.toString())
    if (parsed.kind !== 'bad') this.layer.receive(parsed, this.flow)
  }

  /** Everything sent since the last time this was asked for. */
  takeSent(): string[] {
    return this.sent.splice(0)
  }

  takeTold(): string[] {
    return this.told.splice(0)
  }
}

function describe(message: Request | Response): string {
  return message.kind === 'request' ? message.method : `${message.status} ${message.cseq?.method ?? ''}`
}

let branches = 0

export function request(method: string, parts: Partial<RequestParts> = {}): Request {
  return createRequest({
    method,
    uri: 'sip:bob@127.0.0.1',
    via: `SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK${(branches += 1)}`,
    from: '<sip:ann@127.0.0.1>;tag=ann',
    to: '<sip:bob@127.0.0.1>',
    callId: `call-${branches}`,
    cseq: 1,
    contact: '<sip:ann@127.0.0.1:5070>',
    ...parts,
  })
}

export function response(to: Request, status: number, tag = 'bob'): Response {
  return createResponse(to, status, undefined, status > 100 ? tag : undefined)
}

/** The ACK of a response to an INVITE, or its CANCEL: same branch. */
export function following(invite: Request, method: 'ACK' | 'CANCEL', changes: Partial<RequestParts> = {}): Request {
  return request(method, {
    via: invite.header('Via') ?? '',
    callId: invite.callId,
    ...(method === 'ACK' && { to: '<sip:bob@127.0.0.1>;tag=bob' }),
    ...changes,
  })
}

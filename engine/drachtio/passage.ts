import type { Request } from '../message/index.ts'
import type { Flow } from '../transport/index.ts'
import type { Passage } from './server-messages.ts'

/** A message that came on a flow. */
export function received(flow: Flow, text: string, at: number): Passage {
  const { address, port } = flow.remote

  return { source: 'network', bytes: text.length, transport: flow.transport, address, port, at }
}

/** A message that left on a flow: with our own address, as applications expect. */
export function sent(flow: Flow, text: string, at: number): Passage {
  const { address, port } = flow.local

  return { source: 'application', bytes: text.length, transport: flow.transport, address, port, at }
}

/** A response that nobody sent: a time-out or a failure of the transport. */
export function madeHere(flow: Flow | undefined, at: number): Passage {
  return { source: 'network', bytes: 0, transport: flow?.transport ?? 'udp', address: '', port: 0, at }
}

/** A request whose flow is not known any more, by what the transport noted in its Via (RFC 3261 18.2.1, RFC 3581). */
export function byVia(request: Request, text: string, at: number): Passage {
  const via = request.via
  const address = via?.params.get('received') ?? via?.host ?? ''
  const port = Number(via?.params.get('rport') ?? via?.port ?? 5060)

  return { source: 'network', bytes: text.length, transport: via?.transport.toLowerCase() ?? 'udp', address, port, at }
}

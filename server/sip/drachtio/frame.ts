import {
  formatEndpoint,
  type Message,
  parseMessage,
  parseUri,
  parseNameAddr,
  receivedOf,
  type Request,
  type Response,
  type Transport,
} from '../../../engine/index.ts'
import type { MessageRecord, SipAddress } from '../stack.ts'
import { decode, encode } from '../text.ts'

/** A frame of the server's with a SIP message in it. */
export interface DrachtioFrame {
  /** `in`: from the network. `out`: ours, as it was sent, or the server's own in a dialog of ours. */
  direction: 'in' | 'out'
  transactionId: string
  message: Request | Response
  /** What is to be shown of it; undefined when it was not on the wire. */
  record: MessageRecord | undefined
}

/** Reads what the server sent: undefined when no SIP message is in it, or one that nobody can read. */
export function readFrame(payload: string, own: (transport: Transport) => string): DrachtioFrame | undefined {
  const end = payload.indexOf('\r\n')
  if (end < 0) return undefined
  const tokens = payload.slice(0, end).split('|')
  const fields = fieldsOf(tokens)
  if (!fields) return undefined
  // The library has decoded the whole stream as UTF-8; what is not UTF-8 in a body has been lost there.
  const text = encode(payload.slice(end + 2))
  const message = parseMessage(text)
  if (message.kind === 'bad') return undefined

  return { ...fields, message, record: fields.bytes === 0 ? undefined : recordOf(fields, message, text, own) }
}

interface FrameFields {
  direction: 'in' | 'out'
  /** Not said of an ACK, nor of responses in dialogs. */
  transport: Transport | undefined
  /** 0 for what was not on the wire: the server's own responses to our requests. */
  bytes: number
  /** '' when it is not known yet: a connection is being made. */
  address: string
  port: number
  transactionId: string
  /** The listener that it came to; only requests outside dialogs say so. */
  receivedOn: string | undefined
}

function fieldsOf(tokens: readonly string[]): FrameFields | undefined {
  if (tokens[1] === 'sip') {
    const [, , source, bytes, transport, address = '', port, , transactionId = '', , localAddress, localPort] = tokens
    const direction = source === 'application' ? 'out' : 'in'
    const receivedOn = localAddress && localPort ? at(localAddress, Number(localPort)) : undefined

    return { direction, ...way(bytes, transport, address, port), transactionId, receivedOn }
  }
  const [, type, , outcome, source, bytes, transport, address = '', port, , transactionId = ''] = tokens
  if (type !== 'response' || outcome !== 'OK' || source !== 'application') return undefined

  return { direction: 'out', ...way(bytes, transport, address, port), transactionId, receivedOn: undefined }
}

function way(bytes?: string, transport?: string, address = '', port?: string) {
  return { bytes: Number(bytes), transport: transportOf(transport), address, port: Number(port) }
}

/**
 * The server tells one end only: where a message came from, or the socket of ours that it left by. Where a response goes
 * is in its Via (RFC 3261 18.2.2); where a request goes is read off its Route or Request-URI, and is what they name, not
 * what DNS made of it. What the server sends and takes by itself (100, the answers to CANCEL, the ACK of a failure,
 * whatever is repeated) it does not tell of at all; of a CANCEL it tells at once, though it may have to hold it.
 */
function recordOf(
  fields: FrameFields,
  message: Request | Response,
  text: string,
  own: (transport: Transport) => string,
): MessageRecord {
  const { direction, address, port, receivedOn } = fields
  const transport = fields.transport ?? transportOf(message.via?.transport) ?? 'udp'
  const told = address === '' ? own(transport) : at(address, port)
  const isIn = direction === 'in'
  const remote = isIn ? told : targetOf(message)
  const local = isIn ? receivedOn : told

  return {
    ...{ at: Date.now(), direction, transport },
    // Of a response of ours, the original server tells where it went to.
    local: local === undefined || local === remote ? own(transport) : local,
    remote,
    callId: decode(message.callId),
    method: (message.kind === 'response' ? message.cseq?.method : message.method) ?? '',
    status: message.kind === 'response' ? message.status : undefined,
    text,
  }
}

function targetOf(message: Request | Response): string {
  if (message.kind === 'response') {
    const { via } = message

    return via ? at(receivedOf(via) ?? via.host, Number(via.params.get('rport') ?? via.port ?? 5060)) : ''
  }
  const uri = parseUri(nextHopOf(message))

  return uri && 'host' in uri ? at(uri.host, uri.port ?? 5060) : ''
}

function nextHopOf(message: Message & { uri: string }): string {
  const route = message.list('Route')[0]

  return (route === undefined ? undefined : parseNameAddr(route)?.uri) ?? message.uri
}

function at(host: string, port: number): string {
  const address = host.startsWith('[') ? host.slice(1, -1) : host

  return formatEndpoint({ address, port })
}

const transports = new Set<string>(['udp', 'tcp', 'tls', 'ws', 'wss'])

/** A request whose next hop is still being looked up has none yet, and neither has what is not told of. */
export function transportOf(name = ''): Transport | undefined {
  const lower = name.toLowerCase()

  return transports.has(lower) ? (lower as Transport) : undefined
}

const listener = /^(udp|tcp|tls|wss?)\/(.+):(\d+)$/

/** The server's listeners, from what it says on connecting: `udp/192.0.2.1:5060,tcp/[2001:db8::1]:5060`. */
export function readHostPorts(hostPorts: string): SipAddress[] {
  return hostPorts.split(',').flatMap((text) => {
    const [, transport, host = '', port] = listener.exec(text.trim()) ?? []
    if (transport === undefined) return []

    return [{ transport: transport as Transport, address: host.replace(/^\[|\]$/g, ''), port: Number(port) }]
  })
}

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

/** A frame of the server with a SIP message in it. */
export interface DrachtioFrame {
  /** `in`: from the network. `out`: ours, as it was sent, or one that the server sent by itself in our dialog. */
  direction: 'in' | 'out'
  transactionId: string
  message: Request | Response
  /** The message as it was on the wire; undefined when it was not. */
  record: MessageRecord | undefined
}

/** Reads a frame of the server; undefined without a SIP message, or with one that cannot be parsed. */
export function readFrame(payload: string, own: (transport: Transport) => string): DrachtioFrame | undefined {
  const end = payload.indexOf('\r\n')
  if (end < 0) return undefined
  const tokens = payload.slice(0, end).split('|')
  const fields = fieldsOf(tokens)
  if (!fields) return undefined
  // The library decodes the whole stream as UTF-8, and loses the bytes of a body that are not UTF-8.
  const text = encode(payload.slice(end + 2))
  const message = parseMessage(text)
  if (message.kind === 'bad') return undefined

  return { ...fields, message, record: fields.bytes === 0 ? undefined : recordOf(fields, message, text, own) }
}

interface FrameFields {
  direction: 'in' | 'out'
  /** Undefined for an ACK, and for responses in dialogs. */
  transport: Transport | undefined
  /** 0 for a message that was not on the wire: the server's own response to our request. */
  bytes: number
  /** '' while the server is still connecting. */
  address: string
  port: number
  transactionId: string
  /** The listener that the message came to; known for requests outside dialogs only. */
  receivedOn: string | undefined
}

function fieldsOf(tokens: readonly string[]): FrameFields | undefined {
  if (tokens[1] === 'sip') {
    const [, , source, bytes, transport, address = '', port, , transactionId = '', , localAddress, localPort] = tokens
    const direction = source === 'application' ? 'out' : 'in'
    const receivedOn = localAddress && localPort ? at(localAddress, Number(localPort)) : undefined

    return { direction, ...fieldsFrom(bytes, transport, address, port), transactionId, receivedOn }
  }
  const [, type, , outcome, source, bytes, transport, address = '', port, , transactionId = ''] = tokens
  if (type !== 'response' || outcome !== 'OK' || source !== 'application') return undefined

  return { direction: 'out', ...fieldsFrom(bytes, transport, address, port), transactionId, receivedOn: undefined }
}

function fieldsFrom(bytes?: string, transport?: string, address = '', port?: string) {
  return { bytes: Number(bytes), transport: transportOf(transport), address, port: Number(port) }
}

/**
 * The server reports one end only: the source of a message, or the local socket that sent it. The target of a response is
 * in its Via (RFC 3261 18.2.2); that of a request is its Route or Request-URI, by name and not as DNS resolved it. The server
 * does not report the messages that it sends and takes by itself (100, the answers to CANCEL, the ACK of a failure,
 * retransmissions), and reports a CANCEL at once, though it may have to hold it.
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
    // For a response of ours, drachtio-server reports the target.
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

/** Undefined for a request whose next hop is still being looked up, and where the server does not report it. */
export function transportOf(name = ''): Transport | undefined {
  const lower = name.toLowerCase()

  return transports.has(lower) ? (lower as Transport) : undefined
}

const listener = /^(udp|tcp|tls|wss?)\/(.+):(\d+)$/

/** The server's listeners, from its greeting: `udp/192.0.2.1:5060,tcp/[2001:db8::1]:5060`. */
export function readHostPorts(hostPorts: string): SipAddress[] {
  return hostPorts.split(',').flatMap((text) => {
    const [, transport, host = '', port] = listener.exec(text.trim()) ?? []
    if (transport === undefined) return []

    return [{ transport: transport as Transport, address: host.replace(/^\[|\]$/g, ''), port: Number(port) }]
  })
}

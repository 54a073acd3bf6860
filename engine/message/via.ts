import { isToken, trimBlanks } from './characters.ts'
import { Params } from './params.ts'
import { formatHostPort, parseHostPort } from './uri.ts'

/** One Via value (RFC 3261 20.42). */
export interface Via {
  /** `SIP/2.0` from all known peers. */
  readonly protocol: string
  /** Upper case: UDP, TCP, TLS, WS, WSS. */
  readonly transport: string
  /** The sent-by host, IPv6 without brackets. */
  readonly host: string
  readonly port: number | undefined
  readonly params: Params
  readonly branch: string | undefined
}

/** The cookie that begins every RFC 3261 branch (8.1.1.7). */
export const magicCookie = 'z9hG4bK'

/** Parses one Via value. Undefined when it is malformed. */
export function parseVia(value: string): Via | undefined {
  const semicolon = value.indexOf(';')
  const headEnd = semicolon < 0 ? value.length : semicolon
  if (value.startsWith(usualStart)) {
    return viaFrom('SIP/2.0', 'UDP', value.slice(usualStart.length, headEnd), value, semicolon)
  }
  const protocol = value.startsWith('SIP/2.0/') ? 'SIP/2.0' : protocolOf(value.slice(0, headEnd))
  if (protocol === undefined) return undefined
  const rest = trimBlanks(value.slice(value.indexOf('/', value.indexOf('/') + 1) + 1, headEnd))
  const blank = indexOfBlank(rest)
  if (blank < 0) return undefined
  const transport = rest.slice(0, blank)
  if (!isToken(transport)) return undefined

  return viaFrom(protocol, upperCase(transport), rest.slice(blank + 1), value, semicolon)
}

// Nearly all Vias begin like this: nothing but the sent-by is sliced from them.
const usualStart = 'SIP/2.0/UDP '

function viaFrom(protocol: string, transport: string, by: string, value: string, semicolon: number): Via | undefined {
  // A response goes to the source of its request, so that a zone in the sent-by does no harm.
  const sentBy = parseHostPort(trimBlanks(by), 'kept')
  const params = sentBy && (semicolon < 0 ? Params.none : Params.parse(value, semicolon))
  if (!params) return undefined
  const { host, port } = sentBy

  return { protocol, transport, host, port, params, branch: params.get('branch') }
}

/** The `SIP/2.0` of a Via that is written in an unusual way, with blanks around the slashes. */
function protocolOf(head: string): string | undefined {
  const first = head.indexOf('/')
  const second = head.indexOf('/', first + 1)
  if (first < 0 || second < 0) return undefined
  const name = trimBlanks(head.slice(0, first))
  const version = trimBlanks(head.slice(first + 1, second))

  return isToken(name) && isToken(version) ? `${name}/${version}` : undefined
}

// Nearly all Vias have the transport in upper case.
const upperCase = (transport: string): string => (transport === 'UDP' ? 'UDP' : transport.toUpperCase())

function indexOfBlank(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 32 || code === 9) return i
  }

  return -1
}

/** The branch of a Via value of our own, which is well formed; '' without one. */
export function branchOf(value: string): string {
  const start = value.indexOf(branchParameter) + branchParameter.length
  if (start < branchParameter.length) return ''
  const end = value.indexOf(';', start)

  return value.slice(start, end < 0 ? value.length : end)
}

const branchParameter = ';branch='

/** The text of a Via value. */
export function formatVia(via: {
  protocol?: string
  transport: string
  host: string
  port?: number | undefined
  params?: Params
}): string {
  const protocol = via.protocol ?? 'SIP/2.0'

  return `${protocol}/${via.transport} ${formatHostPort(via.host, via.port)}${via.params?.toString() ?? ''}`
}

/** The address that the transport noted in `received`, without the brackets that some put around IPv6 (RFC 5118 4.5). */
export function receivedOf(via: Via): string | undefined {
  const received = via.params.get('received')

  return received?.startsWith('[') ? received.slice(1, -1) : received
}

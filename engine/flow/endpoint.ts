export type Transport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

/** An IP address (IPv6 without brackets) and a port. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** The endpoint that a message is sent to, and how. */
export interface Target extends Endpoint {
  readonly transport: Transport
  /** The name that the address was found for; TLS checks the certificate against it. */
  readonly serverName?: string
}

export const isSecure = (transport: string | undefined): boolean => transport === 'tls' || transport === 'wss'

/** RFC 3261 19.1.2 and RFC 7118 5: the port of a URI that names none. */
export const defaultPort = (transport: Transport): number =>
  ({ udp: 5060, tcp: 5060, tls: 5061, ws: 80, wss: 443 })[transport]

/** The transports as Via writes them. */
export const transportNames: Readonly<Record<Transport, string>> = {
  udp: 'UDP',
  tcp: 'TCP',
  tls: 'TLS',
  ws: 'WS',
  wss: 'WSS',
}

/** The transport that a Via or a URI parameter names. */
export function transportNamed(name: string): Transport | undefined {
  if (name === 'UDP') return 'udp'
  const lower = name.toLowerCase()

  return lower === 'udp' || lower === 'tcp' || lower === 'tls' || lower === 'ws' || lower === 'wss' ? lower : undefined
}

/** `address:port`, IPv6 in brackets. */
export const formatEndpoint = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** The transport that a SIP URI names, by its parameter or by its scheme (RFC 3261 19.1.1, 26.2.2). */

export type UriTransport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

const parameter = /;transport=(udp|tcp|tls|wss?)(?=[;?]|$)/i

/** Undefined when it names none: UDP, unless the name of its host says otherwise (RFC 3263). */
export function transportOf(uri: string): UriTransport | undefined {
  const isSecure = /^sips:/i.test(uri)
  const named = parameter.exec(uri)?.[1]?.toLowerCase() as UriTransport | undefined
  if (!isSecure) return named

  return named === 'ws' || named === 'wss' ? 'wss' : 'tls'
}

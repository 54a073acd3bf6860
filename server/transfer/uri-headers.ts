import type { SipUri } from '../../engine/index.ts'

/** The headers inside a URI (RFC 3261 19.1.1) as text: what was percent-encoded there is UTF-8. */
export function uriHeaders({ headers }: SipUri): [name: string, text: string][] {
  return headers.map(([name, bytes]) => [name, Buffer.from(bytes, 'latin1').toString('utf8')])
}

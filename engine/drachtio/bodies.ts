import { type Header, valueOf } from './sip-text.ts'

/** The headers that a body needs: SDP is known when it is seen. Undefined when the application must name the type. */
export function withContentType(headers: Header[], body: string): Header[] | undefined {
  if (body === '' || valueOf(headers, 'Content-Type') !== undefined) return headers

  return body.startsWith('v=0') ? [...headers, ['Content-Type', 'application/sdp']] : undefined
}

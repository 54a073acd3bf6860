import type { BadMessage } from './bad-message.ts'
import { formatNameAddr, type NameAddr } from './name-addr.ts'
import { Request } from './request.ts'
import { Response } from './response.ts'

export interface RequestParts {
  method: string
  uri: string
  /** A Via value; left out when a lower layer adds it. */
  via?: string
  from: NameAddr | string
  to: NameAddr | string
  callId: string
  cseq: number
  /** 70 when left out (RFC 3261 8.1.1.6). */
  maxForwards?: number
  routes?: readonly string[]
  contact?: string
  headers?: Iterable<readonly [name: string, value: string]>
  body?: string
}

/** A request with the headers that every one must have (RFC 3261 8.1.1), then `headers`, then the body. */
export function createRequest(parts: RequestParts): Request {
  const request = new Request(parts.method, parts.uri)
  if (parts.via !== undefined) request.add('Via', parts.via)
  request.add('Max-Forwards', String(parts.maxForwards ?? 70))
  for (const route of parts.routes ?? []) request.add('Route', route)
  request.add('From', textOf(parts.from)).add('To', textOf(parts.to)).add('Call-ID', parts.callId)
  request.add('CSeq', `${parts.cseq} ${parts.method}`)
  if (parts.contact !== undefined) request.add('Contact', parts.contact)
  for (const [name, value] of parts.headers ?? []) request.add(name, value)
  if (parts.body) request.body = parts.body

  return request
}

function textOf(address: NameAddr | string): string {
  return typeof address === 'string' ? address : formatNameAddr(address)
}

// RFC 3261 12.1.1, RFC 6665 4.2.1, RFC 3515 2.4.4: these make dialogs.
const dialogMakers = new Set(['INVITE', 'SUBSCRIBE', 'REFER'])

/**
 * A response to a request, good or bad (RFC 3261 8.2.6): its Vias, From, To, Call-ID and CSeq; `toTag` when its To has
 * none; Timestamp in a 100; Record-Route when the response makes a dialog (12.1.1).
 */
export function createResponse(
  request: Request | BadMessage,
  status: number,
  reason?: string,
  toTag?: string,
): Response {
  const response = new Response(status, reason)
  for (const via of request.headers('Via')) response.add('Via', via)
  const inDialog = request.toTag !== undefined
  if (status > 100 && status < 300 && !inDialog && dialogMakers.has(request.method ?? '')) {
    for (const route of request.headers('Record-Route')) response.add('Record-Route', route)
  }
  const to = request.header('To') ?? ''
  response.add('From', request.header('From') ?? '')
  response.add('To', toTag === undefined || inDialog ? to : `${to};tag=${toTag}`)
  response.add('Call-ID', request.callId).add('CSeq', request.header('CSeq') ?? '')
  const timestamp = status === 100 ? request.header('Timestamp') : undefined
  if (timestamp !== undefined) response.add('Timestamp', timestamp)

  return response
}

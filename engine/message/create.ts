import { onOneLine } from './characters.ts'
import { HeaderLine } from './header-line.ts'
import { headerNames } from './header-names.ts'
import { formatNameAddr, type NameAddr } from './name-addr.ts'
import { type BadMessage, Request } from './request.ts'
import { Response } from './response.ts'

export interface RequestParts {
  method: string
  uri: string
  /** The Via value; left out when a lower layer adds it. */
  via?: string
  from: NameAddr | string
  to: NameAddr | string
  callId: string
  cseq: number
  /** 70 when left out (RFC 3261 8.1.1.6). */
  maxForwards?: number | undefined
  routes?: readonly string[]
  contact?: string
  headers?: Iterable<readonly [name: string, value: string]>
  body?: string
}

const noLines: readonly never[] = []
const usualMaxForwards = HeaderLine.of(headerNames.maxForwards, '70')

/** A request with the mandatory headers (RFC 3261 8.1.1), then `headers`, then the body. */
export function createRequest(parts: RequestParts): Request {
  const { method, maxForwards = 70, routes = noLines, headers = noLines } = parts
  const request = new Request(method, requestUriOf(parts.uri))
  if (parts.via !== undefined) request.addLine(HeaderLine.of(headerNames.via, parts.via))
  if (maxForwards === 70) request.addLine(usualMaxForwards)
  else request.add(headerNames.maxForwards, String(maxForwards))
  for (const route of routes) request.add(headerNames.route, route)
  request.add(headerNames.from, textOf(parts.from)).add(headerNames.to, textOf(parts.to))
  request.add(headerNames.callId, parts.callId)
  request.addLine(HeaderLine.of(headerNames.cseq, `${parts.cseq} ${method}`))
  if (parts.contact !== undefined) request.add(headerNames.contact, parts.contact)
  for (const [name, value] of headers) request.add(name, value)
  if (parts.body) request.body = parts.body

  return request
}

/** RFC 3261 19.1.1, table 1: the URI of a Request-URI, From or To has no headers: those of a route or a Contact (`?Subject=x`) are cut off. */
export function requestUriOf(uri: string): string {
  if (!uri.includes('?')) return uri
  // A user part may hold a question mark of its own.
  const question = uri.indexOf('?', uri.indexOf('@') + 1)

  return question === -1 ? uri : uri.slice(0, question)
}

function textOf(address: NameAddr | string): string {
  return typeof address === 'string' ? address : formatNameAddr(address)
}

// RFC 3261 12.1.1, RFC 6665 4.2.1, RFC 3515 2.4.4: 2xx responses to these methods create dialogs.
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
  const response = new Response(status, reason === undefined ? undefined : onOneLine(reason))
  response.addFrom(request, headerNames.via, 'all')
  const inDialog = request.toTag !== undefined
  if (status > 100 && status < 300 && !inDialog && dialogMakers.has(request.method ?? '')) {
    response.addFrom(request, headerNames.recordRoute, 'all')
  }
  response.addFrom(request, headerNames.from, 'first')
  if (toTag === undefined || inDialog) response.addFrom(request, headerNames.to, 'first')
  else response.addLine(HeaderLine.of(headerNames.to, `${request.header(headerNames.to) ?? ''};tag=${toTag}`))
  response.addFrom(request, headerNames.callId, 'first').addFrom(request, headerNames.cseq, 'first')
  if (status === 100) response.addFrom(request, headerNames.timestamp, 'first')

  return response.adoptParsed(request)
}

/** RFC 3261 8.2.7: a UAS that keeps nothing of a request gives the same To tag to each repetition. */
export function statelessTag({ callId, via }: Request | BadMessage): string {
  let hash = 0
  for (const char of `${via?.branch ?? ''}${callId}`) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0

  return `s-${(hash >>> 0).toString(36)}`
}

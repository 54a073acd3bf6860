import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { ServerRequest } from '../dialog/index.ts'
import { isSipUri, type NameAddr, parseSipUri, parseUri } from '../message/index.ts'

/** A web server that decides by HTTP where requests of a method go. */
export interface RequestHandler {
  /** In upper case, or `*`. */
  sipMethod: string
  httpMethod: 'GET' | 'POST'
  /** Whether the certificate of an https server is verified. */
  verifyPeer: boolean
  url: string
}

const connectTimeoutMs = 2_000
const queryTimeoutMs = 3_000
const maxAnswerLength = 64 * 1024

/** Resolves with the body of the web server's 200. Rejects when there is none within `queryTimeoutMs`. */
export function queryHandler(handler: RequestHandler, incoming: ServerRequest): Promise<string> {
  const url = new URL(handler.url)
  for (const [name, value] of queryParameters(incoming)) url.searchParams.append(name, value)
  const isPost = handler.httpMethod === 'POST'
  const options = {
    method: handler.httpMethod,
    rejectUnauthorized: handler.verifyPeer,
    timeout: connectTimeoutMs,
    signal: AbortSignal.timeout(queryTimeoutMs),
    headers: isPost ? { 'Content-Type': 'text/plain' } : {},
  }

  return new Promise((resolve, reject) => {
    const query = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > maxAnswerLength) query.destroy(new Error('the answer is too long'))
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`the answer was ${response.statusCode ?? 'nothing'}`))
      })
    })
    query.on('timeout', () => query.destroy(new Error('no answer in time')))
    query.on('error', reject)
    query.end(isPost ? Buffer.from(incoming.request.toString(), 'latin1') : undefined)
  })
}

function* queryParameters({ request, flow }: ServerRequest): Iterable<[name: string, value: string]> {
  const uri = parseUri(request.uri)
  const sip = uri && isSipUri(uri) ? uri : undefined
  yield ['method', request.method]
  yield ['domain', sip?.host ?? '']
  yield ['protocol', flow.transport]
  yield ['source_address', flow.remote.address]
  yield ['fromUser', userOf(request.from)]
  yield ['toUser', userOf(request.to)]
  yield ['uriUser', sip?.user ?? '']
  yield ['contentType', request.header('Content-Type') ?? '']
  yield ['uri', request.uri]
  for (const [name, value] of sip?.params ?? []) yield [name, value]
}

function userOf(address: NameAddr | undefined): string {
  return parseSipUri(address?.uri ?? '')?.user ?? ''
}

/** A web server's decision on a request. */
export type HandlerDecision =
  | { action: 'reject'; status: number; reason: string | undefined }
  | { action: 'redirect'; contacts: readonly string[] }
  | { action: 'proxy'; proxy: ProxyDecision }
  | { action: 'route'; uri: string }
  | { action: 'tag'; tag: string }

export interface ProxyDecision {
  targets: readonly string[]
  recordRoute: boolean
  followRedirects: boolean
  simultaneous: boolean
  provisionalTimeout: string
  finalTimeout: string
}

type JsonObject = Readonly<Record<string, unknown>>

/** Reads `{"action": …, "data": {…}}`; undefined when the text is malformed. */
export function parseDecision(text: string): HandlerDecision | undefined {
  const answer = parseObject(text)
  const data = objectOf(answer?.data)
  if (!answer || !data) return undefined
  switch (answer.action) {
    case 'reject':
      return isStatus(data.status) ? { action: 'reject', status: data.status, reason: textOf(data.reason) } : undefined
    case 'redirect': {
      const contacts = listOf(data.contact ?? data.contacts)
      return contacts.length > 0 ? { action: 'redirect', contacts } : undefined
    }
    case 'proxy':
      return proxyDecision(data)
    case 'route': {
      const [uri, tag] = [textOf(data.uri ?? data.url), textOf(data.tag)]
      if (tag !== undefined) return { action: 'tag', tag }
      return uri === undefined ? undefined : { action: 'route', uri }
    }
    default:
      return undefined
  }
}

function proxyDecision(data: JsonObject): HandlerDecision | undefined {
  const targets = listOf(data.destination)
  if (targets.length === 0) return undefined
  const proxy = {
    targets,
    recordRoute: data.recordRoute === true,
    followRedirects: data.followRedirects === true,
    simultaneous: data.simultaneous === true,
    provisionalTimeout: textOf(data.provisionalTimeout) ?? '',
    finalTimeout: textOf(data.finalTimeout) ?? '',
  }

  return { action: 'proxy', proxy }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

const objectOf = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((each) => textOf(each) ?? [])

const isStatus = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 300 && value <= 699

import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isSipUri, type NameAddr, parseSipUri, parseUri } from '../../message/index.ts'
import type { ServerRequest } from '../../dialog/index.ts'

/** Whom to ask by HTTP what becomes of requests of a method. */
export interface RequestHandler {
  /** In upper case, or `*`. */
  sipMethod: string
  httpMethod: 'GET' | 'POST'
  /** Whether an https server must show a good certificate. */
  verifyPeer: boolean
  url: string
}

const connectTimeout = 2_000
const wholeTimeout = 3_000
const longestAnswer = 64 * 1024

/** Asks, and resolves with the text of a 200. Rejects when there is none in time. */
export function ask(handler: RequestHandler, incoming: ServerRequest): Promise<string> {
  const url = new URL(handler.url)
  for (const [name, value] of questionOf(incoming)) url.searchParams.append(name, value)
  const isPost = handler.httpMethod === 'POST'
  const options = {
    method: handler.httpMethod,
    rejectUnauthorized: handler.verifyPeer,
    timeout: connectTimeout,
    signal: AbortSignal.timeout(wholeTimeout),
    headers: isPost ? { 'Content-Type': 'text/plain' } : {},
  }

  return new Promise((resolve, reject) => {
    const query = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > longestAnswer) query.destroy(new Error('the answer is too long'))
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

function* questionOf({ request, flow }: ServerRequest): Iterable<[name: string, value: string]> {
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

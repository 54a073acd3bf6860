import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CallSearch } from './call-search.ts'
import type { PeerBatons } from './peer-batons.ts'
import { ApiRefusal } from './problems.ts'

/** How long a Baton is asked for a call. */
const askMs = 2000
/** How long the Baton that has the call may take to begin its answer. */
const answerMs = 30_000
/** Marks a request of another Baton, which is forwarded no further: the address that it came from there. */
const marker = 'baton-forwarded'
const kept = [
  ...['authorization', 'cookie', 'x-baton-actor', 'accept', 'content-type', 'idempotency-key', 'last-event-id'],
] as const

/**
 * A request about a call that another Baton has is answered by that one: this one passes it on, with the credentials that came
 * with it, and passes the answer back.
 */
export class CallsOfPeers {
  readonly #peers: PeerBatons
  readonly #search: Pick<CallSearch, 'find'>

  constructor(peers: PeerBatons, search: Pick<CallSearch, 'find'>) {
    this.#peers = peers
    this.#search = search
  }

  /** Resolves with whether another Baton has answered. */
  async answer(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const id = callIn(request)
    if (id === undefined || request.headers[marker] !== undefined || (await this.#search.find(id))) return false
    const owner = (await this.#peers.ownerOf(id)) ?? (await this.#asked(id, request))
    if (owner === undefined) return false
    const gone = new AbortController()
    reply.raw.once('close', () => {
      gone.abort()
    })
    const timer = setTimeout(() => {
      gone.abort()
    }, answerMs)
    const answered = await fetch(`${owner}${request.url}`, {
      method: request.method,
      headers: { ...headersOf(request), 'content-type': 'application/json' },
      signal: gone.signal,
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    })
      .catch(() => {
        const told = `${owner} has the call, and does not answer; another Baton may take the call over in a moment.`
        throw new ApiRefusal('owner_unreachable', told)
      })
      .finally(() => {
        clearTimeout(timer)
      })
    request.audit.isOfPeer = true
    void reply.code(answered.status).header('baton-owner', owner)
    for (const name of ['content-type', 'content-disposition', 'retry-after']) {
      const value = answered.headers.get(name)
      if (value !== null) void reply.header(name, value)
    }
    void reply.serializer(String)
    if (answered.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
      void reply.send(Buffer.from(await answered.arrayBuffer()))
    } else relay(answered, reply)

    return true
  }

  /** The address that a request of another Baton came from there; undefined for requests that name one themselves. */
  originOf({ ip, headers }: FastifyRequest): string | undefined {
    const from = headers[marker]
    if (typeof from !== 'string' || isIP(from) === 0) return undefined

    return this.#peers.urls.some((url) => hostOf(url) === ip) ? from : undefined
  }

  /** The first Baton that says it knows the call: Redis has no record of one that has ended, or began a moment ago. */
  async #asked(id: string, request: FastifyRequest): Promise<string | undefined> {
    const asked = this.#peers.urls.map(async (url) => {
      const answer = await fetch(`${url}/v1/calls/${encodeURIComponent(id)}`, {
        headers: headersOf(request),
        signal: AbortSignal.timeout(askMs),
      })
      await answer.body?.cancel()
      if (answer.status === 404 || answer.status >= 500) throw new Error(`${url} does not have the call`)

      return url
    })

    return Promise.any(asked).catch(() => undefined)
  }
}

/** An address without brackets; undefined in a URL that cannot be read. */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : undefined
}

function callIn({ url, params, query }: FastifyRequest): string | undefined {
  if (/^\/v1\/calls\/[^/?]/.test(url)) return (params as { call?: string }).call

  return url.startsWith('/v1/events') ? (query as { callId?: string }).callId : undefined
}

function headersOf({ headers, ip }: FastifyRequest): Record<string, string> {
  const given = kept.flatMap((name) => {
    const value = headers[name]

    return value === undefined ? [] : [[name, String(value)] as const]
  })

  return { ...Object.fromEntries(given), [marker]: ip }
}

/** Events go on for as long as their reader is there. */
function relay(answered: Response, reply: FastifyReply): void {
  const { raw } = reply.hijack()
  raw.writeHead(answered.status, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  if (!answered.body) {
    raw.end()
    return
  }
  const events = Readable.fromWeb(answered.body)
  // The Baton that has the call has stopped, or the reader has gone: the reader comes again.
  events.once('error', () => raw.end())
  events.pipe(raw)
}

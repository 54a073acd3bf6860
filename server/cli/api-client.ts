import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { once } from 'node:events'
import { userInfo } from 'node:os'
import { buffer } from 'node:stream/consumers'
import { readFileSync } from 'node:fs'

import { defined } from '../../base/defined.ts'
import type { ProblemView } from '../api/index.ts'
import { type ApiAnswer, type ApiRequest, CommandFailure } from './api-request.ts'

export interface ApiClientOptions {
  /** `http://address:port` of a Baton. */
  url: string
  token: string | undefined
  /** Answers requests in this process when no Baton runs; without it, a Baton must run. */
  offline?: (() => Promise<(request: ApiRequest) => Promise<ApiAnswer>>) | undefined
}

/** Sends a command's requests to the Baton at the URL or, when none runs there, to `offline`. */
export class ApiClient {
  readonly #options: ApiClientOptions
  #answer: ((request: ApiRequest) => Promise<ApiAnswer>) | undefined

  constructor(options: ApiClientOptions) {
    this.#options = options
  }

  /** @throws Failure with the problem details, unless the answer is a 2xx */
  async send(request: ApiRequest): Promise<ApiAnswer> {
    const answer = await this.#send({ ...request, headers: { ...this.#identity(), ...request.headers } })
    if (answer.status < 200 || answer.status > 299) throw failureOf(answer)

    return answer
  }

  async #send(request: ApiRequest): Promise<ApiAnswer> {
    if (this.#answer) return this.#answer(request)
    try {
      return await this.#overHttp(request)
    } catch (error) {
      const { offline } = this.#options
      const url = withoutLogin(this.#options.url)
      const why = causeOf(error)
      if (why !== 'ECONNREFUSED') throw new CommandFailure(`${url} cannot be reached: ${why}`)
      if (!offline) {
        throw new CommandFailure(
          `No Baton is running at ${url}. Start one with "npx baton serve", or name another with --url.`,
        )
      }
      this.#answer = await offline()

      return this.#answer(request)
    }
  }

  // fetch() refuses the ports that browsers refuse.
  async #overHttp({ method, path, headers = {}, body }: ApiRequest): Promise<ApiAnswer> {
    const url = new URL(path, this.#options.url)
    const sent = (url.protocol === 'https:' ? https : http).request(url, { method, headers })
    sent.end(body)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const bytes = await buffer(response)

    return {
      status: response.statusCode ?? 0,
      type: response.headers['content-type'] ?? '',
      etag: response.headers.etag,
      bytes,
      // text() would remove the byte order mark of a file.
      text: bytes.toString(),
    }
  }

  #identity(): Record<string, string> {
    const { token } = this.#options

    return {
      'x-baton-actor': userName(),
      ...defined({ authorization: token === undefined ? undefined : `Bearer ${token}` }),
    }
  }
}

/** The name of the system's user who runs the command. */
export function userName(): string {
  try {
    return userInfo().username.replace(/[^\x21-\x7e]/g, '_')
  } catch {
    // In many containers the user has no name.
    return 'cli'
  }
}

/** The URL without its user and password, for messages. */
function withoutLogin(url: string): string {
  return url.replace(/^([a-z]+:\/\/)?.*@/is, '$1')
}

/** An AggregateError has the cause of each address that was tried. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError) return causeOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)

  return (error as NodeJS.ErrnoException).code ?? error.message
}

function failureOf({ status, type, text }: ApiAnswer): CommandFailure {
  if (!type.startsWith('application/problem+json')) {
    const detail = `HTTP ${status}: ${text.slice(0, 500)}`

    return new CommandFailure(detail, { status, detail })
  }
  const answered = JSON.parse(text) as ProblemView
  const { title, detail, errors = [] } = answered
  const mistakes = errors.map(({ pointer, problem, hint, line }) => {
    const place = line === undefined ? pointer : `line ${line}, ${pointer}`

    return `  ${place || '(document)'}: ${problem}${hint === undefined ? '' : `; ${hint}`}`
  })

  return new CommandFailure([`${title}: ${detail}`, ...mistakes].join('\n'), answered)
}

/** The API's URL and token. */
export interface ApiAddress {
  url: string
  token: string | undefined
}

const defaultListen = '127.0.0.1:8080'

/**
 * The API's address by HTTP_LISTEN and ADMIN_TOKEN, without loading the other settings, which takes longer than most commands.
 * Undefined when the two cannot be read simply: loading all settings then reports what is wrong.
 */
export async function apiAddress(env: Record<string, string | undefined>): Promise<ApiAddress | undefined> {
  const file = env.BATON_CONFIG ? await settingsIn(env.BATON_CONFIG) : {}
  const listen = nonEmpty(env.HTTP_LISTEN) ?? file?.http_listen ?? defaultListen
  const token = nonEmpty(env.ADMIN_TOKEN) ?? file?.admin_token
  if (typeof listen !== 'string') return undefined
  const [, address, port] = /^(\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:]+\]):(\d{1,5})$/i.exec(listen) ?? []
  const isPlain = file && address !== undefined && (token === undefined || typeof token === 'string')

  return isPlain ? { url: urlOf(address, Number(port)), token } : undefined
}

/** The URL that reaches a listener from this machine. */
export function urlOf(address: string, port: number): string {
  const host = address.replace(/^\[|\]$/g, '')
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`

  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** An empty variable counts as unset. */
function nonEmpty(variable: string | undefined): string | undefined {
  const text = variable?.trim()

  return text === '' ? undefined : text
}

async function settingsIn(path: string): Promise<{ http_listen?: unknown; admin_token?: unknown } | undefined> {
  const { parse } = await import('yaml')
  try {
    const settings: unknown = parse(readFileSync(path, 'utf8'))

    return typeof settings === 'object' && settings !== null ? settings : undefined
  } catch {
    return undefined
  }
}

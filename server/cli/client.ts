import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { userInfo } from 'node:os'
import { buffer } from 'node:stream/consumers'
import type { ProblemView } from '../api/index.ts'
import { Failure } from './failure.ts'
import type { ApiAnswer, ApiRequest } from './request.ts'

export interface ClientOptions {
  /** `http://address:port` of a Baton. */
  url: string
  token: string | undefined
  /** Answers in this process, when no Baton does. Left out: only a Baton will do. */
  offline?: (() => Promise<(request: ApiRequest) => Promise<ApiAnswer>>) | undefined
}

/** Sends a command's request to the Baton at the URL or, when none is there and it may, answers it from the same store. */
export class Client {
  readonly #options: ClientOptions
  #answer: ((request: ApiRequest) => Promise<ApiAnswer>) | undefined

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** Throws a Failure that says why, when the answer is not a 2xx. */
  async send(request: ApiRequest): Promise<ApiAnswer> {
    const answer = await this.#send({ ...request, headers: { ...this.#identity(), ...request.headers } })
    if (answer.status < 200 || answer.status > 299) throw refused(answer)

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
      if (why !== 'ECONNREFUSED') throw new Failure(`${url} cannot be reached: ${why}`)
      if (!offline)
        throw new Failure(
          `No Baton is running at ${url}. Start one with "npx baton serve", or name another with --url.`,
        )
      this.#answer = await offline()

      return this.#answer(request)
    }
  }

  // Not fetch(), which refuses ports that browsers refuse.
  async #overHttp({ method, path, headers = {}, body }: ApiRequest): Promise<ApiAnswer> {
    const url = new URL(path, this.#options.url)
    const sent = (url.protocol === 'https:' ? https : http).request(url, { method, headers })
    sent.end(body)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]

    return {
      status: response.statusCode ?? 0,
      type: response.headers['content-type'] ?? '',
      etag: response.headers.etag,
      // Not text(), which would take the byte order mark of a file away.
      text: (await buffer(response)).toString(),
    }
  }

  #identity(): Record<string, string> {
    const { token } = this.#options

    return { 'x-baton-actor': userName(), ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  }
}

function userName(): string {
  try {
    return userInfo().username.replace(/[^\x21-\x7e]/g, '_')
  } catch {
    // A user without a name, as in many containers.
    return 'cli'
  }
}

/** A URL that is shown, without the password in it. */
function withoutLogin(url: string): string {
  return url.replace(/^([a-z]+:\/\/)?.*@/is, '$1')
}

/** An error that tried several addresses says why of each of them only. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError) return causeOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)

  return (error as NodeJS.ErrnoException).code ?? error.message
}

function refused({ status, type, text }: ApiAnswer): Failure {
  if (!type.startsWith('application/problem+json')) {
    const detail = `HTTP ${status}: ${text.slice(0, 500)}`

    return new Failure(detail, { status, detail })
  }
  const problem = JSON.parse(text) as ProblemView
  const { title, detail, errors = [] } = problem
  const mistakes = errors.map(({ pointer, problem, hint, line }) => {
    const place = line === undefined ? pointer : `line ${line}, ${pointer}`

    return `  ${place || '(document)'}: ${problem}${hint === undefined ? '' : `; ${hint}`}`
  })

  return new Failure([`${title}: ${detail}`, ...mistakes].join('\n'), problem)
}

import { randomUUID } from 'node:crypto'
import { wallTime, type Clock } from '../../engine/index.ts'
import { resolverSeconds, type ResolverAnswer, type ResolverRecord, type AnswerProblem } from '../../routes/index.ts'
import { bodyUpTo, connectionProblem, signedHeaders } from '../http-endpoint.ts'
import { defined } from '../../base/defined.ts'

/** Requests to one origin at once: an endpoint that hangs delays so many transfers, each by its time-out. */
const maxInFlightByOrigin = 32
const maxInFlight = 128
const maxAnswerBytes = 65_536

/** What came of asking a resolver: `answered`, or why the route of the table is used. */
type ResolverResult =
  'answered' | 'timeout' | 'unreachable' | 'refused' | 'invalid' | 'denied' | 'busy' | 'no_secret' | 'cancelled'

/** Why an endpoint has given no answer that can be used. */
export interface ResolverFailure {
  result: Exclude<ResolverResult, 'answered'>
  detail: string
}

type EndpointAnswer = ResolverAnswer | ResolverFailure

function isFailure(answer: object): answer is ResolverFailure {
  return 'result' in answer
}

export interface ResolverClientParts {
  clock: Clock
  secrets: readonly { name: string; secret: string }[]
  /** Counts what came of a request, and how long it took. */
  observed: (result: ResolverResult, seconds: number) => void
}

/** Asks the resolvers of handoffs, one request for each step of a transfer that has one. Never rejects. */
export class ResolverClient {
  readonly #clock: Clock
  readonly #secrets: ReadonlyMap<string, string>
  readonly #observed: ResolverClientParts['observed']
  readonly #inFlight = new Map<string, number>()
  #total = 0

  constructor({ clock, secrets, observed }: ResolverClientParts) {
    this.#clock = clock
    this.#secrets = new Map(secrets.map(({ name, secret }) => [name, secret]))
    this.#observed = observed
  }

  /**
   * @param question the JSON of the request
   * @param judge what else makes an answer useless, so that it is counted as what it is
   * @param cancelled aborted when the transfer is over
   */
  async ask<T extends object>(
    resolver: ResolverRecord,
    question: object,
    judge: (answer: ResolverAnswer) => T | ResolverFailure,
    cancelled: AbortSignal,
  ): Promise<T | ResolverFailure> {
    const begun = this.#clock.now()
    const answer = await this.#bounded(resolver, JSON.stringify(question), cancelled)
    const judged = isFailure(answer) ? answer : judge(answer)
    this.#observed(isFailure(judged) ? judged.result : 'answered', (this.#clock.now() - begun) / 1000)

    return judged
  }

  async #bounded(resolver: ResolverRecord, body: string, cancelled: AbortSignal): Promise<EndpointAnswer> {
    const { origin } = new URL(resolver.url)
    const secret = resolver.secret === undefined ? undefined : this.#secrets.get(resolver.secret)
    if (resolver.secret !== undefined && secret === undefined) {
      return { result: 'no_secret', detail: `RESOLVER_SECRETS has no secret ${resolver.secret}` }
    }
    const underWay = this.#inFlight.get(origin) ?? 0
    if (underWay >= maxInFlightByOrigin || this.#total >= maxInFlight) {
      return { result: 'busy', detail: `${underWay} requests to it are under way, and ${this.#total} in all` }
    }
    this.#inFlight.set(origin, underWay + 1)
    this.#total += 1
    try {
      return await this.#post(resolver, secret, body, cancelled)
    } finally {
      const left = (this.#inFlight.get(origin) ?? 1) - 1
      if (left > 0) this.#inFlight.set(origin, left)
      else this.#inFlight.delete(origin)
      this.#total -= 1
    }
  }

  async #post(
    { url, timeout = resolverSeconds }: ResolverRecord,
    secret: string | undefined,
    body: string,
    cancelled: AbortSignal,
  ): Promise<EndpointAnswer> {
    const late = new AbortController()
    const timer = this.#clock.after(timeout * 1000, () => {
      late.abort()
    })
    try {
      const now = wallTime(this.#clock.now())
      const headers =
        secret === undefined ? { 'content-type': 'application/json' } : signedHeaders(secret, randomUUID(), now, body)
      const signal = AbortSignal.any([cancelled, late.signal])
      // The table names the endpoint: a redirection would name another one.
      const response = await fetch(url, { method: 'POST', redirect: 'manual', signal, headers, body })
      if (!response.ok) {
        await response.body?.cancel()

        return { result: 'refused', detail: `it answered ${response.status}` }
      }
      const answer = await bodyUpTo(response, maxAnswerBytes)

      return answer === undefined
        ? { result: 'invalid', detail: `its answer has more than ${maxAnswerBytes} bytes` }
        : readAnswer(answer.toString('utf8'))
    } catch (error) {
      if (cancelled.aborted) return { result: 'cancelled', detail: 'the transfer ended before it answered' }
      if (late.signal.aborted) return { result: 'timeout', detail: `no answer within ${timeout} s` }

      return { result: 'unreachable', detail: connectionProblem(error, url) }
    } finally {
      timer.cancel()
    }
  }
}

const maxRouteLength = 1000
const maxHeaders = 100
const maxHeaderLength = 4096
const maxAnnounceLength = 1000

/** Reads the body of an answer: `{ route?, headers?, announce? }`; an empty body decides nothing. Other fields are ignored. */
export function readAnswer(text: string): ResolverAnswer | AnswerProblem {
  if (text.trim() === '') return {}
  const read = parsed(text)
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return invalid('it is no JSON object')
  const { route, headers = {}, announce } = read as Record<string, unknown>
  if (!isTextUpTo(route, maxRouteLength)) return invalid(`its route is no text of at most ${maxRouteLength} characters`)
  if (!isTextUpTo(announce, maxAnnounceLength)) {
    return invalid(`its announce is no text of at most ${maxAnnounceLength} characters`)
  }
  if (!areHeaders(headers)) {
    return invalid(`its headers are no names with texts, at most ${maxHeaders} of ${maxHeaderLength} characters`)
  }

  return { headers, ...defined({ route: route ?? undefined, announce: announce ?? undefined }) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function invalid(detail: string): AnswerProblem {
  return { result: 'invalid', detail }
}

/** null is as good as left out. */
function isTextUpTo(value: unknown, maxLength: number): value is string | null | undefined {
  return value === undefined || value === null || (typeof value === 'string' && value.length <= maxLength)
}

function areHeaders(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const values = Object.values(value)

  return (
    values.length <= maxHeaders && values.every((each) => typeof each === 'string' && each.length <= maxHeaderLength)
  )
}

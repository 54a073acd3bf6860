import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'

import { boundHttpServer, defaultHttpBounds, sourceOf, type HttpBounds, BoundedMap } from '../../engine/index.ts'
import { ApiRefusal } from './problems.ts'

/** Bounds on what the clients of an HTTP listener may ask for and hold. */
export interface HttpLimits extends HttpBounds {
  /** Requests a second from one source. */
  rate: number
}

export const defaultHttpLimits: HttpLimits = { ...defaultHttpBounds, rate: 1000 }

const rateWindowMs = 1_000

/** Counts requests for the rate limiter, whose own store goes by the system's clock: with one that steps back it would refuse all. */
class RateStore {
  readonly #counts = new WindowedCounts(rateWindowMs)

  incr(key: string, done: (error: Error | null, result?: { current: number; ttl: number }) => void): void {
    const { count, leftMs } = this.#counts.count(key)
    done(null, { current: count, ttl: leftMs })
  }

  child(): this {
    return this
  }
}

/** Hears what happens at an HTTP listener. */
export interface HttpObserver {
  /** @param route the pattern of the path; undefined when there is none */
  answered(answer: { route: string | undefined; method: string; status: number }): void
  /** A connection was refused or cut off. */
  cutOff(reason: string): void
}

/**
 * Holds a listener's clients to the limits, and gives every answer the headers that keep browsers from misusing it. It comes
 * before all other hooks, so that what is beyond the limits costs nothing else.
 */
export async function guardDoor(
  api: FastifyInstance,
  { rate, ...bounds }: HttpLimits,
  observer: HttpObserver | undefined,
): Promise<void> {
  boundHttpServer(api.server, bounds, (why) => observer?.cutOff(why))
  api.addHook('onResponse', (request, reply, done) => {
    observer?.answered({ route: request.routeOptions.url, method: request.method, status: reply.statusCode })
    done()
  })

  await api.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        // Swagger UI and the component library of the pages write style elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
      },
    },
    frameguard: { action: 'deny' },
    // Baton speaks plain HTTP; whether TLS is in front of it is for that proxy to say.
    hsts: false,
  })

  await api.register(rateLimit, {
    global: false,
    max: rate,
    timeWindow: rateWindowMs,
    keyGenerator: (request) => sourceOf(request.ip),
    store: RateStore,
  })
  const limited = api.createRateLimit()
  api.addHook('onRequest', async (request, reply) => {
    const state = await limited(request)
    if (state.isAllowed || !state.isExceeded) return
    void reply.header('retry-after', '1')
    throw new ApiRefusal('too_many_requests', `One address may ask ${rate} times a second (HTTP_RATE).`)
  })
}

/** Answers up to this length are not counted: the bound on connections bounds them. */
const uncountedLength = 256 * 1024
/** What longer answers may take, all that are on their way together. */
const budgetLength = 32 * 1024 * 1024

/** Bounds the memory that long answers, such as whole tables, take while their readers have not taken them. */
export function budgetAnswers(api: FastifyInstance): void {
  let taken = 0

  api.addHook('onSend', (_request, reply, payload: unknown, done) => {
    const length = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0
    if (length <= uncountedLength) {
      done(null, payload)

      return
    }
    if (taken + length > budgetLength) {
      void reply.header('retry-after', '1')
      done(new ApiRefusal('busy', 'Too many long answers are on their way; ask again in a moment.'))

      return
    }
    taken += length
    reply.raw.once('close', () => (taken -= length))
    done(null, payload)
  })
}

const maxKeys = 5_000

/** Counts what each source does within a time. It goes by a clock that never steps back, and remembers a bounded number of sources. */
export class WindowedCounts {
  readonly #windowMs: number
  readonly #now: () => number
  readonly #windows = new BoundedMap<{ count: number; since: number }>(maxKeys)

  constructor(windowMs: number, now = () => performance.now()) {
    this.#windowMs = windowMs
    this.#now = now
  }

  /** Counts one. Returns how many there were in the window, this one included, and when the window is over. */
  count(key: string): { count: number; leftMs: number } {
    const now = this.#now()
    const window = this.#windows.get(key)
    if (window && now - window.since < this.#windowMs) {
      window.count += 1

      return { count: window.count, leftMs: window.since + this.#windowMs - now }
    }
    this.#windows.set(key, { count: 1, since: now })

    return { count: 1, leftMs: this.#windowMs }
  }
}

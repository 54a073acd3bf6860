import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'

import { boundHttpServer, defaultHttpBounds, networkOf, type HttpBounds, BoundedMap } from '../../engine/index.ts'
import { ApiRefusal } from './problems.ts'
import { turn } from './streamed-answers.ts'

/** Limits on the requests and connections of an HTTP listener's clients. */
export interface HttpLimits extends HttpBounds {
  /** Requests per second from one source. */
  rate: number
}

export const defaultHttpLimits: HttpLimits = { ...defaultHttpBounds, rate: 1000 }

const rateWindowMs = 1_000
/** Requests that are answered in the turn of the event loop in which they came; the others wait for a turn of their own. */
const maxRequestsInOneTurn = 8

/** The store of the rate limiter. The plugin's own store reads the system's clock, and refuses every request after a step back. */
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

/** Observes an HTTP listener. */
export interface HttpObserver {
  /** @param route the pattern of the path; undefined when there is none */
  answered(answer: { route: string | undefined; method: string; status: number }): void
  /** A connection was refused or cut off. */
  cutOff(reason: string): void
}

/**
 * Enforces the limits, and adds the security headers for browsers to every answer. These hooks come first, so that a request
 * over the limits costs little.
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
        // Swagger UI writes style elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
      },
    },
    frameguard: { action: 'deny' },
    crossOriginOpenerPolicy: false,
    // Baton serves plain HTTP; a TLS proxy in front of it may add HSTS.
    hsts: false,
  })

  // Browsers complain of this header where it has no effect: at an address by plain HTTP beyond loopback (HTML standard, 7.1.3).
  // Fetch metadata is sent to other addresses alone (Fetch Metadata Request Headers, 2), whatever proxy speaks TLS.
  api.addHook('onRequest', (request, reply, done) => {
    const isTrustworthy = request.protocol === 'https' || request.headers['sec-fetch-mode'] !== undefined
    if (isTrustworthy) void reply.header('cross-origin-opener-policy', 'same-origin')
    done()
  })

  await api.register(rateLimit, {
    global: false,
    max: rate,
    timeWindow: rateWindowMs,
    keyGenerator: (request) => networkOf(request.ip),
    store: RateStore,
  })
  const limited = api.createRateLimit()
  api.addHook('onRequest', async (request, reply) => {
    const state = await limited(request)
    if (state.isAllowed || !state.isExceeded) return
    void reply.header('retry-after', '1')
    throw new ApiRefusal('too_many_requests', `One address may ask ${rate} times a second (HTTP_RATE).`)
  })

  let taken = 0
  // A client may send hundreds of requests at once (RFC 9112 9.3.2): SIP is served between them.
  api.addHook('onRequest', async () => {
    if (taken === 0) setImmediate(() => (taken = 0))
    if (++taken > maxRequestsInOneTurn) await turn()
  })
}

/** Bytes. Shorter answers are not counted: the bound on connections bounds them. */
const maxUncountedLength = 256 * 1024
/** Bytes of all longer answers that are being sent. */
const maxUnsentLength = 32 * 1024 * 1024

/** Bounds the memory of long answers, such as whole tables, that their clients have not read yet. */
export function budgetAnswers(api: FastifyInstance): void {
  let taken = 0

  api.addHook('onSend', (_request, reply, payload: unknown, done) => {
    const length = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0
    if (length <= maxUncountedLength) {
      done(null, payload)

      return
    }
    if (taken + length > maxUnsentLength) {
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

/** Counts events per source in a window of time, by a clock that never steps back, for a bounded number of sources. */
export class WindowedCounts {
  readonly #windowMs: number
  readonly #now: () => number
  readonly #windows = new BoundedMap<{ count: number; since: number }>(maxKeys)

  constructor(windowMs: number, now = () => performance.now()) {
    this.#windowMs = windowMs
    this.#now = now
  }

  /** Counts an event. Returns the count of the window, and the time until it ends. */
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

  /** Takes one event of the window back. */
  uncount(key: string): void {
    const window = this.#windows.get(key)
    if (window) window.count -= 1
  }

  /** Begins the key's next window. */
  forget(key: string): void {
    this.#windows.delete(key)
  }
}

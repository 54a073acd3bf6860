import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import { boundHttpServer, defaultHttpBounds, sourceOf, type HttpBounds } from '../../engine/index.ts'
import { ApiRefusal } from './problems.ts'
import { WindowedCounts } from './windowed-counts.ts'

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

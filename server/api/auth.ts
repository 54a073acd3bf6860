import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiRefusal } from './problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token. */
    open?: boolean
  }
}

/** Wants `Authorization: Bearer <token>` (RFC 6750) for all that is not open; without a token, only keeps other sites out. */
export function requireToken(api: FastifyInstance, token: string | undefined): void {
  const wanted = token === undefined ? undefined : digest(token)

  api.addHook('onRequest', async (request, reply) => {
    keepOtherSitesOut(request, wanted !== undefined)
    if (wanted === undefined || request.routeOptions.config.open) return

    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
    if (given !== undefined && timingSafeEqual(digest(given), wanted)) return

    void reply.header(
      'www-authenticate',
      given === undefined ? 'Bearer realm="baton"' : 'Bearer realm="baton", error="invalid_token"',
    )
    throw new ApiRefusal(
      'unauthorized',
      given === undefined
        ? 'Send the header "Authorization: Bearer <ADMIN_TOKEN>".'
        : 'The token is not the one that ADMIN_TOKEN has set.',
    )
  })
}

// Both sides are hashed, so that the time of the comparison tells neither content nor length.
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/**
 * A page of another site must not reach Baton through the browser of somebody who may: neither by a request across
 * origins, nor, where no token guards it, under a name that was made to resolve to this machine (DNS rebinding).
 */
function keepOtherSitesOut(request: FastifyRequest, guarded: boolean): void {
  const { origin, host } = request.headers
  const changes = request.method !== 'GET' && request.method !== 'HEAD'
  if (changes && origin !== undefined && hostOf(origin) !== host) {
    throw new ApiRefusal('foreign_origin', `Requests from pages of ${origin} are not accepted.`)
  }
  if (!guarded && !namesThisMachine(request.hostname)) {
    throw new ApiRefusal(
      'foreign_origin',
      `Without ADMIN_TOKEN, Baton answers to "localhost" or an IP address, not to the name "${request.hostname}".`,
    )
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function namesThisMachine(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '')

  return name === '' || name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0
}

/** Who did it and from where, for the history. The name is what the client says: all that hold the token are trusted alike. */
export function actorOf(request: FastifyRequest, why?: string): { who: string; from: string; why?: string } {
  const named = request.headers['x-baton-actor']
  const name =
    typeof named === 'string'
      ? named
          .replace(/[^\x20-\x7e]/g, '')
          .trim()
          .slice(0, 100)
      : ''
  const who = name || (request.headers.authorization === undefined ? 'anonymous' : 'admin')

  return { who, from: request.ip, ...(why !== undefined && { why }) }
}

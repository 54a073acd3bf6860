import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { ApiRefusal } from './problems.ts'

/**
 * Refuses requests of other sites' pages, which an operator's browser would send: across origins and, where no token is
 * needed, under a host name that resolves to this machine (DNS rebinding).
 */
export function refuseOtherSites(request: FastifyRequest, guarded: boolean, publicUrl?: string): void {
  const { origin } = request.headers
  const changes = request.method !== 'GET' && request.method !== 'HEAD'
  if (changes && origin !== undefined && !isOwnOrigin(origin, request.host, publicUrl)) {
    throw new ApiRefusal('foreign_origin', `Requests from pages of ${origin} are not accepted.`)
  }
  if (!guarded && !namesThisMachine(request.hostname)) {
    throw new ApiRefusal(
      'foreign_origin',
      `Without ADMIN_TOKEN, Baton answers to "localhost" or an IP address, not to the name "${request.hostname}".`,
    )
  }
}

/**
 * Refuses a change that came with a cookie and without Origin: browsers add the cookie by themselves (CSRF), and every one
 * sends Origin with a change (Fetch standard, 3.2).
 */
export function refuseWithoutOrigin({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD' || headers.origin !== undefined) return
  throw new ApiRefusal(
    'foreign_origin',
    'A change that is signed in by cookie needs the header Origin; programs use a token.',
  )
}

/** A proxy in front of Baton may name another host to it than browsers do: that of PUBLIC_URL is Baton's, too. */
function isOwnOrigin(origin: string, host: string, publicUrl: string | undefined): boolean {
  const from = hostOf(origin)

  return from !== undefined && (from === host || (publicUrl !== undefined && from === hostOf(publicUrl)))
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function namesThisMachine(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '')

  return name === '' || name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0
}

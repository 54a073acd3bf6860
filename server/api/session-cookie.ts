import { isLoopback } from '../../base/address.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** With the prefix, browsers take the cookie over TLS only, and from no other host (RFC 6265bis 4.1.3.2). */
const names = { secure: '__Host-baton_session', plain: 'baton_session' }

/** The session that the browser's cookie names. */
export function sessionOf({ cookies }: FastifyRequest): string | undefined {
  return cookies[names.secure] ?? cookies[names.plain]
}

export function setSession(request: FastifyRequest, reply: FastifyReply, secret: string, expiresAt: string): void {
  const secure = isSecure(request)
  void reply.setCookie(secure ? names.secure : names.plain, secret, {
    ...cookieOf(secure),
    expires: new Date(expiresAt),
  })
}

export function clearSession(request: FastifyRequest, reply: FastifyReply): void {
  const secure = isSecure(request)
  void reply.clearCookie(secure ? names.secure : names.plain, cookieOf(secure))
}

/** Scripts cannot read the cookie, and requests from pages of other sites do not carry it, except for links (RFC 6265bis 5.6.7). */
function cookieOf(secure: boolean) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const
}

/** All but plain HTTP on the loopback: beyond it, a proxy speaks TLS. */
export function isSecure({ hostname, headers, protocol }: FastifyRequest): boolean {
  const isByTls = protocol === 'https' || headers.origin?.startsWith('https:') === true

  return isByTls || !isLoopback(hostname.replace(/^\[|\]$/g, ''))
}

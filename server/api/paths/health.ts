import { Type } from 'typebox'
import type { ApiParts, Health } from '../parts.ts'
import type { Api } from '../typed.ts'

const HealthView = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('unavailable')]),
  checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.Optional(Type.String()) })),
})

/** For whoever restarts Baton (`/livez`) and whoever sends it calls (`/readyz`). Open to all. */
export function healthPaths(api: Api, { health }: ApiParts): void {
  const answer = (reply: { status(code: 200 | 503): unknown }, ok: boolean, { checks }: Health) => {
    reply.status(ok ? 200 : 503)

    return { status: ok ? ('ok' as const) : ('unavailable' as const), checks }
  }
  const options = (summary: string) => ({
    config: { open: true },
    schema: { tags: ['health'], summary, security: [], response: { 200: HealthView, 503: HealthView } },
  })

  api.get('/livez', options('Is the process well?'), (_request, reply) => {
    const now = health()

    return answer(reply, now.live, now)
  })

  api.get('/readyz', options('Does it take calls?'), (_request, reply) => {
    const now = health()

    return answer(reply, now.ready, now)
  })
}

import { Type } from 'typebox'

import type { Health } from '../../health.ts'
import type { ApiParts } from '../parts.ts'
import { type Api, answers } from '../path-parts.ts'
import { CheckFinding } from '../../checkup/index.ts'

const HealthView = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('degraded'), Type.Literal('unavailable')]),
  checks: Type.Array(
    Type.Object({
      name: Type.Union([Type.Literal('sip'), Type.Literal('draining'), Type.Literal('routes'), Type.Literal('cdr')]),
      ok: Type.Boolean(),
      state: Type.Union([Type.Literal('ok'), Type.Literal('degraded'), Type.Literal('failed')], {
        description: 'degraded: calls go on without it; failed: no calls are taken',
      }),
      detail: Type.Optional(Type.String({ description: 'Why' })),
    }),
  ),
})

/** Health for orchestrators (`/livez`) and load balancers (`/readyz`), without a token. */
export function healthPaths(api: Api, { health }: ApiParts): void {
  const answer = (
    reply: { status(code: 200 | 503): unknown },
    status: 'ok' | 'degraded' | 'unavailable',
    { checks }: Health,
  ) => {
    reply.status(status === 'unavailable' ? 503 : 200)

    return { status, checks }
  }
  const options = (summary: string, description: string) => ({
    config: { access: 'open' as const },
    schema: { tags: ['health'], summary, description, security: [], response: { 200: HealthView, 503: HealthView } },
  })

  api.get('/livez', options('Is the process well?', '503 once it is stopping.'), (_request, reply) => {
    const now = health()

    return answer(reply, now.live ? 'ok' : 'unavailable', now)
  })

  api.get(
    '/readyz',
    options(
      'Does it take calls?',
      '200 while it does, also when it goes on without a part, such as Redis: the status is degraded then. 503 when it does not: ' +
        'while it starts or drains, without SIP, without any routing table.',
    ),
    (_request, reply) => {
      const now = health()
      const well = now.checks.every(({ state }) => state === 'ok') ? 'ok' : 'degraded'

      return answer(reply, now.ready ? well : 'unavailable', now)
    },
  )
}

/** The findings of `doctor` about a running Baton. */
export function doctorPaths(api: Api, { doctor }: ApiParts): void {
  api.get(
    '/v1/doctor',
    {
      config: { access: 'viewer', scope: 'shared' },
      schema: {
        tags: ['health'],
        summary: 'Everything that Baton can say of itself: readiness, settings, certificates, trunks, environments',
        description: 'ok is false when a finding has failed.',
        response: answers({ 200: Type.Object({ ok: Type.Boolean(), findings: Type.Array(CheckFinding) }) }, 401),
      },
    },
    async () => {
      const findings = (await doctor?.()) ?? []

      return { ok: findings.every(({ state }) => state !== 'failed'), findings }
    },
  )
}

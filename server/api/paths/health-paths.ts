import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'

import type { Health } from '../../health.ts'
import type { ApiParts } from '../parts.ts'
import { type Api, answers, withoutBody } from '../path-parts.ts'
import { CheckFinding } from '../../checkup/index.ts'

const HealthView = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('degraded'), Type.Literal('unavailable')]),
  checks: Type.Array(
    Type.Object({
      name: Type.Enum(['sip', 'draining', 'routes', 'cdr', 'history', 'audit', 'recovery', 'media'], {
        description:
          'history: ended calls are kept for searches; audit: changes are written to the history (GET /v1/history)',
      }),
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
  const checkup = async ({ principal }: FastifyRequest, asksTargets: boolean) => {
    const findings = (await doctor?.(asksTargets, (project) => principal.sees(project))) ?? []

    return { ok: findings.every(({ state }) => state !== 'failed'), findings }
  }
  const tags = ['health']
  const description = 'ok is false when a finding has failed; warnings leave it true. The same as `npx baton doctor`.'

  api.get(
    '/v1/doctor',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        ...{ tags, description },
        summary: 'What is wrong with this Baton: settings, machine, Redis, certificates, targets, clocks, numbers',
        response: answers({ 200: Checkup }, 401),
      },
    },
    (request) => checkup(request, false),
  )

  api.post(
    '/v1/doctor',
    {
      config: { access: 'operator', changesNothing: true },
      preValidation: withoutBody,
      schema: {
        ...{ tags, description },
        summary: 'The same, after every agent, gateway and handoff’s host was asked by OPTIONS',
        response: answers({ 200: Checkup }, 401),
      },
    },
    (request) => checkup(request, true),
  )
}

const Checkup = Type.Object({ ok: Type.Boolean(), findings: Type.Array(CheckFinding) }, { title: 'Checkup' })

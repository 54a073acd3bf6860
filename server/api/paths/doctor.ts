import { Type } from 'typebox'
import { Finding } from '../../checkup/index.ts'
import type { ApiParts } from '../parts.ts'
import { answers, type Api } from '../typed.ts'

/** What an operator should know of a running Baton, and what to do about it. */
export function doctorPaths(api: Api, { doctor }: ApiParts): void {
  api.get(
    '/v1/doctor',
    {
      schema: {
        tags: ['health'],
        summary: 'Everything that Baton can say of itself: readiness, settings, certificates, trunks, environments',
        description: 'ok is false when a finding has failed.',
        response: answers({ 200: Type.Object({ ok: Type.Boolean(), findings: Type.Array(Finding) }) }, 401),
      },
    },
    async () => {
      const findings = (await doctor?.()) ?? []

      return { ok: findings.every(({ state }) => state !== 'failed'), findings }
    },
  )
}

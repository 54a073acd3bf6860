import type { Health } from '../health.ts'
import type { Finding } from './finding.ts'

/** The checks of `/readyz`. */
export function checkHealth({ checks }: Pick<Health, 'checks'>): Finding[] {
  return checks.map(({ name, state, detail = 'is well' }) => ({
    check: name,
    state: state === 'degraded' ? 'warning' : state,
    detail,
  }))
}

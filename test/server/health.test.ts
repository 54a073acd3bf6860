import assert from 'node:assert/strict'
import { healthOf, type HealthInputs } from '../../server/health.ts'

const well: HealthInputs = {
  live: true,
  sipProblem: undefined,
  draining: false,
  storeProblem: undefined,
  projects: 1,
  cdrProblem: undefined,
  historyProblem: undefined,
  auditProblem: undefined,
  journalProblem: undefined,
  mediaProblem: undefined,
}
const bad = (over: Partial<HealthInputs>) => {
  const { ready, checks } = healthOf({ ...well, ...over })

  return { ready, bad: checks.filter(({ ok }) => !ok).map(({ name, state, detail }) => `${name} ${state}: ${detail}`) }
}

describe('Baton’s readiness', () => {
  it('is given when all is well, and before there is a project', () => {
    assert.deepEqual(bad({}), { ready: true, bad: [] })
    assert.deepEqual(bad({ projects: 0 }), { ready: true, bad: [] })
  })

  it('stays while calls go on without Redis, or without records', () => {
    assert.deepEqual(bad({ storeProblem: 'Redis at a:6379: ECONNREFUSED' }), {
      ready: true,
      bad: ['routes degraded: calls go on with the last good tables: Redis at a:6379: ECONNREFUSED'],
    })
    assert.deepEqual(bad({ cdrProblem: 'ENOSPC' }), { ready: true, bad: ['cdr degraded: ENOSPC'] })
    assert.deepEqual(bad({ historyProblem: 'ENOSPC', auditProblem: 'EACCES' }), {
      ready: true,
      bad: [
        'history degraded: ended calls are not kept: ENOSPC',
        'audit degraded: changes are not in the history: EACCES',
      ],
    })
  })

  it('ends when no call can be taken', () => {
    assert.equal(bad({ sipProblem: 'gone' }).ready, false)
    assert.equal(bad({ draining: true }).ready, false)
    assert.deepEqual(bad({ projects: 0, storeProblem: 'away' }), {
      ready: false,
      bad: ['routes failed: there are no tables to serve calls from: away'],
    })
  })
})

import assert from 'node:assert/strict'
import { checkTargets } from '../../../server/checkup/index.ts'

describe('the check of targets', () => {
  it('names those that calls pass over, and why', () => {
    const target = {
      kind: 'gateway',
      uri: 'sip:192.0.2.1',
      reason: 'no answer to OPTIONS',
      usedBy: ['trunk a'],
    } as const
    const states = ['up', 'unknown', 'down', 'half_open', 'disabled', 'draining'] as const
    const found = checkTargets(states.map((state) => ({ ...target, usedBy: [...target.usedBy], state })))
    assert.deepEqual(
      found.map(({ state }) => state),
      ['failed', 'failed', 'warning', 'warning'],
    )
    assert.deepEqual(
      [found[0]?.check, found[0]?.detail],
      ['gateway sip:192.0.2.1', 'down (no answer to OPTIONS), used by trunk a'],
    )
  })
})

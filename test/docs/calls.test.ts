import assert from 'node:assert/strict'
import { agentRefusalOf, agentRefusals } from '../../server/calls/agent-refusals.ts'
import { pageWithAgentRefusals } from './agent-refusals.ts'

describe('the page on calls', () => {
  it('shows what an agent’s refusal means as it is in the code (npm run docs prints it anew)', async () => {
    const { found, right } = await pageWithAgentRefusals()

    assert.equal(found, right)
  })

  it('names each status once, and every status has a meaning', () => {
    const named = agentRefusals.flatMap(({ statuses }) =>
      typeof statuses === 'string' ? [statuses] : [...statuses].map(String),
    )
    assert.equal(new Set(named).size, named.length)
    for (let status = 300; status < 700; status++) assert.ok(agentRefusalOf(status).then)
    // What only one leg can understand is never said to a caller.
    for (const status of [300, 302, 305, 380, 401, 407, 420, 421, 422, 481, 482, 483, 494]) {
      assert.notEqual(agentRefusalOf(status).then, 'refuse', String(status))
    }
  })
})

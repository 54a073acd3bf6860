import assert from 'node:assert/strict'
import { callFindings, diagnoseCall } from '../../../server/calls/call-diagnosis.ts'
import { unanswered } from '../../../server/legs/termination.ts'

describe('The diagnosis of a call without an answer', () => {
  it('has words for every end, and leaves no gap in them', () => {
    for (const [name, { reason }] of Object.entries(unanswered)) assert.equal(name, reason)
    for (const reason of Object.keys(callFindings)) {
      assert.doesNotMatch(
        diagnoseCall({ reason, sipStatus: 503, called: '+14155550100' }),
        /[{}]|undefined|defect.+defect/,
      )
    }
  })

  it('says what each agent answered, and that agent_down was of no use', () => {
    const tried = [
      { uri: 'sip:agent@192.0.2.1', what: '486 Busy Here' },
      { uri: 'sip:agent@192.0.2.2', what: '408 No Response (made by Baton: nothing came)' },
    ]
    assert.equal(
      diagnoseCall({ reason: 'no_agent', sipStatus: 503, called: '+1', tried, agentDown: 'duty-manager' }),
      'No agent took the call. What each answered: sip:agent@192.0.2.1: 486 Busy Here; ' +
        'sip:agent@192.0.2.2: 408 No Response (made by Baton: nothing came). ' +
        'The handoff under `agent_down`, duty-manager, did not take it either. ' +
        'See that the agents of the environment run, and that their addresses are right; `baton doctor` asks them.',
    )
  })
})

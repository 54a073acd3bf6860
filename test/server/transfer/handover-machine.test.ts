import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ignore } from '../../../engine/index.ts'
import {
  handoverMachine,
  type HandoverAction,
  type HandoverInput,
  type HandoverState,
} from '../../../server/transfer/handover-machine.ts'

const inputs = Object.keys(handoverMachine.ringing) as HandoverInput[]

function run(...sequence: HandoverInput[]): { state: HandoverState; actions: HandoverAction[] } {
  let state: HandoverState = 'ringing'
  const actions: HandoverAction[] = []
  for (const input of sequence) {
    const transition: (typeof handoverMachine)[HandoverState][HandoverInput] = handoverMachine[state][input]
    if (transition === ignore) continue
    state = transition.state
    actions.push(...transition.actions)
  }

  return { state, actions }
}

const asked: HandoverInput[] = ['answered', 'dialled', 'announced']
const endings: HandoverAction[] = ['decline', 'refuse', 'succeed']

describe('a handover, once the destination has answered', () => {
  it('moves the caller once the person has accepted, and lets the agent go after the introduction', () => {
    assert.deepEqual(run(...asked, 'accepted', 'moved', 'introduced'), {
      state: 'ended',
      actions: ['dial', 'announce', 'ask', 'join', 'introduce', 'succeed'],
    })
  })

  it('takes a digit during the announcement, which ends then', () => {
    assert.deepEqual(run('answered', 'dialled', 'accepted').actions.slice(-2), ['endAnnouncement', 'join'])
    assert.deepEqual(run('answered', 'dialled', 'declined').actions.slice(-2), ['endAnnouncement', 'decline'])
  })

  it('does not move a caller whom the person declined, or whom no digit accepted', () => {
    for (const [input, action] of [
      ['declined', 'decline'],
      ['unaccepted', 'refuse'],
    ] as const) {
      const { state, actions } = run(...asked, input, 'accepted', 'assumed', 'moved')
      assert.deepEqual([state, actions.at(-1), actions.includes('join')], ['ended', action, false])
    }
  })

  it('has succeeded when the caller, the agent or the time is gone during the introduction, and not before', () => {
    for (const input of ['agentLeft', 'callerLeft', 'deadline'] as const) {
      assert.equal(run(...asked, 'accepted', 'moved', input).actions.at(-1), 'succeed')
      assert.ok(!run(...asked, 'accepted', input, 'introduced').actions.includes('succeed'))
    }
    assert.ok(!run(...asked, 'accepted', 'moved', 'stopped').actions.includes('succeed'))
  })

  it('comes to one end at most, joins once at most, and only after an acceptance, whatever comes in what order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 40 }), (sequence) => {
        const { state, actions } = run(...sequence)
        const ends = actions.filter((action) => endings.includes(action)).length
        const joins = actions.filter((action) => action === 'join').length
        assert.ok(ends <= 1 && joins <= 1)
        if (joins > 0) assert.ok(sequence.includes('accepted') || sequence.includes('assumed'))
        if (actions.includes('succeed')) assert.equal(joins, 1)
        if (ends > 0) assert.equal(state, 'ended')
        assert.equal(run(...sequence, 'stopped').state, 'ended')
      }),
    )
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ignore } from '../../../engine/index.ts'
import { referMachine, type ReferInput, type ReferState } from '../../../server/transfer/refer-machine.ts'

const inputs = Object.keys(referMachine.asked) as ReferInput[]
const verdicts = ['refused', 'succeeded', 'failed', 'abandoned', 'unheard', 'judgeBye']

function run(...sequence: ReferInput[]): { state: ReferState; actions: string[] } {
  let state: ReferState = 'asked'
  const actions: string[] = []
  for (const input of sequence) {
    const transition: (typeof referMachine)[ReferState][ReferInput] = referMachine[state][input]
    if (transition === ignore) continue
    state = transition.state
    actions.push(...transition.actions)
  }

  return { state, actions }
}

describe('a REFER that we sent', () => {
  it('is no success because it was accepted', () => {
    assert.deepEqual(run('accepted'), { state: 'accepted', actions: ['listen'] })
  })

  it('succeeds with a 2xx sipfrag, even when that overtakes the 202', () => {
    assert.deepEqual(run('accepted', 'progress', 'success').actions, ['listen', 'listen', 'succeeded'])
    assert.deepEqual(run('success', 'accepted').actions, ['succeeded'])
  })

  it('is of unknown outcome when nothing is heard after the 202', () => {
    assert.deepEqual(run('accepted', 'silence').actions, ['listen', 'unheard'])
  })

  it('waits a moment for a NOTIFY when BYE comes first', () => {
    assert.deepEqual(run('accepted', 'bye', 'success').actions, ['listen', 'linger', 'succeeded'])
    assert.deepEqual(run('accepted', 'bye', 'silence').actions, ['listen', 'linger', 'judgeBye'])
  })

  it('is abandoned when the caller leaves before it has answered', () => {
    assert.deepEqual(run('bye', 'accepted', 'success').actions, ['abandoned'])
  })

  it('comes to one verdict at most, and to none of its own after the end', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 30 }), (sequence) => {
        const { state, actions } = run(...sequence)
        const reached = actions.filter((action) => verdicts.includes(action))
        assert.equal(reached.length, state === 'ended' ? 1 : 0)
        if (state === 'ended') assert.equal(actions.at(-1), reached[0])
      }),
    )
  })

  it('always ends once its timer has run out twice', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 30 }), (sequence) => {
        assert.equal(run('accepted', ...sequence, 'silence', 'silence').state, 'ended')
      }),
    )
  })
})

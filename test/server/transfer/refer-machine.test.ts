import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ignore } from '../../../engine/index.ts'
import { referMachine, type ReferInput, type ReferState } from '../../../server/transfer/refer-machine.ts'

const inputs = Object.keys(referMachine.asked) as ReferInput[]
const outcomes = ['refused', 'succeeded', 'failed', 'abandoned']
/** Outcomes without proof. */
const guessed = ['unreported', 'judgeBye']

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
    assert.deepEqual(run('accepted', 'silence').actions, ['listen', 'unreported'])
  })

  it('waits a moment for a NOTIFY when BYE comes first', () => {
    assert.deepEqual(run('accepted', 'bye', 'success').actions, ['listen', 'linger', 'succeeded'])
    assert.deepEqual(run('accepted', 'bye', 'silence').actions, ['listen', 'linger', 'judgeBye'])
  })

  it('goes on when its 202 comes after the BYE', () => {
    assert.deepEqual(run('bye', 'accepted', 'success').actions, ['linger', 'linger', 'succeeded'])
    assert.deepEqual(run('bye', 'accepted', 'silence').actions, ['linger', 'linger', 'judgeBye'])
    assert.deepEqual(run('bye', 'success').actions, ['linger', 'succeeded'])
  })

  it('is abandoned when the caller leaves and does not accept it', () => {
    for (const answer of ['refused', 'doubtful', 'silence'] as const) {
      assert.deepEqual(run('bye', answer).actions, ['linger', 'abandoned'])
    }
  })

  it('is a refusal only of a caller whose dialog is alive, when the refusal may speak of that', () => {
    assert.deepEqual(run('doubtful', 'alive').actions, ['probe', 'refused'])
    assert.deepEqual(run('doubtful', 'bye').actions, ['probe', 'abandoned'])
  })

  it('has another outcome once proof comes after one without', () => {
    assert.deepEqual(run('accepted', 'silence', 'success').actions, ['listen', 'unreported', 'succeeded'])
    assert.deepEqual(run('accepted', 'bye', 'silence', 'failure').actions, ['listen', 'linger', 'judgeBye', 'failed'])
  })

  it('comes to one outcome at most, which proof alone amends, and to none of its own after the end', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 30 }), (sequence) => {
        const { state, actions } = run(...sequence)
        const guesses = actions.filter((action) => guessed.includes(action))
        const proofs = actions.filter((action) => outcomes.includes(action))
        assert.equal(proofs.length, state === 'ended' ? 1 : 0)
        assert.ok(guesses.length <= 1)
        if (state === 'guessed') assert.equal(actions.at(-1), guesses[0])
        if (state === 'ended') assert.equal(actions.at(-1), proofs[0])
        if (guesses.length > 0 && proofs.length > 0) assert.ok(['succeeded', 'failed'].includes(proofs[0] ?? ''))
      }),
    )
  })

  it('always ends once its timer has run out twice', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 30 }), (sequence) => {
        assert.ok(['guessed', 'ended'].includes(run('accepted', ...sequence, 'silence', 'silence').state))
      }),
    )
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ignore } from '../../../engine/index.ts'
import { callMachine, type CallAction, type CallInput, type CallState } from '../../../server/calls/call-machine.ts'

const states = Object.keys(callMachine) as CallState[]
const inputs = Object.keys(callMachine.setup) as CallInput[]

function run(...sequence: CallInput[]): { state: CallState; actions: CallAction[] } {
  let state: CallState = 'setup'
  const actions: CallAction[] = []
  for (const input of sequence) {
    const transition: (typeof callMachine)[CallState][CallInput] = callMachine[state][input]
    if (transition === ignore) continue
    state = transition.state
    actions.push(...transition.actions)
  }

  return { state, actions }
}

describe('the state of a call', () => {
  it('is ended by `over`, in every state, and by nothing else', () => {
    for (const state of states) {
      for (const input of inputs) {
        const transition: (typeof callMachine)[CallState][CallInput] = callMachine[state][input]
        const ends = transition !== ignore && transition.state === 'ended'
        assert.equal(ends, input === 'over' && state !== 'ended', `${state}, ${input}`)
      }
    }
  })

  it('can be reached from the caller’s INVITE, each of them', () => {
    const reached = [
      run(),
      run('agentAnswered'),
      run('agentAnswered', 'transferBegun'),
      run('destinationAnswered'),
      run('over'),
    ]
    assert.deepEqual(
      reached.map(({ state }) => state),
      states,
    )
  })

  it('returns to `connected` after a transfer that failed, and to `bridged` after one that bridged', () => {
    assert.equal(run('agentAnswered', 'transferBegun', 'transferFailed').state, 'connected')
    assert.equal(run('agentAnswered', 'transferBegun', 'destinationBridged').state, 'bridged')
  })

  it('releases the parties once, and either reports an answer or rejects the caller, whatever comes in what order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 30 }), (sequence) => {
        const { state, actions } = run(...sequence, 'over')
        const counted = (action: CallAction): number => actions.filter((each) => each === action).length
        assert.equal(state, 'ended')
        assert.deepEqual([counted('record'), counted('release')], [1, 1])
        assert.equal(counted('reportAnswer') + counted('reject'), 1)
        assert.equal(actions.at(-1), 'release')
      }),
    )
  })
})

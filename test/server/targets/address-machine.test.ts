import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ignore } from '../../../engine/index.ts'
import {
  addressMachine,
  type AddressAction,
  type AddressInput,
  type AddressState,
  stateOf,
} from '../../../server/targets/address-machine.ts'

type Row = (typeof addressMachine)[AddressState][AddressInput]
const states = Object.keys(addressMachine) as AddressState[]
const inputs = Object.keys(addressMachine.unknown) as AddressInput[]

function run(...sequence: AddressInput[]): { state: AddressState; actions: AddressAction[] } {
  let state: AddressState = 'unknown'
  const actions: AddressAction[] = []
  for (const input of sequence) {
    const row: Row = addressMachine[state][input]
    if (row === ignore) continue
    state = row.state
    actions.push(...row.actions)
  }

  return { state, actions }
}

describe('the state of an address of a target', () => {
  it('can be reached, each of them', () => {
    const reached = [run(), run('well'), run('ill'), run('ill', 'retry')]
    assert.deepEqual(
      reached.map(({ state }) => state),
      states,
    )
  })

  it('is half-open after a back-off, and up or down again by the call that is tried', () => {
    assert.deepEqual(run('well', 'ill', 'retry', 'well'), { state: 'up', actions: ['startBackOff', 'endTrial'] })
    assert.deepEqual(run('well', 'ill', 'retry', 'ill'), {
      state: 'down',
      actions: ['startBackOff', 'endTrial', 'startBackOff'],
    })
  })

  it('is unknown, with nothing left of earlier, once an operator has taken the target out or put it in', () => {
    for (const state of states) {
      const row: Row = addressMachine[state].clear
      assert.ok(row !== ignore && row.state === 'unknown' && row.actions.includes('forget'))
    }
  })

  it('leaves a back-off running in the state down alone', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 40 }), (sequence) => {
        let state: AddressState = 'unknown'
        let isBackingOff = false
        for (const input of sequence) {
          // The timer fires while it runs, and never else.
          if (input === 'retry' && !isBackingOff) continue
          if (input === 'retry') isBackingOff = false
          const row: Row = addressMachine[state][input]
          if (row === ignore) continue
          state = row.state
          for (const action of row.actions) {
            if (action === 'startBackOff') isBackingOff = true
            if (action === 'stopBackOff') isBackingOff = false
          }
          assert.equal(isBackingOff, state === 'down', `${input} → ${state}`)
        }
      }),
    )
  })
})

describe('the state of a target', () => {
  it('is down when all its addresses are, and otherwise that of the best', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states), { minLength: 1, maxLength: 16 }), (all) => {
        const state = stateOf(all.map((each) => ({ state: each })))
        assert.ok(all.includes(state))
        assert.equal(state === 'down', new Set(all).size === 1 && all[0] === 'down')
        assert.equal(state === 'up', all.includes('up'))
      }),
    )
  })
})

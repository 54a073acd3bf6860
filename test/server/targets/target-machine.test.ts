import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ignore } from '../../../engine/index.ts'
import {
  targetMachine,
  type TargetAction,
  type TargetInput,
  type TargetState,
} from '../../../server/targets/target-machine.ts'

type Row = (typeof targetMachine)[TargetState][TargetInput]
const states = Object.keys(targetMachine) as TargetState[]
const inputs = Object.keys(targetMachine.unknown) as TargetInput[]

function run(...sequence: TargetInput[]): { state: TargetState; actions: TargetAction[] } {
  let state: TargetState = 'unknown'
  const actions: TargetAction[] = []
  for (const input of sequence) {
    const row: Row = targetMachine[state][input]
    if (row === ignore) continue
    state = row.state
    actions.push(...row.actions)
  }

  return { state, actions }
}

describe('the state of a target', () => {
  it('can be reached, each of them', () => {
    const reached = [run(), run('well'), run('ill'), run('ill', 'retry'), run('disable'), run('drain')]
    assert.deepEqual(
      reached.map(({ state }) => state),
      states,
    )
  })

  it('is half-open after a back-off, and up or down again by the call that is tried', () => {
    assert.deepEqual(run('well', 'ill', 'retry', 'well'), {
      state: 'up',
      actions: ['startBackOff', 'reportDown', 'endTrial', 'reportUp'],
    })
    assert.deepEqual(run('well', 'ill', 'retry', 'ill'), {
      state: 'down',
      actions: ['startBackOff', 'reportDown', 'endTrial', 'startBackOff'],
    })
  })

  it('is the operator’s while a target is taken out, whatever is heard of it', () => {
    for (const state of ['disabled', 'draining'] as const) {
      for (const input of ['well', 'ill', 'retry'] as const) assert.equal(targetMachine[state][input], ignore)
    }
    assert.deepEqual(run('well', 'drain', 'enable'), {
      state: 'unknown',
      actions: ['reportOut', 'forget', 'reportIn'],
    })
  })

  it('leaves a back-off running in the state down alone, and reports down and up in turn', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 40 }), (sequence) => {
        let state: TargetState = 'unknown'
        let isBackingOff = false
        const told: string[] = []
        for (const input of sequence) {
          // The timer fires while it runs, and never else.
          if (input === 'retry' && !isBackingOff) continue
          if (input === 'retry') isBackingOff = false
          const row: Row = targetMachine[state][input]
          if (row === ignore) continue
          state = row.state
          for (const action of row.actions) {
            if (action === 'startBackOff') isBackingOff = true
            if (action === 'stopBackOff') isBackingOff = false
            if (action === 'reportDown' || action === 'reportUp') told.push(action)
          }
          assert.equal(isBackingOff, state === 'down', `${input} → ${state}`)
        }
        assert.equal(!told.includes('reportUp') || told.indexOf('reportDown') < told.indexOf('reportUp'), true)
      }),
    )
  })
})

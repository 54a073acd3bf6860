import assert from 'node:assert/strict'
import { ignore, type Machine } from '../../../engine/state-machine.ts'
import { inviteClient, inviteServer, nonInviteClient, nonInviteServer } from '../../../engine/transaction/machines.ts'

const machines: Record<string, Machine<string, string, string>> = {
  'INVITE client': inviteClient,
  'non-INVITE client': nonInviteClient,
  'INVITE server': inviteServer,
  'non-INVITE server': nonInviteServer,
}

describe('the transaction machines', () => {
  for (const [name, table] of Object.entries(machines)) {
    const inputs = Object.keys(Object.values(table)[0]!)

    it(`${name}: decides every input in every state`, () => {
      for (const row of Object.values(table)) assert.deepEqual(Object.keys(row).sort(), [...inputs].sort())
    })

    it(`${name}: goes only to states that it has, and reaches each of them`, () => {
      const [first] = Object.keys(table)
      const reached = new Set([first!])
      for (const state of reached) {
        for (const step of Object.values(table[state]!)) if (step !== ignore) reached.add(step.state)
      }
      assert.deepEqual([...reached].sort(), Object.keys(table).sort())
    })

    it(`${name}: does nothing once terminated, and can always get there`, () => {
      for (const input of inputs) assert.equal(table.terminated![input], ignore)
      const ends = new Set(['terminated'])
      for (let grown = -1; grown < ends.size;) {
        grown = ends.size
        for (const [state, row] of Object.entries(table)) {
          for (const step of Object.values(row)) if (step !== ignore && ends.has(step.state)) ends.add(state)
        }
      }
      assert.deepEqual([...ends].sort(), Object.keys(table).sort())
    })
  }
})

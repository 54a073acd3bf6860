import assert from 'node:assert/strict'
import { Baton } from '../harness/baton.ts'
import { stacks } from '../harness/stacks.ts'
import { projectFile } from '../routes/fixtures.ts'
import { Terminal } from '../server/cli/terminal.ts'

describe('baton doctor --url', () => {
  it('asks that Baton, and looks at nothing of this machine', async () => {
    const [stack] = stacks
    assert.ok(stack)
    const baton = await Baton.start({ stack })
    const terminal = await Terminal.open()
    terminal.env.SIP_LISTEN = 'nonsense'
    const doctor = () => terminal.baton('doctor', '--url', baton.http)
    try {
      const empty = await doctor()
      assert.equal(empty.code, 0, empty.err)
      assert.match(empty.out, /\[ ok \] sip: is well/)
      assert.match(empty.out, /\[warn\] routing tables: there is no project/)

      const table = { handoffs: [{ name: 'mobile', default: true, route: '+14155550111' }] }
      await baton.project(projectFile({ table }))
      const found = await doctor()
      assert.equal(found.code, 1)
      assert.match(found.out, /\[ ok \] demo live: version 1, 1 number, 1 agent/)
      assert.match(found.out, /\[FAIL\] trunk local: mobile of demo live: \+14155550111 is a number/)
      assert.doesNotMatch(found.out, /nonsense|SIP_LISTEN/)
    } finally {
      await baton.stop()
    }
    assert.match((await doctor()).err, /cannot be reached|No Baton is running/)
    await terminal.close()
  })
})

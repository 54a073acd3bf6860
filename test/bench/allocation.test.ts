import assert from 'node:assert/strict'
import { allocationText, measureAllocation } from '../../bench/allocation.ts'

describe('What a call allocates, and keeps while it is up', () => {
  it('is at most a fifth above what docs/performance.md expects', function () {
    // Only the compiled code allocates as in production.
    if (process.env.BATON_TEST_BUILT !== '1') this.skip()
    this.timeout(300_000)
    const allocation = measureAllocation()
    assert.ok(allocation.holds, allocationText(allocation))
  })
})

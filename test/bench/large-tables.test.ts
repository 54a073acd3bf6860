import assert from 'node:assert/strict'
import { largeTablesText, measureLargeTables } from '../../bench/large-tables.ts'

describe('Tables with 100,000 numbers and 10,000 handoffs', () => {
  it('are looked up, started with and changed in the time that docs/performance.md says', function () {
    // Only the compiled code takes as long as in production.
    if (process.env.BATON_TEST_BUILT !== '1') this.skip()
    this.timeout(240_000)
    const tables = measureLargeTables()
    assert.ok(tables.holds, largeTablesText(tables))
  })
})

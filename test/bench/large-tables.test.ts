import assert from 'node:assert/strict'
import { largeTablesText, measureLargeTables } from '../../bench/large-tables.ts'

describe('Tables with 100,000 numbers and 10,000 handoffs', () => {
  it('are looked up, started with and changed in twice the time of docs/performance.md: on slower machines, too', function () {
    // Only the compiled code takes as long as in production.
    if (process.env.BATON_TEST_BUILT !== '1') this.skip()
    this.timeout(240_000)
    const tables = measureLargeTables(2)
    assert.ok(tables.holds, largeTablesText(tables))
  })
})

import assert from 'node:assert/strict'
import { TrunkMemory } from '../../../server/transfer/trunk-memory.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

describe('what trunks have refused', () => {
  it('is remembered for a while, and of a thousand names at most', () => {
    const clock = new FakeClock()
    const memory = new TrunkMemory(clock)
    memory.remember('first', 3600, '403 Forbidden')
    for (let i = 0; i < 999; i++) memory.remember(`host-${i}`, 3600, '403 Forbidden')
    assert.deepEqual(memory.refusal('first'), { until: clock.now() + 3_600_000, what: '403 Forbidden' })
    // What is said again is the newest.
    memory.remember('first', 3600, '403 Forbidden')
    memory.remember('one more', 3600, '403 Forbidden')
    assert.deepEqual(
      ['first', 'host-0', 'host-1', 'one more'].map((name) => memory.refusal(name) !== undefined),
      [true, false, true, true],
    )
    clock.advance(3_600_001)
    assert.equal(memory.refusal('first'), undefined)
  })

  it('is told of one trunk and its targets, and forgotten', () => {
    const clock = new FakeClock()
    const memory = new TrunkMemory(clock)
    const until = clock.now() + 60_000
    memory.remember('pbx', 60, '405 Method Not Allowed')
    memory.remember('pbx 10.0.0.1:5060', 60, 'SRTP')
    memory.remember('pbx-2', 60, '403 Forbidden')

    assert.deepEqual(memory.refusalsOf('pbx'), [
      { what: '405 Method Not Allowed', until, target: undefined },
      { what: 'SRTP', until, target: '10.0.0.1:5060' },
    ])
    memory.forget('pbx')
    assert.deepEqual(memory.refusalsOf('pbx'), [])
    assert.equal(memory.refusalsOf('pbx-2').length, 1)
    clock.advance(60_001)
    assert.deepEqual(memory.refusalsOf('pbx-2'), [])
  })
})

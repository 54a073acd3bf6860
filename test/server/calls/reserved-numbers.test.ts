import assert from 'node:assert/strict'
import { loadSettings } from '../../../config/index.ts'
import { plan } from '../../../routes/index.ts'
import { ReservedNumbers } from '../../../server/calls/reserved-numbers.ts'
import { NumberPools } from '../../../server/limits/number-pools.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { pinned } from '../../routes/fixtures.ts'

const [trunk] = loadSettings({ env: {} }).trunks
const table = pinned({
  handoffs: [
    {
      name: 'pbx',
      default: true,
      method: 'invite',
      pool: { numbers: ['+14155550180'], hold: 30 },
      on_failure: ['other'],
    },
    { name: 'other', method: 'invite', pool: { numbers: ['+14155550181'] } },
    { name: 'desk', method: 'invite', route: '+14155550111' },
  ],
})
const steps = (name: string) => plan(table, { handoff: name }, { callId: 'c' }).steps

describe('The numbers of pools that a call has reserved', () => {
  it('are in the place of the routes, one for each handoff, and none is left for another call', () => {
    const clock = new FakeClock()
    const pools = new NumberPools(clock, 'one', false)
    const [own, other] = [new ReservedNumbers(pools), new ReservedNumbers(pools)]
    assert.ok(trunk)
    const told: string[] = []
    const [pbx, later] = steps('pbx').map((step) => own.reserve(step, trunk, (number) => told.push(number)))
    assert.deepEqual([pbx?.target, later?.target], ['tel:+14155550180', 'tel:+14155550181'])
    assert.deepEqual(told, ['+14155550180', '+14155550181'])
    assert.equal(own.of('pbx')?.number, '+14155550180')
    assert.equal(own.of('desk'), undefined)
    const [first, second] = steps('pbx')
    assert.ok(first && second)
    assert.equal(other.reserve(first, trunk), undefined)

    own.release((handoff) => handoff === 'pbx')
    own.release()
    // The handoff that was not called gives its number back at once.
    assert.equal(other.reserve(second, trunk)?.target, 'tel:+14155550181')
    assert.equal(other.reserve(first, trunk), undefined)
    clock.advance(30_000)
    assert.equal(other.reserve(first, trunk)?.target, 'tel:+14155550180')
  })

  it('are no concern of a handoff with a route', () => {
    const [desk] = steps('desk')
    assert.ok(desk && trunk)
    assert.equal(new ReservedNumbers(new NumberPools(new FakeClock(), 'one', false)).reserve(desk, trunk), desk)
  })
})

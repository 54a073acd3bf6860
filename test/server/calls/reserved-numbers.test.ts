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
    const [own, other] = [new ReservedNumbers(pools, clock), new ReservedNumbers(pools, clock)]
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
    const clock = new FakeClock()
    assert.equal(new ReservedNumbers(new NumberPools(clock, 'one', false), clock).reserve(desk, trunk), desk)
  })

  it('are reserved again by the next process: for the transfer that goes on, and until a hold is over', () => {
    assert.ok(trunk)
    const clock = new FakeClock()
    const [pbx, later] = steps('pbx')
    assert.ok(pbx && later)
    const before = new ReservedNumbers(new NumberPools(clock, 'one', false), clock)
    before.reserve(pbx, trunk)
    before.release()
    clock.advance(10_000)
    before.reserve(later, trunk)
    const kept = JSON.parse(JSON.stringify(before.keep())) as NonNullable<ReturnType<typeof before.keep>>
    assert.deepEqual(
      kept.map(({ number, handoff }) => [number, handoff]),
      [
        ['+14155550180', 'pbx'],
        ['+14155550181', 'other'],
      ],
    )

    const pools = new NumberPools(clock, 'two', false)
    const [own, another] = [new ReservedNumbers(pools, clock), new ReservedNumbers(pools, clock)]
    own.takeUp(kept)
    assert.deepEqual(own.keep(), kept)
    assert.equal(another.reserve(pbx, trunk), undefined)
    clock.advance(19_999)
    assert.equal(another.reserve(pbx, trunk), undefined)
    clock.advance(1)
    assert.equal(another.reserve(pbx, trunk)?.target, 'tel:+14155550180')
    clock.advance(3_600_000)
    assert.equal(another.reserve(later, trunk), undefined)
    own.release(() => false)
    assert.equal(another.reserve(later, trunk)?.target, 'tel:+14155550181')
  })
})

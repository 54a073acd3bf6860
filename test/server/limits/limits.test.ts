import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Limit } from '../../../base/choice.ts'
import { isFull, Limits, RoomSearch, type Lease, type LimitNeed } from '../../../server/limits/index.ts'
import { Guard } from '../../../server/guard.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const guard = new Guard(assert.ifError)
const need = (name: string, limit: Limit): LimitNeed => ({ key: `trunk ${name}`, kind: 'trunk', name, limit })

describe('Limits', () => {
  it('never take more calls at once, nor more in any second, than they allow', () => {
    const limit = fc.record({ calls: fc.integer({ min: 1, max: 4 }), cps: fc.integer({ min: 1, max: 4 }) })
    const steps = fc.array(
      fc.record({ ms: fc.integer({ min: 0, max: 600 }), of: fc.integer({ min: 0, max: 2 }), ends: fc.boolean() }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(fc.tuple(limit, limit), steps, ([one, two], sequence) => {
        const clock = new FakeClock()
        const limits = new Limits(clock)
        const choices = [[need('one', one)], [need('two', two)], [need('one', one), need('two', two)]]
        const held: { needs: readonly LimitNeed[]; lease: Lease }[] = []
        const starts: { at: number; needs: readonly LimitNeed[] }[] = []
        const of = (name: string) => ({
          up: held.filter(({ needs }) => needs.some((each) => each.name === name)).length,
          lately: starts.filter(({ at, needs }) => at > clock.now() - 1000 && needs.some((each) => each.name === name))
            .length,
        })
        for (const { ms, of: which, ends } of sequence) {
          clock.advance(ms)
          if (ends) held.shift()?.lease.release()
          else {
            const needs = choices[which] ?? []
            const hasRoom = needs.every(({ name, limit: { calls = 0, cps = 0 } }) => {
              const { up, lately } = of(name)

              return up < calls && lately < cps
            })
            const taken = limits.take(needs)
            assert.equal(!isFull(taken), hasRoom)
            if (isFull(taken)) continue
            held.push({ needs, lease: taken })
            starts.push({ at: clock.now(), needs })
          }
        }
        for (const { lease } of held) {
          lease.release()
          lease.release()
        }
        clock.advance(1000)
        limits.noteOthers(new Map(), 1)
        assert.deepEqual([limits.size, clock.size], [0, 0])
      }),
    )
  })

  it('serve those that wait in their order, before any that come later, and leave nothing behind', () => {
    const clock = new FakeClock()
    const limits = new Limits(clock)
    const needs = [need('desk', { calls: 1, queue: 20 })]
    const log: string[] = []
    const come = (name: string) => {
      const room = new RoomSearch(limits, guard, () => needs)
      const full = room.take(name)
      if (!full) log.push(`${name} is through`)
      else {
        room.waitForAny({
          queued: (seconds) => log.push(`${name} waits ${seconds}: ${full.what}`),
          granted: () => log.push(`${name} is through`),
          overflow: () => log.push(`${name} overflows`),
        })
      }

      return room
    }
    const first = come('first')
    const second = come('second')
    clock.advance(5000)
    const third = come('third')
    come('fourth')
    third.release()
    first.release()
    clock.advance(20_000)
    second.release()
    assert.deepEqual(log, [
      'first is through',
      'second waits 20: trunk desk has 1 of 1 calls',
      'third waits 20: trunk desk has 1 waiting',
      'fourth waits 20: trunk desk has 2 waiting',
      'second is through',
      'fourth overflows',
    ])
    assert.deepEqual(
      [limits.size, clock.size, [...limits.refusals].map(({ need: { name }, count }) => [name, count])],
      [0, 0, [['desk', 1]]],
    )
  })

  it('let a call that waits for one gateway be overtaken by those that need another', () => {
    const limits = new Limits(new FakeClock())
    const trunk = need('carrier', { calls: 9, queue: 5 })
    const [a, b] = [need('a', { calls: 1, queue: 5 }), need('b', { calls: 1 })]
    limits.take([trunk, a])
    const room = new RoomSearch(limits, guard, () => [trunk, a])
    assert.ok(room.take(0))
    room.waitForAny({
      queued: () => undefined,
      granted: () => assert.fail('there is no room'),
      overflow: () => assert.fail('it waits'),
    })
    assert.ok(!isFull(limits.take([trunk, b])))
    limits.close()
  })
})

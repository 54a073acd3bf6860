import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Limit } from '../../../base/choice.ts'
import { isFull, Limits, RoomSearch, SharedLimits, type Lease, type LimitNeed } from '../../../server/limits/index.ts'
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

/** Batons with a hash in common that is as slow and as broken as a test says. */
class Fleet {
  readonly clock = new FakeClock()
  readonly fields = new Map<string, string>()
  isDown = false
  readonly batons: { limits: Limits; shared: SharedLimits }[] = []

  async add() {
    const limits = new Limits(this.clock)
    const hash = {
      exchange: (field: string, value: string) => {
        if (this.isDown) return Promise.reject(new Error('down'))
        this.fields.set(field, value)

        return Promise.resolve(Object.fromEntries(this.fields))
      },
      remove: (gone: readonly string[]) => {
        for (const field of gone) this.fields.delete(field)

        return Promise.resolve()
      },
      close: () => undefined,
    }
    const shared = new SharedLimits(limits, hash, this.clock)
    await shared.start()
    const baton = { limits, shared }
    this.batons.push(baton)

    return baton
  }

  async advance(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 50) {
      this.clock.advance(50)
      for (let turn = 0; turn < 4; turn++) await Promise.resolve()
    }
  }
}

describe('Limits of several Batons', () => {
  const fill = (limits: Limits, needs: readonly LimitNeed[], most = Infinity): Lease[] => {
    const leases: Lease[] = []
    while (leases.length < most) {
      const taken = limits.take(needs)
      if (isFull(taken)) break
      leases.push(taken)
    }

    return leases
  }

  it('are used by one alone when the others need nothing, and by all within half a second', async () => {
    const fleet = new Fleet()
    const [a, b] = [await fleet.add(), await fleet.add()]
    await fleet.advance(500)
    const needs = [need('carrier', { calls: 20 })]
    const taken = fill(a.limits, needs)
    assert.equal(taken.length, 10, 'its part of what is free')
    await fleet.advance(500)
    for (let round = 0; round < 8; round++) {
      taken.push(...fill(a.limits, needs))
      await fleet.advance(300)
    }
    assert.equal(taken.length, 20)
    assert.equal(fill(b.limits, needs).length, 0)
    taken.pop()?.release()
    await fleet.advance(300)
    assert.equal(fill(b.limits, needs).length, 1)
    for (const { shared } of fleet.batons) await shared.close()
    assert.equal(fleet.fields.size, 0)
  })

  it('go over by no more than half, and a call for each further Baton, when all fill up at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 40 }), async (count, calls) => {
        const fleet = new Fleet()
        for (let i = 0; i < count; i++) await fleet.add()
        await fleet.advance(500)
        const needs = [need('carrier', { calls })]
        let up = 0
        for (let round = 0; round < 20; round++) {
          for (const { limits } of fleet.batons) up += fill(limits, needs).length
          await fleet.advance(250)
        }
        assert.ok(up >= calls && up <= calls * 1.5 + count - 1, `${up} of ${calls} on ${count}`)
      }),
      { numRuns: 20 },
    )
  })

  it('go on while Redis is away, each Baton with its part, and count a lost Baton for two seconds', async () => {
    const fleet = new Fleet()
    const [a, b] = [await fleet.add(), await fleet.add()]
    await fleet.advance(500)
    const needs = [need('carrier', { calls: 20 })]
    fleet.isDown = true
    await fleet.advance(500)
    const leases = [fill(a.limits, needs), fill(b.limits, needs)]
    assert.deepEqual(
      leases.map(({ length }) => length),
      [10, 10],
    )
    fleet.isDown = false
    await fleet.advance(500)
    leases[0]?.pop()?.release()
    assert.equal(fill(a.limits, needs).length, 1)
    // It dies without a word.
    b.shared.close = () => Promise.resolve()
    const [, last] = [...fleet.fields.keys()]
    const field = last ?? ''
    const frozen = fleet.fields.get(field) ?? ''
    const set = fleet.fields.set.bind(fleet.fields)
    fleet.fields.set = (key, value) => set(key, key === field ? frozen : value)
    await fleet.advance(1500)
    assert.equal(fill(a.limits, needs).length, 0)
    await fleet.advance(1000)
    assert.equal(fill(a.limits, needs).length, 10)
  })
})

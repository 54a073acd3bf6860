import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Limit } from '../../../base/choice.ts'
import { isFull, Limits, SharedLimits, type Lease, type LimitNeed } from '../../../server/limits/index.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const need = (name: string, limit: Limit): LimitNeed => ({ key: `trunk ${name}`, kind: 'trunk', name, limit })

interface FleetBaton {
  limits: Limits
  shared: SharedLimits
  /** Whether it cannot reach Redis, while others may. */
  isCutOff: boolean
}

/** Batons with a hash in common that is as broken as a test says. */
class Fleet {
  readonly clock = new FakeClock()
  readonly fields = new Map<string, string>()
  isDown = false
  exchanges = 0
  /** Milliseconds until Redis has a command, and until its answer is there. */
  delayMs: () => number = () => 0
  readonly batons: FleetBaton[] = []

  async add({ isNeeded = true } = {}): Promise<FleetBaton> {
    const limits = new Limits(this.clock)
    const hash = {
      exchange: async (field: string, value: string) => {
        if (this.isDown || baton.isCutOff) throw new Error('down')
        await this.#pass(this.delayMs())
        this.exchanges += 1
        const isNew = !this.fields.has(field)
        this.fields.set(field, value)
        const answer = { fields: Object.fromEntries(this.fields), isNew }
        await this.#pass(this.delayMs())

        return answer
      },
      remove: (gone: readonly string[]) => {
        for (const field of gone) this.fields.delete(field)

        return Promise.resolve()
      },
      close: () => undefined,
    }
    const shared = new SharedLimits(limits, hash, this.clock)
    const baton = { limits, shared, isCutOff: false }
    await shared.start(isNeeded)
    this.batons.push(baton)

    return baton
  }

  async advance(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 50) {
      this.clock.advance(50)
      for (let turn = 0; turn < 9; turn++) await Promise.resolve()
    }
  }

  async #pass(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => this.clock.after(ms, resolve))
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

  it('hold with two Batons through an outage after which Redis has lost everything, whichever is back first', async () => {
    const ms = fc.integer({ min: 0, max: 6000 })
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          calls: fc.integer({ min: 2, max: 30 }),
          first: fc.integer({ min: 0, max: 30 }),
          isEmptied: fc.boolean(),
        }),
        fc.record({
          outage: ms,
          late: fc.integer({ min: 0, max: 1500 }),
          ends: fc.array(fc.nat(1), { maxLength: 40 }),
        }),
        async ({ calls, first, isEmptied }, { outage, late, ends }) => {
          const fleet = new Fleet()
          const [a, b] = [await fleet.add(), await fleet.add()]
          const needs = [need('carrier', { calls })]
          const held: [Lease[], Lease[]] = [[], []]
          const bound = calls * 1.5 + 1
          const rounds = async (duration: number) => {
            for (let at = 0; at < duration; at += 250) {
              for (const [i, { limits }] of fleet.batons.entries()) held[i]?.push(...fill(limits, needs))
              const up = held[0].length + held[1].length
              assert.ok(up <= bound, `${up} of ${calls}: ${held[0].length} and ${held[1].length}`)
              held[ends.pop() ?? 2]?.pop()?.release()
              await fleet.advance(250)
            }
          }
          await fleet.advance(500)
          for (let at = 0; at < 4; at++) {
            held[1].push(...fill(b.limits, needs, Math.max(0, first - held[1].length)))
            await fleet.advance(250)
          }
          fleet.isDown = true
          await rounds(outage)
          if (isEmptied) fleet.fields.clear()
          fleet.isDown = false
          b.isCutOff = true
          await rounds(late)
          b.isCutOff = false
          await rounds(4000)
          for (const lease of held.flat()) lease.release()
          await fleet.advance(1000)
          assert.deepEqual([a.limits.size, b.limits.size], [0, 0])
        },
      ),
      { numRuns: 30 },
    )
  })

  it('are exceeded by no more than half, at once and in any second, however late Redis answers each of them', async () => {
    const several = fc.record({ count: fc.integer({ min: 2, max: 4 }), maximum: fc.integer({ min: 1, max: 40 }) })
    const delays = fc.infiniteStream(fc.constantFrom(0, 0, 0, 20, 100, 400))
    const ends = fc.infiniteStream(fc.boolean())
    await fc.assert(
      fc.asyncProperty(several, delays, ends, async ({ count, maximum }, delay, end) => {
        const fleet = new Fleet()
        for (let i = 0; i < count; i++) {
          await fleet.add()
          await fleet.advance(50)
        }
        await fleet.advance(500)
        fleet.delayMs = () => Number(delay.next().value)
        const [atOnce, inSecond] = [[need('carrier', { calls: maximum })], [need('other', { cps: maximum })]]
        const held: Lease[] = []
        const starts: number[] = []
        const bound = maximum * 1.5 + count - 1
        for (let at = 0; at < 6000; at += 50) {
          for (const { limits } of fleet.batons) {
            held.push(...fill(limits, atOnce))
            for (const lease of fill(limits, inSecond)) {
              lease.release()
              starts.push(fleet.clock.now())
            }
          }
          const lately = starts.filter((start) => start > fleet.clock.now() - 1000).length
          assert.ok(Math.max(lately, held.length) <= bound, `${lately} and ${held.length} of ${maximum} on ${count}`)
          if (end.next().value) held.shift()?.release()
          await fleet.advance(50)
        }
        assert.ok(starts.length >= maximum * 3, `${starts.length} in six seconds`)
      }),
      { numRuns: 30 },
    )
  })

  it('that no table has cost Redis next to nothing, and Batons know of each other from the first call on', async () => {
    const fleet = new Fleet()
    const [a, b] = [await fleet.add({ isNeeded: false }), await fleet.add({ isNeeded: false })]
    await fleet.advance(20_000)
    assert.ok(fleet.exchanges <= 10, `${fleet.exchanges} exchanges in 20 s`)

    // A promotion brings the first limit to both, and hundreds of calls come in that moment.
    const needs = [need('carrier', { calls: 20 })]
    const leases: Lease[] = []
    for (const { shared, limits } of [a, b]) {
      shared.setNeeded(true)
      leases.push(...fill(limits, needs))
    }
    const { length: atOnce } = leases
    assert.equal(atOnce, 2, 'one each, until Redis has answered')
    for (let round = 0; round < 8; round++) {
      await fleet.advance(250)
      for (const { limits } of fleet.batons) leases.push(...fill(limits, needs))
    }
    const { length: up } = leases
    assert.ok(up >= 20 && up <= 31, `${up} calls`)

    // The calls of the release before count until they end.
    for (const { shared } of fleet.batons) shared.setNeeded(false)
    const before = fleet.exchanges
    await fleet.advance(5000)
    assert.ok(fleet.exchanges - before >= 30, `${fleet.exchanges - before} exchanges`)
    for (const lease of leases) lease.release()
    await fleet.advance(5000)
    const quiet = fleet.exchanges
    await fleet.advance(20_000)
    assert.ok(fleet.exchanges - quiet <= 10)
    for (const { shared } of fleet.batons) await shared.close()
    assert.deepEqual([fleet.fields.size, fleet.clock.size], [0, 0])
  })

  it('are the whole of one that comes alone, and of all when the first limit comes while Redis is away', async () => {
    const fleet = new Fleet()
    const [a, b] = [await fleet.add({ isNeeded: false }), await fleet.add({ isNeeded: false })]
    await fleet.advance(6000)
    fleet.isDown = true
    const needs = [need('carrier', { calls: 20 })]
    for (const { shared } of fleet.batons) shared.setNeeded(true)
    await fleet.advance(50)
    assert.deepEqual([fill(a.limits, needs).length, fill(b.limits, needs).length], [10, 10])
    const lone = await new Fleet().add()
    assert.equal(fill(lone.limits, needs).length, 20)
  })
})

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Trunk } from '../../../config/index.ts'
import {
  DailyCaps,
  isFull,
  KeptCaps,
  Limits,
  needsOfNumber,
  type CapUse,
  type Lease,
} from '../../../server/limits/index.ts'
import { FileCapStore, type CapStore } from '../../../server/limits/kept-caps.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const trunk = {
  name: 'carrier',
  caps: [
    { prefix: '+4420', callsPerDay: 5 },
    { prefix: '+44', callsPerDay: 2 },
  ],
} as Trunk
const dayMs = 86_400_000

const capped = (clock = new FakeClock(), warned: [string, CapUse][] = []) => {
  const caps = new DailyCaps([trunk], clock, (level, use) => warned.push([level, use]))
  const limits = new Limits(clock, caps)
  const call = (number: string, isAnswered = true) => {
    const taken = limits.take(needsOfNumber(trunk, number))
    if (isFull(taken)) return taken.what
    if (isAnswered) taken.noteAnswered()
    taken.release()
    taken.release()

    return undefined
  }
  const used = () => caps.list().map((cap) => cap.used)

  return { clock, caps, limits, call, used, warned }
}

describe('A cap of a trunk', () => {
  it('counts answered calls and those that are being set up, under the longest prefix, until midnight in UTC', () => {
    const { clock, caps, limits, call, used, warned } = capped()
    clock.advance(dayMs - (clock.now() % dayMs) + 3_600_000)
    const { day } = caps
    assert.equal(call('+442079460018'), undefined)
    assert.equal(call('+441632960001', false), undefined, 'one that fails is given back')
    assert.equal(call('+441632960001'), undefined)
    const setUp = limits.take(needsOfNumber(trunk, '+441632960001'))
    assert.equal(call('+441632960001'), 'trunk carrier has 2 of 2 calls to +44 today (UTC)')
    assert.deepEqual(used(), [1, 2])
    assert.ok(!isFull(setUp))
    setUp.release()
    assert.deepEqual([call('+441632960002'), call('+14155550111'), used()], [undefined, undefined, [1, 2]])
    assert.equal(warned.at(-1)?.[0], 'reached')
    assert.equal(limits.size, 0, 'nothing else is counted')

    clock.advance(22 * 3_600_000)
    assert.notEqual(call('+441632960001'), undefined, 'an hour before midnight')
    assert.equal(caps.resetsAt - clock.now(), 3_600_000)
    clock.advance(3_600_000)
    assert.notEqual(caps.day, day)
    assert.deepEqual([used(), call('+441632960001')], [[0, 0], undefined])
  })

  it('warns once at 80 %, and once when it is reached', () => {
    const { call, warned, caps } = capped()
    for (let i = 0; i < 7; i++) call('+442079460018')
    assert.deepEqual(
      warned.map(([level, { used, callsPerDay }]) => [level, used, callsPerDay]),
      [
        ['near', 4, 5],
        ['reached', 5, 5],
      ],
    )
    caps.reset('carrier')
    assert.equal(call('+442079460018'), undefined)
  })

  it('is never exceeded by one Baton, whatever fails, is answered, or still rings', () => {
    const steps = fc.array(fc.constantFrom('begin', 'answer', 'fail'), { maxLength: 40 })
    fc.assert(
      fc.property(steps, (sequence) => {
        const { limits, used } = capped()
        const ringing: ReturnType<Limits['take']>[] = []
        let answered = 0
        for (const step of sequence) {
          if (step === 'begin') {
            const taken = limits.take(needsOfNumber(trunk, '+441632960001'))
            assert.equal(isFull(taken), answered + ringing.length >= 2)
            if (!isFull(taken)) ringing.push(taken)
            continue
          }
          const one = ringing.shift()
          if (!one || isFull(one)) continue
          if (step === 'answer') {
            one.noteAnswered()
            answered += 1
          }
          one.release()
        }
        assert.deepEqual(used(), [0, answered + ringing.length])
      }),
    )
  })

  it('survives a restart on files, is written behind, and can be started again', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'baton-caps-'))
    const run = async () => {
      const parts = capped()
      const kept = new KeptCaps(parts.caps, new FileCapStore(join(dir, 'caps.json')), parts.clock)
      await kept.start()

      return { ...parts, kept }
    }
    const first = await run()
    first.call('+441632960001')
    await first.kept.close()
    await first.kept.close()
    assert.equal(first.clock.size, 0)
    const second = await run()
    assert.deepEqual(second.used(), [0, 1])
    second.call('+441632960001')
    assert.notEqual(second.call('+441632960001'), undefined)
    await second.kept.reset('carrier')
    assert.deepEqual(second.used(), [0, 0])
    await second.kept.close()
    const third = await run()
    assert.deepEqual(third.used(), [0, 0])
    await third.kept.close()
    await rm(dir, { recursive: true })
  })
})

/** What Batons of one Redis have in common. */
class SharedStore implements CapStore {
  readonly isShared = true
  readonly calls: Record<string, number> = {}
  isDown = false

  add(_day: string, calls: ReadonlyMap<string, number>) {
    if (this.isDown) return Promise.reject(new Error('down'))
    for (const [key, count] of calls) this.calls[key] = (this.calls[key] ?? 0) + count

    return Promise.resolve({ ...this.calls })
  }

  reset(_day: string, keys: readonly string[]) {
    if (this.isDown) return Promise.reject(new Error('down'))
    for (const key of keys) this.calls[key] = 0

    return Promise.resolve()
  }

  close(): void {
    // A test ends it.
  }
}

describe('A cap of several Batons', () => {
  it('is over by half and a call for each further Baton at most, also when Redis goes away, and is used up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        fc.record({ downFrom: fc.integer({ min: 0, max: 8 }), ringsFor: fc.integer({ min: 0, max: 6 }) }),
        async (batons, callsPerDay, { downFrom, ringsFor }) => {
          const store = new SharedStore()
          const clock = new FakeClock()
          const many = { name: 'carrier', caps: [{ prefix: '+44', callsPerDay }] } as Trunk
          const fleet = Array.from({ length: batons }, () => {
            const caps = new DailyCaps([many], clock, () => undefined)
            caps.noteBatons(batons)

            return { limits: new Limits(clock, caps), kept: new KeptCaps(caps, store, clock) }
          })
          for (const { kept } of fleet) await kept.start()
          let answered = 0
          const ringing: { lease: Lease; since: number }[] = []
          for (let round = 0; round < 60; round++) {
            store.isDown = round >= downFrom && round < downFrom + 4
            for (const { limits } of fleet) {
              for (;;) {
                const taken = limits.take(needsOfNumber(many, '+441632960001'))
                if (isFull(taken)) break
                ringing.push({ lease: taken, since: round })
              }
            }
            while (ringing[0] && round - ringing[0].since >= ringsFor) {
              const { lease } = ringing.shift() ?? assert.fail('none rings')
              lease.noteAnswered()
              lease.release()
              answered += 1
            }
            clock.advance(500)
            await new Promise((resolve) => setImmediate(resolve))
          }
          assert.ok(answered >= callsPerDay, `${answered} of ${callsPerDay}`)
          assert.ok(answered <= callsPerDay * 1.5 + batons - 1, `${answered} of ${callsPerDay}`)
          for (const { kept } of fleet) await kept.close()
          assert.equal(store.calls['carrier +44'], answered)
          assert.equal(clock.size, 0)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('is not started again while Redis cannot be reached', async () => {
    const store = new SharedStore()
    const { clock, caps, call, used } = capped()
    const kept = new KeptCaps(caps, store, clock)
    await kept.start()
    call('+441632960001')
    store.isDown = true
    await assert.rejects(kept.reset('carrier'))
    assert.deepEqual(used(), [0, 1])
    store.isDown = false
    await kept.reset('carrier')
    assert.deepEqual(used(), [0, 0])
    await kept.close()
  })
})

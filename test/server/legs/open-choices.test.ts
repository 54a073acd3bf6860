import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Guard } from '../../../server/guard.ts'
import { OpenChoices } from '../../../server/legs/open-choices.ts'
import { isFull, Limits, RoomSearch, type Lease, type LimitNeed } from '../../../server/limits/index.ts'
import type { TargetHealth } from '../../../server/targets/index.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

/** How a gateway is when the call comes, and what it answers. */
interface Gateway {
  uri: string
  answers: boolean
  isDown: boolean
  isFull: boolean
  /** Seconds that calls wait for it; 0: none. */
  queue: number
  /** When it has room again, in seconds; 0: never. */
  freeAfter: number
}

const gateways = fc.array(
  fc.record({
    answers: fc.boolean(),
    isDown: fc.boolean(),
    isFull: fc.boolean(),
    queue: fc.constantFrom(0, 5, 20),
    freeAfter: fc.constantFrom(0, 3, 10, 30),
  }),
  { maxLength: 4 },
)

/** Calls the gateways as an attempt does, up to its end. */
function callAll(all: readonly Gateway[], mayCallDown: boolean) {
  const clock = new FakeClock()
  const limits = new Limits(clock)
  const of = (uri: string): Gateway => all.find((gateway) => gateway.uri === uri) ?? assert.fail(uri)
  const needs = (uri: string): LimitNeed[] => {
    const { queue } = of(uri)

    return [{ key: uri, kind: 'gateway', name: uri, limit: queue > 0 ? { calls: 1, queue } : { calls: 1 } }]
  }
  const leases: Lease[] = []
  for (const { uri, isFull: full, freeAfter } of all) {
    if (!full) continue
    const taken = limits.take(needs(uri))
    assert.ok(!isFull(taken))
    leases.push(taken)
    if (freeAfter > 0) {
      clock.after(freeAfter * 1000, () => {
        taken.release()
      })
    }
  }
  const targets: TargetHealth = {
    closed: (uri) => (of(uri).isDown ? { why: 'down', isTakenOut: false, reason: 'target_down' } : undefined),
    refused: () => undefined,
    begin: () => undefined,
  }
  const guard = new Guard(assert.ifError)
  const room = new RoomSearch<string>(limits, guard, needs)
  const choices = new OpenChoices(
    { choices: all.map(({ uri }) => uri), uriOf: (uri) => uri, targets, room, mayCallDown: () => mayCallDown },
    { passedOver: () => undefined, full: () => undefined },
  )
  const called: { uri: string; at: number }[] = []
  const ends: string[] = []
  const waits: number[] = []
  const start = clock.now()
  const call = (uri: string): void => {
    called.push({ uri, at: clock.now() - start })
    if (of(uri).answers) ends.push('answered')
    else callNext()
  }
  const callNext = (): void => {
    const next = choices.next()
    if (next !== undefined) {
      call(next)

      return
    }
    const isWaiting = room.waitForAny({
      queued: (seconds) => waits.push(seconds),
      granted: call,
      overflow: () => ends.push('overflow'),
    })
    if (!isWaiting) ends.push('failed')
  }
  callNext()
  const endedAtOnce = ends.length > 0
  clock.advance(200_000)
  room.release()
  for (const lease of leases) lease.release()
  limits.close()
  limits.noteOthers(new Map(), 1)

  return { called, ends, waits, endedAtOnce, left: [limits.size, clock.size] }
}

describe('The choices of a call', () => {
  it('end once, whatever is full, waited for, down or failing; none is called twice, and nothing is left', () => {
    fc.assert(
      fc.property(gateways, fc.boolean(), (some, mayCallDown) => {
        const all = some.map((gateway, at) => ({ ...gateway, uri: `sip:gw${at}` }))
        const { called, ends, waits, endedAtOnce, left } = callAll(all, mayCallDown)
        assert.equal(ends.length, 1, ends.join())
        assert.equal(new Set(called.map(({ uri }) => uri)).size, called.length)
        assert.deepEqual(left, [0, 0])

        const free = all.filter(({ isDown, isFull: full }) => !isDown && !full)
        const open = mayCallDown ? all : all.filter(({ isDown }) => !isDown)
        const atOnce = called.filter(({ at }) => at === 0).map(({ uri }) => uri)
        const firstAnswer = open.find(({ isFull: full, answers }) => !full && answers)
        // Those that have room come first, and none of them waits.
        assert.deepEqual(atOnce.slice(0, free.length), free.map(({ uri }) => uri).slice(0, atOnce.length))
        if (firstAnswer) assert.deepEqual([ends, waits], [['answered'], []])
        const queued = open.filter(({ isFull: full, queue }) => full && queue > 0)
        if (!firstAnswer) {
          // All have failed or are full: those with a queue are waited for, however many have failed before.
          assert.equal(waits.length > 0, queued.length > 0)
          assert.equal(endedAtOnce, queued.length === 0)
          assert.equal(waits[0] ?? 0, Math.max(0, ...queued.map(({ queue }) => queue)))
          const longest = waits[0] ?? 0
          const inTime = queued.filter(({ freeAfter }) => freeAfter > 0 && freeAfter < longest)
          if (inTime.some(({ answers }) => answers) && inTime.length === 1) assert.deepEqual(ends, ['answered'])
          if (inTime.length === 0 && queued.length > 0) assert.deepEqual(ends, ['overflow'])
        }
      }),
      { numRuns: 500 },
    )
  })
})

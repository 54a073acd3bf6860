import assert from 'node:assert/strict'
import fc from 'fast-check'
import { loadSettings } from '../../../config/index.ts'
import { LoopLag, OverloadBrake } from '../../../engine/overload/index.ts'
import { FakeClock } from '../fake-clock.ts'

const t1Ms = 500
const sampleMs = 50
// Of the time that a taken call costs: what a 503 without a parsed message costs, and a repeated INVITE.
const refusalShare = 0.05

interface Load {
  /** Calls that the process can set up in a second. */
  capacity: number
  /** How many times as many INVITEs come. */
  factor: number
  lagMs: number
  /** How much slower the process is at its start, when nothing is compiled yet. */
  coldness?: number
}

/**
 * A process that serves INVITEs in the order in which they came, one after the other, as its event loop reads them from the
 * socket, for ten seconds. A caller repeats an INVITE that has no response after T1 (RFC 3261 17.1.1.2).
 */
function serve({ capacity, factor, lagMs, coldness = 1 }: Load) {
  const clock = new FakeClock()
  const loop = new LoopLag()
  const brake = new OverloadBrake({ rate: 0, lag: lagMs, calls: 0, emergencyNumbers: [], clock })
  brake.lag = () => loop.lag
  const seconds = 10
  const waiting: { at: number; isRepeated: boolean }[] = []
  let [now, busyMs, sampled, next] = [0, 0, 0, 0]
  let [taken, late, repeated, longestWaitMs] = [0, 0, 0, 0]

  const arrive = () => {
    for (; next <= now && next < seconds * 1000; next += 1000 / (capacity * factor)) {
      waiting.push({ at: next, isRepeated: false })
    }
  }
  const spend = (ms: number, isBusy: boolean) => {
    for (let left = ms; left > 0;) {
      const step = Math.min(left, sampled + sampleMs - now)
      now += step
      left -= step
      if (isBusy) busyMs += step
      if (now < sampled + sampleMs - 1e-9) continue
      loop.sample(sampleMs, busyMs / sampleMs)
      sampled = now
      busyMs = 0
    }
  }
  while (now < seconds * 1000) {
    arrive()
    const invite = waiting.shift()
    if (!invite) {
      spend(Math.max(next - now, 0.01), false)
      continue
    }
    const setUpMs = (1000 / capacity) * (1 + (coldness - 1) * Math.max(0, 1 - now / 5000))
    const waitedMs = now - invite.at
    longestWaitMs = Math.max(longestWaitMs, waitedMs)
    // An INVITE that waited for T1 lies in the socket's buffer again, and costs time to be read.
    if (waitedMs > t1Ms && !invite.isRepeated) {
      repeated++
      waiting.push({ at: invite.at + t1Ms, isRepeated: true })
    }
    if (invite.isRepeated || brake.reason !== undefined) {
      spend(setUpMs * refusalShare, true)
      continue
    }
    taken++
    if (waitedMs > t1Ms) late++
    spend(setUpMs, true)
  }

  return { share: taken / (capacity * seconds), late, repeated, longestWaitMs }
}

describe('a process that gets more calls than it can set up', () => {
  const lagMs = loadSettings({ env: {} }).overload.lag

  it('sets up 80 % of what it can at three times as many, late for none', () => {
    const overloads = fc.record({
      capacity: fc.integer({ min: 50, max: 2000 }),
      factor: fc.double({ min: 1.25, max: 3, noNaN: true }),
    })
    fc.assert(
      fc.property(overloads, (overload) => {
        const { share, late, repeated } = serve({ ...overload, lagMs })
        assert.ok(share >= 0.8, `${share} of ${overload.capacity}/s at ${overload.factor} times as many`)
        assert.deepEqual([late, repeated], [0, 0])
      }),
      { numRuns: 30 },
    )
  })

  it('lets no INVITE wait for T1, however many come', () => {
    for (const factor of [1, 1.1, 5, 10]) {
      const { late, repeated, longestWaitMs } = serve({ capacity: 500, factor, lagMs })
      assert.deepEqual([late, repeated], [0, 0], `${factor} times as many`)
      assert.ok(longestWaitMs < t1Ms, `${longestWaitMs} ms at ${factor} times as many`)
    }
  })

  it('lets none wait for T1 while it is cold either', () => {
    const { late, repeated } = serve({ capacity: 900, factor: 3, lagMs, coldness: 5 })
    assert.deepEqual([late, repeated], [0, 0])
  })

  it('makes its callers repeat themselves where the lag that it allows is beyond T1', () => {
    for (const lag of [0, 1000]) {
      const { repeated, longestWaitMs } = serve({ capacity: 900, factor: 3, lagMs: lag })
      assert.ok(repeated > 0 && longestWaitMs > t1Ms, `OVERLOAD_LAG ${lag}: ${repeated} repeated`)
    }
  })
})

import assert from 'node:assert/strict'
import { isoTime, TimerWheel, wallTime } from '../../../engine/clock/index.ts'

const hourMs = 3_600_000

describe("the system's clock", () => {
  const { now } = Date
  const wheel = new TimerWheel()
  const setClock = (ms: number): void => {
    Date.now = () => now() + ms
  }
  const assertShown = (moment: number, expected: number): void => {
    const shown = wallTime(moment)
    assert.ok(Math.abs(shown - expected) < 150, `shown as ${new Date(shown).toISOString()}`)
    assert.equal(isoTime(moment), new Date(shown).toISOString())
  }
  afterEach(() => {
    Date.now = now
    wheel.now()
  })

  for (const [direction, ms] of [
    ['forwards', hourMs],
    ['backwards', -hourMs],
  ] as const) {
    it(`that is stepped ${direction} is followed from then on, and durations are not changed`, () => {
      const [before, beganAt] = [wheel.now(), Date.now()]
      setClock(ms)
      const [after, steppedAt] = [wheel.now(), Date.now()]
      assert.ok(after >= before && after - before < 1000, `${after - before} ms have passed`)
      assertShown(after, steppedAt)
      assertShown(before, beganAt)
    })
  }

  it('that is stepped again and again is followed each time', () => {
    for (let i = 1; i <= 200; i++) {
      setClock(i % 2 === 0 ? 0 : i * hourMs)
      assertShown(wheel.now(), Date.now())
    }
  })

  it('that is a little off the time that has passed, as drift makes it, changes nothing', () => {
    const before = wheel.now()
    setClock(20)
    const after = wheel.now()
    assert.ok(wallTime(after) - wallTime(before) - (after - before) < 1)
  })
})

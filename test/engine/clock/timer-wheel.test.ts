import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import fc from 'fast-check'
import { type Timer, TimerWheel } from '../../../engine/clock/index.ts'

const fail = (error: unknown = new Error('fired')) => {
  throw error
}

describe('the timer wheel', () => {
  it('fires in order of time, never early', async () => {
    const wheel = new TimerWheel(fail)
    const fired: number[] = []
    const done = new EventEmitter()
    // All are set at one moment, however long this takes.
    const start = wheel.now()
    wheel.now = () => start
    for (const ms of [90, 10, 50, 50, 0, 30]) {
      wheel.after(ms, () => {
        assert.ok(wheel.now() - start >= ms)
        fired.push(ms)
        if (ms === 90) done.emit('last')
      })
    }
    wheel.now = TimerWheel.prototype.now.bind(wheel)
    assert.equal(wheel.size, 6)
    await once(done, 'last')
    assert.deepEqual(fired, [0, 10, 30, 50, 50, 90])
    assert.equal(wheel.size, 0)
  })

  it('never calls a cancelled timer, even one cancelled by another that fires with it', async () => {
    const wheel = new TimerWheel(fail)
    const fired: string[] = []
    const first = wheel.after(20, () => {
      fired.push('first')
      second.cancel()
    })
    const second = wheel.after(20, () => fired.push('second'))
    wheel.after(5, () => fired.push('never')).cancel()
    await new Promise<void>((resolve) => wheel.after(60, resolve))
    first.cancel()
    assert.deepEqual(fired, ['first'])
    assert.equal(wheel.size, 0)
  })

  it('gives a function what it was set with', async () => {
    const wheel = new TimerWheel(fail)
    const fired: string[] = []
    wheel.after(5, (name) => fired.push(name), 'first')
    wheel.after(5, (name) => fired.push(name), 'cancelled').cancel()
    await new Promise<void>((resolve) => wheel.after(10, resolve))
    assert.deepEqual(fired, ['first'])
  })

  it('outlives a function that throws and tells of it', async () => {
    const errors: unknown[] = []
    const wheel = new TimerWheel((error) => errors.push(error))
    const oops = new Error('oops')
    wheel.after(5, () => fail(oops))
    await new Promise<void>((resolve) => wheel.after(5, resolve))
    assert.deepEqual(errors, [oops])
  })

  it('fires a timer set from a timer', async () => {
    const wheel = new TimerWheel(fail)
    await new Promise<void>((resolve) => wheel.after(5, () => wheel.after(5, () => wheel.after(0, resolve))))
    assert.equal(wheel.size, 0)
  })

  it('wakes no process when it is empty, and is empty after clear', () => {
    const wheel = new TimerWheel(fail)
    const timers: Timer[] = []
    for (let i = 0; i < 1000; i += 1) timers.push(wheel.after(i * 100, () => fail()))
    wheel.clear()
    for (const timer of timers) timer.cancel()
    assert.equal(wheel.size, 0)
  })

  it('counts what is alive, whatever is set, cancelled, and cancelled twice', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(100_000), fc.boolean(), fc.nat(20))), (plan) => {
        const wheel = new TimerWheel(fail)
        const timers: Timer[] = []
        const alive = new Set<unknown>()
        for (const [ms, cancels, which] of plan) {
          const timer = wheel.after(ms, () => fail())
          timers.push(timer)
          alive.add(timer)
          const victim = timers[which]
          if (!cancels || !victim) continue
          victim.cancel()
          alive.delete(victim)
        }
        assert.equal(wheel.size, alive.size)
        wheel.clear()
      }),
    )
  })
})

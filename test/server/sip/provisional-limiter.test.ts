import assert from 'node:assert/strict'
import { ProvisionalLimiter } from '../../../server/sip/provisional-limiter.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { response } from '../transfer/fake-port.ts'

describe('The provisional responses of one INVITE', () => {
  it('are acted on when they say something new, and again after a while', () => {
    const clock = new FakeClock()
    const limiter = new ProvisionalLimiter(clock)
    const ringing = response(180)
    assert.equal(limiter.admits(ringing), true)
    assert.equal(limiter.admits(ringing), false)
    assert.equal(limiter.admits(response(183, 'v=0')), true)
    clock.advance(10_000)
    assert.equal(limiter.admits(ringing), true)
  })

  it('are bounded, whatever they say', () => {
    const limiter = new ProvisionalLimiter(new FakeClock())
    const taken = Array.from({ length: 5000 }, (_, at) => limiter.admits(response(183, `v=${at}`)))
    assert.equal(taken.filter(Boolean).length, 100)
  })
})

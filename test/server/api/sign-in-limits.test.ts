import assert from 'node:assert/strict'
import fc from 'fast-check'
import { SignInLimits } from '../../../server/api/sign-in-limits.ts'

const attacker = '198.51.100.7'
const office = '203.0.113.9'
const windowMs = 5 * 60_000

describe('the limits of sign-ins', () => {
  let now: number
  let limits: SignInLimits
  beforeEach(() => {
    now = 0
    limits = new SignInLimits(() => now)
  })
  const isTaken = (name: string, address: string) => limits.attempt(name, address) === undefined
  const guess = (name: string, address: string, times: number) =>
    Array.from({ length: times }, () => isTaken(name, address)).filter(Boolean).length

  it('let a source guess ten times for a name and thirty times in all, until five minutes have passed', () => {
    assert.equal(guess('ann', attacker, 20), 10)
    assert.equal(limits.attempt('ann', attacker)?.waitSeconds, 300)
    assert.equal(guess('bob', attacker, 20) + guess('eve', attacker, 20), 9)
    now = windowMs
    assert.equal(guess('ann', attacker, 20), 10)
  })

  it('lock no person out of a known place, however many guess from others', () => {
    assert.ok(isTaken('ann', office))
    limits.succeeded('ann', office)
    for (let hour = 0; hour < 3; hour++) {
      for (let host = 0; host < 100; host++) guess('ann', `198.51.100.${host}`, 10)
      assert.ok(isTaken('ann', office))
      limits.succeeded('ann', office)
      // From a place where the person was never before, the guesses count as long as they go on.
      assert.equal(isTaken('ann', '192.0.2.1'), false)
      now += windowMs
    }
    assert.ok(isTaken('ann', '192.0.2.1'))
  })

  it('take guesses for a name from all places together fifty times', () => {
    const taken = Array.from({ length: 100 }, (_, host) => guess('ann', `198.51.100.${host}`, 1))
    assert.equal(taken.filter((one) => one === 1).length, 50)
  })

  it('take any number of right passwords from one address, which many people may share', () => {
    for (let person = 0; person < 200; person++) {
      assert.ok(isTaken(`person-${person}`, office))
      limits.succeeded(`person-${person}`, office)
    }
    assert.equal(guess('ann', office, 20), 10)
  })

  it('are one limit for a network of IPv6, whose addresses a guesser may choose', () => {
    const taken = Array.from({ length: 100 }, (_, host) => guess(`person-${host}`, `2001:db8::${host.toString(16)}`, 1))
    assert.equal(taken.filter((one) => one === 1).length, 30)
  })

  it('never take more than the maximum of any source in a window, whatever succeeds meanwhile elsewhere', () => {
    const step = fc.record({ name: fc.constantFrom('ann', 'bob', 'eve', 'joe'), own: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        limits = new SignInLimits(() => 0)
        let taken = 0
        for (const { name, own } of steps) {
          if (own && isTaken(name, office)) limits.succeeded(name, office)
          else if (isTaken(name, attacker)) taken++
        }
        assert.ok(taken <= 30)
      }),
    )
  })
})

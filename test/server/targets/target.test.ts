import assert from 'node:assert/strict'
import fc from 'fast-check'
import { WatchedTarget } from '../../../server/targets/target.ts'
import { noProbe } from '../../../base/probe.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const minute = 60_000

describe('a target', () => {
  let clock: FakeClock
  let told: string[]
  let target: WatchedTarget

  beforeEach(() => {
    clock = new FakeClock()
    told = []
    target = newTarget()
  })

  const newTarget = (): WatchedTarget =>
    new WatchedTarget(
      'udp:192.0.2.1:5060',
      [{ kind: 'agent', uri: 'sip:192.0.2.1', usedBy: 'demo live', probe: noProbe }],
      clock,
      {
        changed: (_, change) => told.push(change),
        learned: () => undefined,
        added: () => undefined,
        used: () => undefined,
        gone: () => undefined,
      },
      { transport: 'udp', address: '192.0.2.1', port: 5060 },
    )

  const address = () => target.addresses[0] ?? assert.fail()

  const fail = (): void => {
    address().begin()
    address().noteFailure('no response')
  }

  it('is down after three OPTIONS without an answer, and up after two with one', () => {
    target.isProbed = true
    address().noteProbe(true, '200 OK to OPTIONS')
    assert.equal(target.state, 'up')
    for (const left of ['up', 'up', 'down']) {
      address().noteProbe(false, 'no answer to OPTIONS')
      assert.equal(target.state, left)
    }
    assert.equal(target.closedBecause, 'no answer to OPTIONS')
    address().noteProbe(true, '404 Not Found to OPTIONS')
    assert.equal(target.state, 'down')
    address().noteProbe(true, '404 Not Found to OPTIONS')
    assert.deepEqual([target.state, target.reason, told], ['up', '404 Not Found to OPTIONS', ['down', 'up']])
    assert.equal(clock.size, 0)
  })

  it('whose first OPTIONS had no answer says so, before it is down', () => {
    target.isProbed = true
    assert.deepEqual([target.state, target.reason], ['unknown', 'not asked yet'])
    address().noteProbe(false, 'no answer to OPTIONS')
    assert.deepEqual([target.state, target.reason, told], ['unknown', 'no answer to OPTIONS', []])
  })

  it('that answers every other OPTIONS stays as it is', () => {
    address().noteProbe(true, '200 OK')
    for (let i = 0; i < 20; i++) address().noteProbe(i % 3 === 2, 'an answer or none')
    assert.deepEqual([target.state, told], ['up', []])
  })

  it('that a call finds silent takes no call for ten seconds, then one at a time', () => {
    fail()
    assert.equal(target.closedBecause, 'no response')
    clock.advance(9_999)
    assert.equal(target.state, 'down')
    clock.advance(1)
    assert.deepEqual([target.state, target.closedBecause], ['half_open', undefined])
    address().begin()
    assert.notEqual(target.closedBecause, undefined)
    address().endTrial()
    assert.equal(target.closedBecause, undefined)
    address().begin()
    address().noteAnswer('486 Busy Here')
    assert.deepEqual([target.state, told], ['up', ['down', 'up']])
    assert.equal(clock.size, 0)
  })

  it('is left alone longer each time, five minutes at most, and for ten seconds again once it was well for long', () => {
    const waits = Array.from({ length: 7 }, () => {
      fail()
      const from = clock.now()
      while (target.state === 'down') clock.advance(1000)

      return (clock.now() - from) / 1000
    })
    assert.deepEqual(waits, [10, 20, 40, 80, 160, 300, 300])
    address().noteAnswer('200 OK')
    clock.advance(20 * minute)
    fail()
    clock.advance(10_000)
    assert.equal(target.state, 'half_open')
  })

  it('is left alone for as long as its Retry-After says, and no longer than an hour', () => {
    address().noteFailure('503 Service Unavailable', 120_000)
    clock.advance(119_999)
    assert.equal(target.state, 'down')
    clock.advance(1)
    assert.equal(target.state, 'half_open')
    address().noteFailure('503 Service Unavailable', 1e9)
    clock.advance(60 * minute)
    assert.equal(target.state, 'half_open')
  })

  it('that fails calls is not up because it answers OPTIONS, before its back-off is over', () => {
    target.isProbed = true
    fail()
    for (let i = 0; i < 3; i++) address().noteProbe(true, '200 OK to OPTIONS')
    assert.equal(target.state, 'down')
    clock.advance(10_000)
    address().noteProbe(true, '200 OK to OPTIONS')
    assert.equal(target.state, 'up')
  })

  it('that is silent to OPTIONS is not tried with a call', () => {
    target.isProbed = true
    for (let i = 0; i < 3; i++) address().noteProbe(false, 'no answer to OPTIONS')
    clock.advance(60 * minute)
    assert.equal(target.state, 'down')
    target.close()
    assert.equal(clock.size, 0)
  })

  it('keeps its last ten results, newest first', () => {
    for (let i = 0; i < 25; i++) address().noteProbe(true, `${i}`)
    assert.deepEqual(
      target.results.map(({ what }) => what),
      ['24', '23', '22', '21', '20', '19', '18', '17', '16', '15'],
    )
  })

  it('takes no call while an operator has taken it out, and is unknown once it is enabled', () => {
    target.takeOut('disabled', 'disabled by ann')
    assert.deepEqual([target.isTakenOut, target.closedBecause], [true, 'disabled by ann'])
    address().noteAnswer('200 OK')
    assert.equal(target.state, 'disabled')
    target.enable('enabled by ann')
    assert.deepEqual([target.state, target.closedBecause, told], ['unknown', undefined, ['out', 'in']])
  })

  it('has no timer left once it is closed, whatever has happened', () => {
    const acts = [
      () => fail(),
      () => address().begin(),
      () => {
        address().noteAnswer('200 OK')
      },
      () => {
        address().endTrial()
      },
      () => {
        address().noteProbe(false, 'none')
      },
      () => {
        address().noteProbe(true, '200')
      },
      () => {
        target.takeOut('disabled', 'off')
      },
      () => {
        target.takeOut('draining', 'off')
      },
      () => {
        target.enable('on')
      },
      () => {
        clock.advance(30_000)
      },
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...acts), { maxLength: 40 }), fc.boolean(), (sequence, isProbed) => {
        target = newTarget()
        target.isProbed = isProbed
        for (const act of sequence) act()
        // A back-off and the trial of a call, at most.
        assert.ok(clock.size <= 1)
        target.close()
        for (const act of sequence) act()
        assert.equal(clock.size, 0)
      }),
    )
  })
})

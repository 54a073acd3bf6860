import assert from 'node:assert/strict'
import { noProbe } from '../../../base/probe.ts'
import { Response, type Target } from '../../../engine/index.ts'
import { LocalResponse } from '../../../server/sip/local-response.ts'
import { ReceivedResponse } from '../../../server/sip/received.ts'
import { TargetCall } from '../../../server/targets/target-call.ts'
import { maxAddresses, WatchedTarget } from '../../../server/targets/target.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const noop = (): void => undefined
const at = (last: number, transport: 'udp' | 'tcp' = 'udp'): Target => ({
  ...{ transport, address: `192.0.2.${last}`, port: 5060 },
  serverName: 'gw.example.com',
})
const [a, b, c] = [at(1), at(2), at(3)]
const all = [a, b, c]

describe('a call on a target whose name has several addresses', () => {
  let clock: FakeClock
  let told: string[]
  let learned: string[]
  let target: WatchedTarget

  beforeEach(() => {
    clock = new FakeClock()
    told = []
    learned = []
    target = new WatchedTarget(
      'udp:gw.example.com',
      [{ kind: 'gateway', uri: 'sip:gw.example.com', usedBy: 'trunk carrier', probe: noProbe }],
      clock,
      {
        ...{ added: noop, used: noop, gone: noop },
        changed: (_, change) => told.push(change),
        learned: (_, address, { what }) => learned.push(`${address.text} ${what}`),
      },
    )
  })

  const states = () => target.addresses.map(({ state }) => state)
  const silence = () => new LocalResponse(408, 'id')
  /** A call that is silent at each address in turn. */
  const fail = (...addresses: Target[]): void => {
    const call = new TargetCall(target)
    call.choose(all)
    for (const address of addresses) {
      call.sentTo(address.transport, address)
      call.failed(silence())
    }
    call.end()
  }

  it('goes to those that are not down, in the order of the records', () => {
    fail(b)
    assert.deepEqual([states(), target.state], [['unknown', 'down', 'unknown'], 'unknown'])
    const call = new TargetCall(target)
    assert.deepEqual(call.addresses?.choose([c, b, a]), [c, a])
    assert.deepEqual(learned, ['192.0.2.2:5060 no response to INVITE'])
  })

  it('goes to each once, in order, where all are down', () => {
    fail(a, b, c)
    assert.deepEqual([target.state, told], ['down', ['down']])
    assert.equal(target.closedBecause, 'no response to INVITE')
    const call = new TargetCall(target)
    assert.deepEqual(call.choose(all), all)
    call.sentTo(a.transport, a)
    call.failed(silence())
    assert.deepEqual(call.choose(all), [b, c])
    call.sentTo(b.transport, b)
    call.responded(new LocalResponse(487, 'id'), true)
    call.end()
    assert.equal(target.state, 'down')
  })

  it('tries a half-open address alone, which the next call does not', () => {
    fail(a, b, c)
    clock.advance(10_000)
    assert.equal(target.state, 'half_open')
    const trial = new TargetCall(target)
    assert.deepEqual(trial.choose(all), all)
    trial.sentTo(a.transport, a)
    const next = new TargetCall(target)
    assert.deepEqual(next.choose(all), [b, c])
    next.sentTo(b.transport, b)
    next.end()
    trial.heard(new ReceivedResponse(new Response(180), 'peer'))
    assert.deepEqual([states(), target.state, told], [['up', 'half_open', 'half_open'], 'up', ['down', 'up']])
    trial.end()
    target.close()
    assert.equal(clock.size, 0)
  })

  it('says nothing of an address of UDP that takes no long INVITE by TCP', () => {
    const call = new TargetCall(target)
    call.choose(all)
    call.sentTo('tcp', a)
    call.failed(silence())
    assert.deepEqual(states(), ['unknown', 'unknown', 'unknown'])
    call.sentTo('udp', a)
    call.silent()
    assert.deepEqual(states(), ['down', 'unknown', 'unknown'])
    call.end()
    assert.equal(target.calls, 0)
  })

  it('counts for all addresses where the name cannot be looked up', () => {
    target.resolved(all)
    const call = new TargetCall(target)
    assert.deepEqual(call.choose([]), [])
    call.responded(new LocalResponse(503, 'id'), false)
    assert.deepEqual([states(), target.reason], [['down', 'down', 'down'], 'no connection'])
  })

  it('keeps what is known of addresses that stay, and bounds their number', () => {
    fail(a)
    target.resolved([a, a, b])
    assert.deepEqual(states(), ['down', 'unknown'])
    target.resolved([b])
    assert.deepEqual(states(), ['unknown'])
    target.resolved(Array.from({ length: 40 }, (_, i) => at(i)))
    assert.equal(target.addresses.length, maxAddresses)
    assert.equal(clock.size, 0)
  })
})

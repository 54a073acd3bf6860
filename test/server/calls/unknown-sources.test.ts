import assert from 'node:assert/strict'
import { UnknownSources } from '../../../server/calls/unknown-sources.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const from = (address: string, agent?: string) => ({
  source: { transport: 'udp' as const, address, port: 5060 },
  header: (name: string) => (name === 'User-Agent' ? agent : undefined),
})

function create(settings: { limit?: number; block?: number; scanners?: string[] } = {}) {
  const clock = new FakeClock()

  return { clock, sources: new UnknownSources({ limit: 3, block: 10, scanners: [], ...settings }, clock) }
}

describe('UnknownSources', () => {
  it('a source that was refused too often within a minute is not answered, and anew when the time is over', () => {
    const { clock, sources } = create()
    assert.deepEqual(
      [1, 2, 3].map(() => sources.refused('192.0.2.1')),
      [0, 0, 10],
    )
    assert.equal(sources.ignores(from('192.0.2.1')), true)
    assert.equal(sources.ignores(from('192.0.2.2')), false)
    assert.equal(sources.blocked, 1)
    clock.advance(10_000)
    assert.equal(sources.ignores(from('192.0.2.1')), false)
    assert.equal(sources.blocked, 0)
    assert.equal(sources.refused('192.0.2.1'), 0)
    assert.deepEqual(sources.counts, { refused: 4, blocked: 1, scanner: 0 })
  })

  it('who is refused now and then is always answered', () => {
    const { clock, sources } = create()
    for (let times = 0; times < 10; times++) {
      assert.equal(sources.refused('192.0.2.1'), 0)
      clock.advance(31_000)
    }
  })

  it('an IPv6 source is blocked with its /64, however the address is written', () => {
    const { sources } = create()
    for (const address of ['2001:db8:0:7::1', '2001:db8:0:7:1:2:3:4', '2001:db8:0:7::']) sources.refused(address)
    assert.equal(sources.ignores(from('2001:db8:0:7:ffff::9')), true)
    assert.equal(sources.ignores(from('2001:db8:0:8::1')), false)
  })

  it('remembers so many sources and not more', () => {
    const { sources } = create({ limit: 1 })
    for (let n = 0; n < 20_000; n++) sources.refused(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)
    assert.equal(sources.blocked, 10_000)
    assert.equal(sources.ignores(from('10.0.0.1')), false)
    assert.equal(sources.ignores(from('10.0.78.31')), true)
  })

  it('a scanner is known by a part of its User-Agent', () => {
    const { sources } = create({ scanners: ['Friendly'] })
    assert.equal(sources.ignores(from('192.0.2.1', 'the friendly-scanner')), true)
    assert.equal(sources.ignores(from('192.0.2.1', 'a phone')), false)
    assert.equal(sources.ignores(from('192.0.2.1')), false)
  })

  it('0 blocks nothing', () => {
    for (const settings of [{ limit: 0 }, { block: 0 }]) {
      const { sources } = create(settings)
      for (let times = 0; times < 100; times++) assert.equal(sources.refused('192.0.2.1'), 0)
    }
  })
})

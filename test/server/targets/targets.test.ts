import assert from 'node:assert/strict'
import { Targets, hopUri, targetIdOf } from '../../../server/targets/targets.ts'
import { noProbe } from '../../../base/probe.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const noop = (): void => undefined
const listener = { changed: noop, learned: noop, added: noop, used: noop, gone: noop }

describe('targets', () => {
  let targets: Targets

  beforeEach(() => {
    targets = new Targets({ clock: new FakeClock(), listener })
  })

  const ids = (): string[] => [...targets.all].map(({ id }) => id)

  it('are one for one address, however many tables name it', () => {
    targets.setUses('trunks', [{ kind: 'gateway', uri: 'sip:192.0.2.1:5060', usedBy: 'trunk carrier', probe: noProbe }])
    targets.setUses('project demo', [
      { kind: 'agent', uri: 'sip:bot@192.0.2.1', usedBy: 'demo live', probe: noProbe },
      { kind: 'agent', uri: 'sip:other@192.0.2.1;transport=tcp', usedBy: 'demo live', probe: noProbe },
      { kind: 'handoff', uri: 'sip:desk@192.0.2.1?X-A=1', usedBy: 'demo live desk', probe: noProbe },
    ])
    assert.deepEqual(ids(), ['udp:192.0.2.1:5060', 'tcp:192.0.2.1:5060'])
    const target = targets.of('sip:+14155550100@192.0.2.1:5060;user=phone')
    assert.deepEqual(
      [target?.kind, target?.uri, target?.usedBy],
      ['gateway', 'sip:192.0.2.1:5060', ['trunk carrier', 'demo live', 'demo live desk']],
    )
    assert.equal(targets.of('sip:192.0.2.9'), undefined)
  })

  it('follow the configuration, and keep what is known of those that stay', () => {
    const uses = [{ kind: 'agent', uri: 'sip:a@192.0.2.1', usedBy: 'demo live', probe: noProbe } as const]
    targets.setUses('project demo', uses)
    targets.of('sip:a@192.0.2.1')?.addresses[0]?.noteFailure('no response')
    targets.setUses('project demo', [
      ...uses,
      { kind: 'agent', uri: 'sip:b@192.0.2.2', usedBy: 'demo live', probe: noProbe },
    ])
    assert.equal(targets.of('sip:a@192.0.2.1')?.state, 'down')
    assert.equal(targets.of('sip:b@192.0.2.2')?.state, 'unknown')
    targets.setUses('project demo', [])
    assert.deepEqual([ids(), targets.of('sip:a@192.0.2.1')], [[], undefined])
  })

  it('are bounded in number', () => {
    const uses = Array.from({ length: 12_000 }, (_, i) => ({
      ...{ kind: 'agent', usedBy: 'demo live', probe: noProbe },
      uri: `sip:192.0.2.1:${i + 1}`,
    }))
    targets.setUses('project demo', uses as Parameters<Targets['setUses']>[1])
    assert.equal(targets.size, 10_000)
  })

  it('are named by transport, host and port', () => {
    const named = {
      'sip:192.0.2.1': 'udp:192.0.2.1:5060',
      'sips:192.0.2.1': 'tls:192.0.2.1:5061',
      'sip:a@192.0.2.1:5061;transport=TLS': 'tls:192.0.2.1:5061',
      'sip:a@[2001:db8::1]': 'udp:[2001:db8::1]:5060',
      'sip:gw.Example.com': 'udp:gw.example.com',
      'sip:gw.example.com:5070': 'udp:gw.example.com:5070',
      'sip:gw.example.com;maddr=192.0.2.7': 'udp:192.0.2.7:5060',
    }
    for (const [uri, id] of Object.entries(named)) assert.equal(targetIdOf(uri), id)
    assert.equal(targetIdOf('tel:+14155550100'), undefined)
  })

  it('are asked at their next hop, without a user', () => {
    assert.equal(hopUri('sip:a@192.0.2.1:5070;transport=tcp?X-A=1'), 'sip:192.0.2.1:5070;transport=tcp')
    assert.equal(hopUri('sips:gw.example.com;user=phone'), 'sips:gw.example.com')
  })
})

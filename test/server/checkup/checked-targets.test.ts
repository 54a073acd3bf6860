import assert from 'node:assert/strict'
import { checkClocks, checkPeerCertificates, checkTargets, type CheckedTarget } from '../../../server/checkup/index.ts'

const target: CheckedTarget = {
  ...{ id: 'udp:192.0.2.1:5060', kind: 'gateway', uri: 'sip:192.0.2.1', state: 'unknown', usedBy: ['trunk a'] },
  ...{
    reason: 'no answer to OPTIONS',
    results: [],
    rtt: undefined,
    clockAhead: undefined,
    certificateExpiry: undefined,
  },
}
const result = (ok: boolean, what: string) => ({ at: 0, from: 'probe' as const, ok, what })

describe('the check of targets', () => {
  it('names those that calls pass over, and why', () => {
    const states = ['up', 'unknown', 'down', 'half_open', 'disabled', 'draining'] as const
    const found = checkTargets(states.map((state) => ({ ...target, state })))
    assert.deepEqual(
      found.map(({ state }) => state),
      ['failed', 'failed', 'warning', 'warning'],
    )
    assert.deepEqual(
      [found[0]?.check, found[0]?.detail, found[0]?.where],
      ['gateway sip:192.0.2.1', 'down (no answer to OPTIONS), used by trunk a', 'trunks.a.gateways'],
    )
    assert.match(found[2]?.hint ?? '', /targets enable udp:192\.0\.2\.1:5060/)
  })

  it('goes by the last OPTIONS, and says what to look at', () => {
    const after = (ok: boolean, what: string, state: 'up' | 'unknown' = 'unknown') =>
      checkTargets([{ ...target, state, rtt: 0.0123, results: [result(ok, what)] }])[0]
    assert.deepEqual(after(true, '405 Method Not Allowed to OPTIONS'), {
      ...{ check: 'gateway sip:192.0.2.1', state: 'ok', detail: '405 Method Not Allowed to OPTIONS after 12 ms' },
    })
    assert.equal(after(false, 'no answer to OPTIONS', 'up')?.state, 'warning')
    const hints = ['no answer to OPTIONS', 'OPTIONS could not be sent: TLS', '503 Full to OPTIONS', 'ECONNREFUSED'].map(
      (what) => after(false, what)?.hint ?? '',
    )
    assert.deepEqual(
      hints.map((hint) => /firewall|certificate|own state|it runs/.exec(hint)?.[0]),
      ['it runs', 'certificate', 'own state', 'it runs'],
    )
  })

  it('names the field of an agent and of a handoff', () => {
    const place = (kind: 'agent' | 'handoff', user: string) =>
      checkTargets([{ ...target, kind, usedBy: [user], state: 'down' }])[0]?.where
    assert.equal(place('agent', 'demo live'), 'agents of demo live')
    assert.equal(place('handoff', 'demo live desk'), 'route of demo live desk')
  })
})

describe('the check of targets’ certificates', () => {
  it('names those that expire within 14 days, and no others', () => {
    const now = Date.UTC(2026, 10, 28)
    const at = (days: number) =>
      checkPeerCertificates([{ ...target, certificateExpiry: now / 1000 + days * 86_400 }], now)[0]
    assert.deepEqual([checkPeerCertificates([target], now), at(14), at(15)], [[], undefined, undefined])
    assert.deepEqual(
      [at(13.5)?.check, at(13.5)?.state, at(13.5)?.detail, at(1)?.detail, at(-2)?.detail],
      [
        ...['certificate of gateway sip:192.0.2.1', 'warning', 'expires in 13 days, on 2026-12-11'],
        ...['expires in 1 day, on 2026-11-29', 'expired on 2026-11-26'],
      ],
    )
  })
})

describe('the check of clocks', () => {
  it('names the peers whose Date is far from this clock', () => {
    const at = (clockAhead: number | undefined) => checkClocks([{ ...target, clockAhead }])
    assert.deepEqual(at(undefined), [])
    assert.equal(at(-3)[0]?.state, 'ok')
    assert.deepEqual(
      [at(120)[0]?.detail, at(-3600)[0]?.detail],
      ['sip:192.0.2.1 is 120 s ahead of this machine', 'sip:192.0.2.1 is 3600 s behind this machine'],
    )
  })
})

import assert from 'node:assert/strict'
import { loadSettings } from '../../../config/index.ts'
import { checkCertificates, checkSettings, checkTables, type CheckFinding } from '../../../server/checkup/index.ts'
import { pinned, projectFile } from '../../routes/fixtures.ts'
import type { Table } from '../../../routes/index.ts'

const settingsWith = (env: Record<string, string>, trunks?: object[]) => {
  const settings = loadSettings({ env })

  return trunks ? { ...settings, trunks: trunks.map((trunk) => ({ ...settings.trunks[0]!, ...trunk })) } : settings
}
const bad = (findings: CheckFinding[]) =>
  findings.filter(({ state }) => state !== 'ok').map(({ check, detail }) => `${check}: ${detail}`)

describe('what the doctor finds', () => {
  const tables = (handoffs: Table['handoffs'], trunks: object[]) => {
    const { environments } = projectFile()
    const { numbers = [], agents = [] } = environments.live ?? {}
    const routing = {
      projects: () => [{ project: 'demo', environments: { live: { version: 7, numbers, agents } } }] as never,
      current: () => pinned({ handoffs }, { numbers, agents }),
    }

    return checkTables(routing, settingsWith({}, trunks).trunks)
  }
  const number = { name: 'mobile', default: true, method: 'invite', route: '+14155550111' } as const

  it('is a number route on each trunk that has no gateway to send it to', () => {
    const trunks = [{ name: 'bare' }, { name: 'whole', gateways: ['sip:10.0.0.1:5060'] }]
    assert.deepEqual(bad(tables([number], trunks)), [
      'trunk bare: mobile of demo live: +14155550111 is a number, and trunk bare has no gateway to send it to',
    ])
    assert.deepEqual(bad(tables([{ ...number, trunk: 'whole' }], trunks)), [])
    assert.equal(bad(tables([{ ...number, method: 'refer' }], trunks)).length, 1, 'it is called when REFER is refused')
    assert.deepEqual(bad(tables([{ ...number, method: 'refer', fallback: 'none' }], trunks)), [])
    assert.deepEqual(
      bad(
        tables(
          [
            { ...number, active: false },
            { name: 'desk', default: true, route: 'sip:desk@10.0.0.9' },
          ].map((one, i) => ({ ...one, default: i === 1 })),
          trunks,
        ),
      ),
      [],
    )
  })

  it('is a number that cannot be written as the trunk wants it', () => {
    const trunks = [{ name: 'uk', gateways: ['sip:10.0.0.1'], numberFormat: 'national', defaultCountry: 'GB' }]
    assert.match(bad(tables([number], trunks))[0] ?? '', /is no national number of GB/)
  })

  it('is a gateway that is reached by TLS, where there is no TLS listener', () => {
    const trunks = [{ name: 'pbx', gateways: ['sip:10.0.0.1;transport=tls', 'sips:10.0.0.2', 'sip:10.0.0.3'] }]
    assert.equal(bad(checkSettings(settingsWith({}, trunks))).length, 2)
    assert.deepEqual(bad(checkSettings(settingsWith({ DRACHTIO_HOST: '127.0.0.1' }, trunks))), [])
    const everywhere = { SIP_LISTEN: 'udp:0.0.0.0:5060' }
    assert.equal(bad(checkSettings(settingsWith(everywhere))).length, 1)
    assert.deepEqual(bad(checkSettings(settingsWith({ ...everywhere, SIP_EXTERNAL_IP: '203.0.113.7' }))), [])
  })

  it('is a certificate that expires within two weeks', () => {
    const now = Date.parse('2026-06-01T00:00:00Z')
    const at = (date: string) => new Map([['sip.pem', Date.parse(date) / 1000]])
    assert.deepEqual(
      ['2026-05-01', '2026-06-10', '2026-09-01'].map((date) => checkCertificates(at(date), now)[0]?.state),
      ['failed', 'warning', 'ok'],
    )
  })
})

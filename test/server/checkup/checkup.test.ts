import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { loadSettings } from '../../../config/index.ts'
import {
  checkExpiries,
  checkMachine,
  checkRuntime,
  checkSettings,
  checkTables,
  grantedReceiveBytes,
  type CheckFinding,
} from '../../../server/checkup/index.ts'
import { defaultSettings } from '../../../engine/index.ts'
import { warnOfReceiveBuffer } from '../../../server/start.ts'
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
      running: () => [pinned({ handoffs }, { numbers, agents })],
    }

    return checkTables(routing, settingsWith({}, trunks))
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

  it('is a certificate that expires within 30 days', () => {
    const now = Date.parse('2026-06-01T00:00:00Z')
    const at = (date: string) => new Map([['sip.pem', Date.parse(date) / 1000]])
    assert.deepEqual(
      ['2026-05-01', '2026-06-30', '2026-09-01'].map((date) => checkExpiries(at(date), now)[0]?.state),
      ['failed', 'warning', 'ok'],
    )
  })

  it('is a trunk that is named and not there, and one that takes no REFER', () => {
    const trunks = [{ name: 'pbx', gateways: ['sip:10.0.0.1'], refer: false }]
    assert.match(bad(tables([{ ...number, trunk: 'gone' }], trunks)).join(), /trunk gone, which is not configured/)
    const referred = { ...number, method: 'refer', fallback: 'none' } as const
    assert.match(bad(tables([referred], trunks)).join(), /trunk pbx takes no REFER/)
  })

  it('is a resolver whose secret is not in the settings', () => {
    const table: Table = {
      handoffs: [
        {
          name: 'vip',
          default: true,
          route: 'sip:a@b.example',
          resolver: { url: 'https://crm.example/', secret: 'crm' },
        },
        { name: 'open', route: 'sip:a@b.example', resolver: { url: 'https://crm.example/' } },
      ],
    }
    const routing = { projects: () => [{ project: 'demo', environments: {} }], running: () => [pinned(table)] }
    const found = (RESOLVER_SECRETS: string) =>
      checkTables(routing as never, loadSettings({ env: { RESOLVER_SECRETS } })).filter(
        ({ check }) => check === 'resolver',
      )
    assert.deepEqual(found('crm:long'), [])
    assert.deepEqual(found('other:long'), [
      {
        ...{ check: 'resolver', state: 'warning', detail: 'vip of demo live asks no resolver: there is no secret crm' },
        ...{ where: 'demo: table.handoffs.vip.resolver.secret', hint: 'add crm:… to RESOLVER_SECRETS' },
      },
    ])
  })

  it('is nothing where a number can be called, which is shown as it is dialled', () => {
    const trunks = [{ name: 'us', gateways: ['sip:10.0.0.1'], numberFormat: 'national', defaultCountry: 'US' }]
    const found = tables([number], trunks)
    assert.deepEqual(bad(found), [])
    assert.equal(found.at(-1)?.detail, '1 number can be called, as sip:4155550111@10.0.0.1;user=phone')
  })

  it('is a disk without room, few open files and a small receive buffer', () => {
    const settings = settingsWith({ DATA_DIR: '/data', HISTORY_SIZE: '4096' })
    const mebibyte = 1024 * 1024
    const plenty = { freeBytes: 1e12, openFiles: 1_048_576, receiveBytes: 64 * mebibyte }
    const found = (figures: Partial<typeof plenty>) => checkMachine(settings, { ...plenty, ...figures })
    assert.deepEqual(bad(found({})), [])
    assert.deepEqual(
      [
        ...found({ freeBytes: 50 * mebibyte }),
        ...found({ freeBytes: 500 * mebibyte }),
        ...found({ freeBytes: 2048 * mebibyte }),
        ...found({ openFiles: 1024 }),
        ...found({ receiveBytes: 212_992 }),
      ]
        .filter(({ state }) => state !== 'ok')
        .map(({ state, where, detail }) => `${state} ${where}: ${detail}`),
      [
        'failed DATA_DIR: 50 MiB free for /data',
        'warning DATA_DIR: 500 MiB free for /data',
        'warning HISTORY_SIZE: 2.0 GiB free for /data, and HISTORY_SIZE lets history take up to 4.0 GiB',
        'warning SIP_MAX_CONNECTIONS: 1024 may be open, and the settings allow connections that need 11124',
        'warning net.core.rmem_max: 208 KiB for each UDP listener, of the 4 MiB that Baton asks for',
      ],
    )
    const unknown = { freeBytes: undefined, openFiles: undefined, receiveBytes: undefined }
    assert.deepEqual(checkMachine(settings, unknown), [])
  })

  it('is told in the log at start where it is a small receive buffer, with what to do', () => {
    const told: unknown[] = []
    const log = { warn: (message: string, fields: object) => told.push([message, fields]) }
    const small = { receiveBytes: 212_992 }
    warnOfReceiveBuffer(settingsWith({}), { receiveBytes: 4 * 1024 * 1024 }, log)
    warnOfReceiveBuffer(settingsWith({ SIP_LISTEN: 'tcp:127.0.0.1:5060' }), small, log)
    assert.deepEqual(told, [])
    warnOfReceiveBuffer(settingsWith({}), small, log)
    assert.deepEqual(told, [
      [
        'the receive buffer is small: a burst of calls may be lost',
        {
          detail: '208 KiB for each UDP listener, of the 4 MiB that Baton asks for',
          hint: 'sysctl -w net.core.rmem_max=4194304, then restart Baton: in a burst of calls the system drops what has no room.',
        },
      ],
    ])
  })

  it('knows what the system grants a UDP socket, in a container, too', async () => {
    const receiveBytes = (await grantedReceiveBytes()) ?? 0
    const allowed = Number(await readFile('/proc/sys/net/core/rmem_max', 'latin1').catch(() => receiveBytes))
    assert.equal(receiveBytes, Math.min(allowed, defaultSettings.udpReceiveBuffer))
  })

  it('is an old Node, and time zone data of the year before last', () => {
    const now = Date.parse('2026-06-01T00:00:00Z')
    assert.deepEqual(bad(checkRuntime({ node: '22.1.0', tz: '2025b' }, now)), [])
    assert.deepEqual(bad(checkRuntime({ node: '20.18.1', tz: '2024a' }, now)), [
      'node: 20.18.1',
      'time zones: the time zone data of Node is of 2024a',
    ])
  })
})

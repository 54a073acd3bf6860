import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { loadSettings } from '../../../config/index.ts'
import { TrunkBook } from '../../../server/calls/trunk-book.ts'
import { DailyCaps, isFull, Limits } from '../../../server/limits/index.ts'
import { needsUnderCaps } from '../../../server/legs/trunks.ts'
import { TrunkMemory } from '../../../server/transfer/trunk-memory.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { startApi } from '../api/baton.ts'
import { Terminal } from './terminal.ts'

describe('baton trunks', () => {
  it('shows gateways and what was refused until when, and forgets it', async () => {
    const terminal = await Terminal.open()
    const config = await terminal.file(
      'baton.yaml',
      'trunks:\n  - { name: pbx, peers: [10.0.0.1], gateways: ["sip:10.0.0.1:5060"], credentials: { username: u, password: s3cret } }\n' +
        '  - { name: other, peers: [10.0.0.2], refer: false }\n',
    )
    const clock = new FakeClock()
    const memory = { refer: new TrunkMemory(clock), srtp: new TrunkMemory(clock) }
    memory.refer.remember('pbx', 3600, '405 Method Not Allowed')
    const { trunks } = loadSettings({ env: {}, file: config })
    const baton = await startApi({ trunks: new TrunkBook({ trunks, memory, addresses: () => [] }) })
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    terminal.env.HTTP_LISTEN = `127.0.0.1:${(baton.api.server.address() as AddressInfo).port}`

    const { out } = await terminal.baton('trunks')
    const json = await terminal.baton('trunks', 'list', '--json')
    const forgot = await terminal.baton('trunks', 'forget', 'pbx')
    const after = await terminal.baton('trunks')
    const none = await terminal.baton('trunks', 'forget', 'nowhere')
    await baton.close()
    await terminal.close()

    assert.match(out, /pbx +10\.0\.0\.1\/32 +sip:10\.0\.0\.1:5060 +as_written +refused lately/)
    assert.match(out, /other +10\.0\.0\.2\/32 +none +as_written +no/)
    assert.match(out, /pbx +REFER +- +405 Method Not Allowed +\d{4}-/)
    assert.doesNotMatch(json.out, /s3cret/)
    assert.deepEqual([forgot.code, forgot.out], [0, 'Forgot what pbx has refused.\n'])
    assert.match(after.out, /pbx .* yes/)
    assert.doesNotMatch(after.out, /405/)
    assert.equal(none.code, 1)
  })

  it('shows the calls of today under the caps, and starts the day again', async () => {
    const terminal = await Terminal.open()
    const config = await terminal.file(
      'baton.yaml',
      'trunks:\n  - { name: pbx, peers: [10.0.0.1], caps: [{ prefix: "+", calls_per_day: 90 }, { prefix: "+44", calls_per_day: 2 }] }\n',
    )
    const clock = new FakeClock()
    const memory = { refer: new TrunkMemory(clock), srtp: new TrunkMemory(clock) }
    const { trunks } = loadSettings({ env: {}, file: config })
    const [pbx = assert.fail('no trunk')] = trunks
    const caps = new DailyCaps(trunks, clock, () => undefined)
    const taken = new Limits(clock, caps).take(needsUnderCaps(pbx, '+442079460018'))
    assert.ok(!isFull(taken))
    taken.noteAnswered()
    let isReachable = true
    const baton = await startApi({
      trunks: new TrunkBook({ trunks, memory, addresses: () => [], caps }),
      caps: {
        reset: (trunk) => {
          if (isReachable) caps.reset(trunk)

          return isReachable ? Promise.resolve() : Promise.reject(new Error('down'))
        },
      },
    })
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    terminal.env.HTTP_LISTEN = `127.0.0.1:${(baton.api.server.address() as AddressInfo).port}`

    const { out } = await terminal.baton('trunks')
    const reset = await terminal.baton('trunks', 'reset-caps', 'pbx')
    const after = await terminal.baton('trunks')
    const none = await terminal.baton('trunks', 'reset-caps', 'nowhere')
    isReachable = false
    const down = await terminal.baton('trunks', 'reset-caps', 'pbx')
    await baton.close()
    await terminal.close()

    assert.match(out, /TRUNK +NUMBERS +CALLS TODAY +OF +UNTIL\npbx +\+44 +1 +2 +\d{4}-.*T00:00:00/)
    assert.deepEqual([reset.code, reset.out], [0, "Started the day of pbx's caps again.\n"])
    assert.match(after.out, /pbx +\+44 +0 +2 /)
    assert.deepEqual([none.code, down.code], [1, 1])
    assert.match(down.err, /try again when the store can be reached/)
  })
})

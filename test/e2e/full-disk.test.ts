import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditEntry } from '../../server/audit/index.ts'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { total } from '../harness/metrics.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { SmallDisk } from '../harness/small-disk.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const [embedded] = stacks
const number = '+14155550199'

interface Health {
  status: string
  checks: { name: string; state: string; detail?: string }[]
}

describe('A full disk', function () {
  this.timeout(120_000)
  const disk = SmallDisk.mount(1024)
  let baton: Baton
  let agent: RawPhone
  before(function () {
    if (disk) return
    console.log('  A full disk is not tried: this process may not mount a tmpfs.')
    this.skip()
  })
  afterEach(async () => {
    agent.party.close()
    await baton.stop()
  })
  after(() => disk?.unmount())

  const start = async (path: string) => {
    assert.ok(embedded)
    baton = await Baton.start({ stack: embedded, env: { DATA_DIR: path } })
    agent = await RawPhone.open(baton.sip())
  }
  /** A call that is answered, and ended by its caller; returns its id. */
  const call = async (): Promise<string> => {
    const caller = await RawPhone.open(baton.sip())
    caller.call(number)
    await agent.answer(await agent.invited())
    await caller.answered()
    const [ok] = await Promise.all([caller.ask('BYE'), agent.takes('BYE')])
    assert.match(ok.startLine, /^SIP\/2\.0 200 /)
    caller.party.close()
    const { callId } = await baton.events.of('call.ended', caller.callId)

    return callId ?? ''
  }
  const health = async (): Promise<Health> => (await (await baton.request('GET', '/readyz')).json()) as Health
  /** A change that is refused, which the history of changes has all the same. */
  const refusedChange = (name: string) => baton.request('POST', `/v1/calls/${name}/hangup`)
  const linesOf = (folder: string): string[] =>
    readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean))
  const idIn = (line: string): string | undefined => {
    try {
      return (JSON.parse(line) as { id: string }).id
    } catch {
      return undefined
    }
  }

  it('ends no call; what it costs is told and counted, and once there is room all is kept again, each record by itself', async () => {
    assert.ok(disk)
    await start(disk.path)
    await baton.project({
      project: 'hotel',
      environments: { live: { numbers: [number], agents: [`sip:agent@${agent.party.address}`] } },
      table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
    })
    const first = await call()
    await until('the call is kept', async () => total(await baton.metrics(), 'baton_history_calls') === 1)

    disk.fill()
    // Several, so that a record crosses the end of a page and is cut off there.
    const meanwhile: string[] = []
    for (let n = 0; n < 6; n++) {
      meanwhile.push(await call())
      for (let change = 0; change < 5; change++) assert.equal((await refusedChange(`none-${n}-${change}`)).status, 404)
    }
    await until('Baton is degraded', async () => {
      const { status, checks } = await health()
      // The calls that are up need little: they may find room in what their last file leaves behind.
      const degraded = checks.filter(({ name, state }) => state === 'degraded' && name !== 'recovery')
      assert.deepEqual([status, degraded.map(({ name }) => name)], ['degraded', ['cdr', 'history', 'audit']])
      for (const { detail } of degraded) assert.match(detail ?? '', /ENOSPC|no space/)
    })
    // The first of them may still fit into a page that had been begun.
    const full = await until('each call is kept, or counted as lost', async () => {
      const samples = await baton.metrics()
      const settled = total(samples, 'baton_history_calls') + total(samples, 'baton_history_calls_lost_total')

      return settled === 1 + meanwhile.length && samples
    })
    assert.ok(total(full, 'baton_history_calls_lost_total') > 0)
    assert.ok(total(full, 'baton_degraded') >= 3)
    assert.ok(total(full, 'baton_cdrs_waiting') > 0)

    disk.free()
    await until('Baton is well', async () => (await health()).status === 'ok')
    const last = await call()
    const samples = await baton.metrics()
    assert.deepEqual([total(samples, 'baton_cdrs_lost_total'), total(samples, 'baton_cdrs_waiting')], [0, 0])
    assert.equal(total(samples, 'baton_audit_entries_lost_total'), 0)
    await baton.stop()

    const cdrs = linesOf(join(disk.path, 'cdr'))
    const whole = cdrs.flatMap((line) => idIn(line) ?? [])
    assert.deepEqual([whole[0], whole.at(-1)], [first, last])
    assert.deepEqual(new Set(whole), new Set([first, ...meanwhile, last]))
    // A half line has the beginning of one record.
    const halves = cdrs.filter((line) => idIn(line) === undefined)
    assert.ok(halves.length > 0, 'a record was cut off')
    for (const half of halves) assert.equal(half.split('{"id":').length, 2, half)

    await start(disk.path)
    const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls')
    assert.deepEqual([calls[0]?.id, calls.at(-1)?.id], [last, first])
    assert.equal(calls.length, total(full, 'baton_history_calls') + 1)
    assert.ok((await baton.ladder(last)).messages.length > 0)
    const { history } = await baton.api<{ history: AuditEntry[] }>('GET', '/v1/history?text=none-')
    assert.deepEqual(
      history.map(({ request }) => request?.path).reverse(),
      meanwhile.flatMap((_, n) => [0, 1, 2, 3, 4].map((change) => `/v1/calls/none-${n}-${change}/hangup`)),
    )
  })
})

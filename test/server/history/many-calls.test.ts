import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { CallHistory, summaryOf, type CallFilter } from '../../../server/history/index.ts'
import { endedCall, quietLog } from './records.ts'

const calls = 100_000
const callsInSegment = 8000
/** What this process has computed since `before`, in milliseconds: other processes on the machine do not count. */
const usedMs = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before)

  return (user + system) / 1000
}

describe('a history of 100,000 calls', () => {
  let folder: string
  let history: CallHistory

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'baton-history-'))
    mkdirSync(folder, { recursive: true })
    for (let start = 0; start < calls; start += callsInSegment) {
      const name = String(1 + start / callsInSegment).padStart(8, '0')
      const lines = Array.from({ length: Math.min(callsInSegment, calls - start) }, (_, at) => {
        const place = { view: [0, 100, 0], ladder: [100, 100, 0, 100] }

        return `${JSON.stringify({ ...summaryOf(endedCall(start + at)), ...place })}\n`
      })
      writeFileSync(join(folder, `${name}.index`), lines.join(''))
      writeFileSync(join(folder, `${name}.calls`), '')
    }
    history = new CallHistory(folder, { days: 30, bytes: 1e9 }, quietLog)
  })
  after(async () => {
    await history.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const searches: [string, CallFilter, number][] = [
    ['a number', { number: '+1415555000007' }, 1],
    ['what failed at a handoff', { handoff: 'front-desk', result: 'failed' }, 100],
    ['a reason that no call has', { reason: 'declined' }, 0],
    ['the newest', {}, 100],
  ]
  for (const [what, filter, expected] of searches) {
    it(`is searched for ${what} in less than two seconds, without stopping calls meanwhile`, async function () {
      this.retries(2)
      const lag = monitorEventLoopDelay({ resolution: 1 })
      lag.enable()
      const before = process.cpuUsage()
      const found = await history.search({ filter, limit: 100, except: new Set() })
      const tookMs = usedMs(before)
      lag.disable()
      assert.equal(found.length, expected)
      assert.ok(tookMs < 2000, `${tookMs} ms`)
      assert.ok(lag.percentile(99) < 200e6, `the event loop lagged by ${lag.percentile(99) / 1e6} ms`)
    })
  }

  it('finds one by its id in less than a second', async function () {
    this.retries(2)
    const before = process.cpuUsage()
    assert.equal((await history.find('call-3'))?.summary.id, 'call-3')
    const tookMs = usedMs(before)
    assert.ok(tookMs < 1000, `${tookMs} ms`)
  })
})

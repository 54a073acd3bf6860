import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { until } from '../harness/until.ts'
import { asking } from './parts.ts'
import { frontDesk } from './traps.ts'

interface Health {
  status: string
  checks: { name: string; state: string; detail?: string }[]
}

const health = async (baton: Baton): Promise<Health> =>
  (await baton.request('GET', '/readyz')).json() as Promise<Health>
const degradedIn = async (baton: Baton) =>
  (await health(baton)).checks.filter(({ state }) => state === 'degraded').map(({ name }) => name)
const text = async (baton: Baton, path: string, accept = '*/*') => {
  const answer = await fetch(`${baton.http}${path}`, { headers: { accept } })
  assert.equal(answer.status, 200, path)

  return Buffer.from(await answer.arrayBuffer()).toString('latin1')
}

/** All that can be asked about the calls that ended. */
async function told(baton: Baton, transferred: CallView): Promise<Record<string, string>> {
  const of = `/v1/calls/${transferred.id}`
  const number = encodeURIComponent(transferred.caller.number)
  const end = new Date(Date.parse(transferred.startedAt) + 3_600_000).toISOString()
  const hour = new Date(Math.floor(Date.parse(transferred.startedAt) / 3_600_000) * 3_600_000).toISOString()

  return {
    call: await text(baton, of),
    ladder: await text(baton, `${of}/ladder`),
    drawing: await text(baton, `${of}/ladder`, 'text/plain'),
    pcap: await text(baton, `${of}/pcap`),
    list: await text(baton, '/v1/calls'),
    csv: await text(baton, '/v1/calls.csv'),
    byNumber: await text(baton, `/v1/calls?state=ended&number=${number}`),
    byHandoff: await text(baton, `/v1/calls?handoff=desk&result=succeeded&trunk=local&version=1`),
    analytics: await text(baton, `/v1/analytics/transfers?from=${hour}&to=${end}&by=handoff,method,version`),
  }
}

/** One stack, and the folder of its Batons, one after the other. */
interface Site {
  start: () => Promise<Baton>
  folder: string
}

/** Plays a story on every stack at once: most of it waits for timers. */
async function onEachStack(story: (site: Site) => Promise<void>): Promise<void> {
  const played = await Promise.allSettled(
    stacks.map(async (stack) => {
      const folder = mkdtempSync(join(tmpdir(), 'baton-kept-'))
      try {
        await story({ folder, start: () => Baton.start({ stack, env: { DATA_DIR: folder } }) })
      } catch (error) {
        throw new Error(`on ${stack.name}`, { cause: error })
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }),
  )
  for (const outcome of played) if (outcome.status === 'rejected') throw outcome.reason
}

/** Starts a Baton, and stops it whatever becomes of the work with it. */
async function withBaton<T>({ start }: Site, work: (baton: Baton) => Promise<T>): Promise<T> {
  const baton = await start()
  try {
    return await work(baton)
  } finally {
    await baton.stop()
  }
}

const transferredCall = async (baton: Baton) => {
  const caller = { scenario: 'uac-refer-accepted-succeeded', pause: 50 }

  return (await play(baton, { caller, agents: { agent: asking() }, handoffs: () => [frontDesk] })).call
}
const answeredCall = async (baton: Baton) => {
  const caller = { scenario: 'uac-call-answered', pause: 50 }

  return (await play(baton, { caller, agents: { agent: { scenario: 'uas-call-answered' } } })).call
}
/** The ids of all calls that Baton tells of, the latest first. */
const idsOf = async (baton: Baton) =>
  (await baton.api<{ calls: CallView[] }>('GET', '/v1/calls')).calls.map(({ id }) => id)

describe('Calls that have ended', function () {
  needs('sipp')
  this.timeout(120_000)

  it('are found and shown after a restart as before, with ladder, capture, table and analytics', () =>
    onEachStack(async (site) => {
      const [call, answered, said] = await withBaton(site, async (baton) => {
        const transferred = await transferredCall(baton)
        const other = await answeredCall(baton)

        return [transferred, other, await told(baton, transferred)]
      })
      await withBaton(site, async (after) => {
        assert.deepEqual(await told(after, call), said)
        const { transfers } = JSON.parse(said.call ?? '') as CallView
        assert.deepEqual(transfers[0]?.attempts[0]?.evidence.length, call.transfers[0]?.attempts[0]?.evidence.length)
        assert.match(said.ladder ?? '', /REFER sip:/)
        assert.match(said.analytics ?? '', /"succeeded":1/)
        const next = await answeredCall(after)
        assert.deepEqual(await idsOf(after), [next.id, answered.id, call.id])
      })
    }))

  it('are there after a crash, but for the record that it has cut off', () =>
    onEachStack(async (site) => {
      const [call, said] = await withBaton(site, async (before) => {
        const transferred = await transferredCall(before)
        await until('the call is kept', async () => total(await before.metrics(), 'baton_history_calls') === 1)
        const answers = await told(before, transferred)
        process.kill(before.pid, 'SIGKILL')
        await before.exited()

        return [transferred, answers]
      })
      const history = join(site.folder, 'history')
      for (const file of readdirSync(history)) {
        appendFileSync(join(history, file), file.endsWith('.index') ? '{"startedAt":1772445600000,"id":"ha' : 'BtnH')
      }
      const next = await withBaton(site, async (after) => {
        assert.deepEqual(await told(after, call), said)

        return answeredCall(after)
      })
      await withBaton(site, async (again) => {
        assert.deepEqual(await idsOf(again), [next.id, call.id])
      })
    }))

  it('and changes of operators are not kept while the disk does not take them: Baton is degraded until it does', () =>
    onEachStack((site) =>
      withBaton(site, async (baton) => {
        const blocked = ['history', 'audit'].map((name) => join(site.folder, name))
        for (const path of blocked) {
          rmSync(path, { recursive: true, force: true })
          writeFileSync(path, 'no folder')
        }
        await answeredCall(baton)
        await until('Baton is degraded', async () => (await degradedIn(baton)).join() === 'history,audit', 20)
        assert.equal((await baton.request('GET', '/readyz')).status, 200)
        await until('the loss is counted', async () => {
          const samples = await baton.metrics()

          return total(samples, 'baton_history_calls_lost_total') === 1 && total(samples, 'baton_degraded') === 2
        })
        for (const path of blocked) rmSync(path)
        await until('Baton is well', async () => (await health(baton)).status === 'ok', 20)
        // Changes have waited; calls are in the CDRs.
        const { history } = await baton.api<{ history: { request?: { path: string } }[] }>('GET', '/v1/history')
        assert.ok(history.some(({ request }) => request?.path.endsWith('/versions')))
        assert.equal(total(await baton.metrics(), 'baton_audit_entries_lost_total'), 0)
      }),
    ))
})

import assert from 'node:assert/strict'
import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CallView } from '../../server/legs/views.ts'
import type { Baton } from '../harness/baton.ts'
import { total } from '../harness/metrics.ts'
import { freePort } from '../harness/ports.ts'
import { until } from '../harness/until.ts'
import { Phones } from './restarted-phones.ts'
import { dialled, projectOf, Site } from './restarted-site.ts'

describe('Calls that outlive their process', function () {
  this.timeout(120_000)
  let site: Site

  afterEach(() => site.close())

  for (const count of [200, 1000, 3000]) {
    it(`${count} calls go on after kill -9: each BYE gets 200, each agent is released, each CDR is written`, async () => {
      site = await Site.open()
      const before = await site.withCalls(count)
      await before.kill()
      const after = await site.start()
      const taken = await after.logged('calls of the process before taken up')
      assert.equal(taken.recovered, count)
      const metrics = await after.metrics()
      assert.equal(total(metrics, 'baton_calls_active'), count)
      assert.equal(metrics.get('baton_calls_recovered_total{result="recovered"}'), count)
      const { calls } = await after.api<{ calls: CallView[] }>('GET', '/v1/calls?limit=1')
      assert.ok(calls[0]?.recoveredAt)

      const statuses = await site.callers.hangUp()
      assert.deepEqual(new Set(statuses.values()), new Set([200]))
      assert.equal(statuses.size, count)
      await after.idle(['baton_calls_active'], 20)
      await until('every agent is released', () => site.agents.released.size === count)
      await until('every CDR is written', () => site.cdrs.length === count)
      assert.deepEqual(new Set(site.cdrs.map(({ reason }) => reason)), new Set(['hangup']))
      assert.equal(new Set(site.cdrs.map(({ id }) => id)).size, count)
    })
  }

  const rings = async (drain: 'finish' | 'handover', end: (before: Baton) => Promise<unknown>): Promise<void> => {
    site = await Site.open({ DRAIN: drain })
    const before = await site.start()
    const phones = await Phones.open(before.sip())
    try {
      const { caller, agent } = phones
      await before.project({
        project: 'ringing',
        environments: { sandbox: { numbers: [dialled], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: phones.desk.uri }] },
      })
      caller.call(dialled)
      const invite = await agent.invited()
      agent.respond(invite, '180 Ringing')
      await caller.next(/^SIP\/2\.0 180 /)
      const { calls } = await before.api<{ calls: CallView[] }>('GET', '/v1/calls')
      await end(before)
      await site.start()
      await caller.next(/^SIP\/2\.0 503 /)
      agent.respond(invite, '180 Ringing')
      agent.respond(await agent.next(/^CANCEL /), '200 OK')
      agent.respond(invite, '487 Request Terminated')
      await agent.next(/^ACK /)
      await until('its CDR is written', () => site.cdrs.length === 1)
      const [cdr] = site.cdrs
      assert.deepEqual(
        [cdr?.id, cdr?.result, cdr?.reason, cdr?.sipStatus],
        [calls[0]?.id, 'failed', 'lost_in_restart', 503],
      )
    } finally {
      phones.close()
    }
  }

  it('a caller that hears ringing gets the 503 that is due, and the agent CANCEL', () =>
    rings('finish', async (before) => {
      await until('the journal has it', () => site.journal.includes('"ringing":'))
      await before.kill()
    }))

  it('so does one that has heard ringing for a moment only, after SIGTERM with DRAIN=handover', () =>
    rings('handover', (before) => before.terminate()))

  it('an agent that answers an INVITE that is not kept gets ACK and BYE', async () => {
    site = await Site.open()
    const before = await site.start()
    const phones = await Phones.open(before.sip())
    try {
      const { caller, agent, desk } = phones
      await before.project({
        project: 'ringing',
        environments: { sandbox: { numbers: [dialled], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: desk.uri }] },
      })
      caller.call(dialled)
      const invite = await agent.invited()
      await before.kill()
      const after = await site.start()
      agent.respond(invite, '200 OK', { body: agent.session })
      await agent.next(/^ACK /)
      const bye = await agent.next(/^BYE /)
      agent.respond(bye, '200 OK')
      await after.idle(['baton_calls_active'])
      assert.equal(total(await after.metrics(), 'baton_exceptions_total'), 0)
    } finally {
      phones.close()
    }
  })

  it('a party that has left meanwhile is missed: the other is released, and the CDR says why', async () => {
    site = await Site.open()
    const before = await site.withCalls(5)
    await before.kill()
    site.agents.close()
    const after = await site.start()
    await after.idle(['baton_calls_active'], 30)
    await until('every CDR is written', () => site.cdrs.length === 5)
    assert.deepEqual(
      new Set(site.cdrs.map(({ reason, endedBy }) => `${reason ?? ''} ${endedBy ?? ''}`)),
      new Set(['lost_in_restart baton']),
    )
    assert.equal(site.callers.released.size, 5)
    assert.equal((await after.metrics()).get('baton_calls_recovered_total{result="lost"}'), 5)
  })

  it('calls that have ended do not return, and a journal with half a line is read', async () => {
    site = await Site.open()
    const before = await site.withCalls(20)
    await site.callers.hangUp()
    await until('every CDR is written', () => site.cdrs.length === 20)
    await before.kill()
    appendFileSync(
      join(site.folder, 'calls', 'calls-000001.jsonl'),
      '{"call":"11111111-1111-4111-8111-111111111111","kept":{"id":',
    )
    const after = await site.start()
    assert.equal(total(await after.metrics(), 'baton_calls_active'), 0)
    assert.equal(site.cdrs.length, 20)
  })

  it('CDRs that the disk does not take wait for it, over a crash, too, and each is written once', async () => {
    site = await Site.open()
    const before = await site.withCalls(5)
    const folder = join(site.folder, 'cdr')
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'no folder')
    await site.callers.hangUp()
    await until('they wait', async () => total(await before.metrics(), 'baton_cdrs_waiting') === 5)
    await before.kill()
    rmSync(folder)
    const after = await site.start()
    assert.equal((await after.logged('calls of the process before taken up')).cdrsWritten, 5)
    await until('every CDR is written', () => site.cdrs.length === 5)
    assert.equal(new Set(site.cdrs.map(({ id }) => id)).size, 5)
    const metrics = await after.metrics()
    assert.deepEqual([total(metrics, 'baton_cdrs_waiting'), total(metrics, 'baton_cdrs_lost_total')], [0, 0])
    await after.kill()
    await site.start()
    assert.equal(site.cdrs.length, 5)
  })

  it('are handed over by SIGTERM with DRAIN=handover', async () => {
    site = await Site.open({ DRAIN: 'handover' })
    const before = await site.withCalls(50)
    const began = performance.now()
    assert.equal(await before.terminate(), 0)
    assert.ok(performance.now() - began < 3000)
    assert.equal(site.agents.released.size, 0)
    const after = await site.start()
    assert.equal(total(await after.metrics(), 'baton_calls_active'), 50)
    const statuses = await site.callers.hangUp()
    assert.deepEqual(new Set(statuses.values()), new Set([200]))
    await until('every CDR is written', () => site.cdrs.length === 50)
  })

  it('go on after the clock was set back by an hour: no time is counted below zero', async () => {
    const clock = new URL('../harness/stepped-clock.mjs', import.meta.url).href
    const stepped = { NODE_OPTIONS: `--import=${clock}`, CLOCK_STEPS: '3600000' }
    site = await Site.open()
    const before = await site.start(stepped)
    process.kill(before.pid, 'SIGUSR2')
    await before.logged('the clock was set by 3600000 ms')
    await before.project(projectOf(site.agents))
    await site.callers.call(5, dialled, before.sip())
    await until('all calls are up', async () => total(await before.metrics(), 'baton_calls_active') === 5)
    await before.kill()
    const after = await site.start()
    assert.equal(total(await after.metrics(), 'baton_calls_active'), 5)
    const statuses = await site.callers.hangUp()
    assert.deepEqual([...statuses.values()], [200, 200, 200, 200, 200])
    await until('every CDR is written', () => site.cdrs.length === 5)
    for (const { durationSeconds } of site.cdrs) assert.ok((durationSeconds ?? -1) >= 0, `${durationSeconds ?? 'no'} s`)
    await until('every agent is released', () => site.agents.released.size === 5)
  })

  it('are left alone with RECOVERY=off', async () => {
    site = await Site.open({ RECOVERY: 'off' })
    await (await site.withCalls(3)).kill()
    assert.equal(total(await (await site.start()).metrics(), 'baton_calls_active'), 0)
  })

  it('are not touched by a second Baton in the same folder, which says so and serves', async () => {
    site = await Site.open()
    await site.withCalls(3)
    const second = await site.start({ SIP_LISTEN: `udp:127.0.0.1:${await freePort()}` })
    assert.equal(total(await second.metrics(), 'baton_calls_active'), 0)
    const { pid } = await second.logged(
      'calls will not outlive this process: another one keeps its calls in the folder',
    )
    assert.ok(Number(pid) > 0)
    assert.equal(site.agents.released.size, 0)
  })
})

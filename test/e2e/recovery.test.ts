import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallView, TransferView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { total } from '../harness/metrics.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const dialled = '+14155550177'

const projectOf = (agents: Crowd) => ({
  project: 'recovered',
  table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: agents.uri }] },
  environments: { sandbox: { numbers: [dialled], agents: [agents.uri] } },
})

/** A caller, its agent and a destination, on sockets of their own: each says what the test has it say. */
class Phones {
  readonly caller: RawPhone
  readonly agent: RawPhone
  readonly desk: RawPhone

  private constructor(caller: RawPhone, agent: RawPhone, desk: RawPhone) {
    this.caller = caller
    this.agent = agent
    this.desk = desk
  }

  static async open(target: string): Promise<Phones> {
    return new Phones(await RawPhone.open(target), await RawPhone.open(target), await RawPhone.open(target))
  }

  /** The agent asks for a transfer of its caller. */
  async transferring(baton: Baton, method: 'refer' | 'invite' | 'bye'): Promise<string> {
    const { caller, agent, desk } = this
    const route = desk.uri
    await baton.project({
      project: 'interrupted',
      environments: { sandbox: { numbers: [dialled], agents: [agent.uri] } },
      table: {
        handoffs: [{ name: 'desk', default: true, method, ...(method !== 'bye' && { route, notify_timeout: 5 }) }],
      },
    })
    caller.call(dialled)
    await agent.answer(await agent.invited())
    await caller.answered()
    const { callId } = await baton.events.of('call.answered', caller.callId)
    await agent.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] })
    await agent.takes('NOTIFY')

    return callId ?? ''
  }

  /** Baton asks after a restart whether they are there: they are. */
  answerOptions(): void {
    for (const phone of [this.caller, this.agent]) void phone.takes('OPTIONS')
  }

  close(): void {
    for (const phone of [this.caller, this.agent, this.desk]) phone.close()
  }
}

/** The Batons of one site, one after the other: the same folder, the same addresses. */
class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'baton-recovered-'))
  readonly callers: Crowd
  readonly agents: Crowd
  readonly #env: Record<string, string>
  readonly #open = new Set<Baton>()

  private constructor(callers: Crowd, agents: Crowd, env: Record<string, string>) {
    this.callers = callers
    this.agents = agents
    this.#env = env
  }

  static async open(env: Record<string, string> = {}): Promise<Site> {
    const port = await freePort()

    return new Site(await Crowd.open(), await Crowd.open(), { SIP_LISTEN: `udp:127.0.0.1:${port}`, ...env })
  }

  async start(env: Record<string, string> = {}): Promise<Baton> {
    const stack = stacks.find(({ name }) => name === 'embedded')
    assert.ok(stack)
    const baton = await Baton.start({ stack, env: { DATA_DIR: this.folder, ...this.#env, ...env } })
    this.#open.add(baton)

    return baton
  }

  /** A Baton with so many calls, each from a caller to an agent. */
  async withCalls(count: number): Promise<Baton> {
    const baton = await this.start()
    await baton.project(projectOf(this.agents))
    await this.callers.call(count, dialled, baton.sip())
    await until('all calls are up', async () => total(await baton.metrics(), 'baton_calls_active') === count)

    return baton
  }

  get cdrs(): CallView[] {
    const folder = join(this.folder, 'cdr')

    return readdirSync(folder).flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as CallView),
    )
  }

  /** All lines about calls that are up, the last ones among them. */
  get journal(): string {
    const folder = join(this.folder, 'calls')

    return readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
  }

  async close(): Promise<void> {
    for (const baton of this.#open) await baton.stop()
    this.callers.close()
    this.agents.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

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

  it('a caller that hears ringing gets the 503 that is due, and the agent CANCEL', async () => {
    site = await Site.open()
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
      await until('the journal has it', () => site.journal.includes('"ringing":'))
      const { calls } = await before.api<{ calls: CallView[] }>('GET', '/v1/calls')
      await before.kill()
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
  })

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

  describe('with a transfer that runs', () => {
    let phones: Phones

    /** The call's journal has what this finds, and Baton is killed and started again. */
    const restarted = async (before: Baton, isKept: (journal: string) => boolean): Promise<Baton> => {
      await until('the journal has it', () => isKept(site.journal))
      await before.kill()
      phones.answerOptions()

      return site.start()
    }

    const begin = async (method: 'refer' | 'invite' | 'bye'): Promise<[Baton, string]> => {
      site = await Site.open()
      const before = await site.start()
      phones = await Phones.open(before.sip())

      return [before, await phones.transferring(before, method)]
    }

    const transferOf = async (baton: Baton, id: string): Promise<TransferView> =>
      (await baton.call(id)).transfers.at(-1) ?? assert.fail('there is no transfer')

    afterEach(() => {
      phones.close()
    })

    it('REFER accepted: its NOTIFY counts as before, the agent is told and released', async () => {
      const [before, id] = await begin('refer')
      const { caller, agent } = phones
      caller.respond(await caller.next(/^REFER /), '202 Accepted')
      const after = await restarted(before, (journal) => journal.includes('"isTaken":true'))
      assert.equal((await after.call(id)).state, 'transferring')
      caller.notify('SIP/2.0 200 OK')
      await agent.hears('SIP/2.0 200')
      await agent.released()
      const { result, reason, attempts } = await transferOf(after, id)
      assert.deepEqual([result, reason, attempts.length], ['succeeded', 'answered', 1])
      const words = attempts[0]?.evidence.map(({ what }) => what).join('; ') ?? ''
      assert.match(
        words,
        /REFER to .*202 Accepted.*Baton was restarted: its NOTIFYs are waited for; NOTIFY SIP\/2.0 200/,
      )
    })

    it('REFER without an answer: not sent again, and unknown when no NOTIFY comes', async () => {
      const [before, id] = await begin('refer')
      const { caller, agent } = phones
      await caller.next(/^REFER /)
      const after = await restarted(before, (journal) => journal.includes('"isTaken":false'))
      await agent.hears('SIP/2.0 408')
      const { result, reason } = await transferOf(after, id)
      assert.deepEqual([result, reason], ['unknown', 'restarted'])
    })

    it('BYE without an answer: unknown, and the agent is told and released', async () => {
      const [before, id] = await begin('bye')
      const { caller, agent } = phones
      await caller.next(/^BYE /)
      const after = await restarted(before, (journal) => journal.includes('"method":"bye"'))
      await agent.hears('SIP/2.0 408')
      const { result, reason } = await transferOf(after, id)
      assert.deepEqual([result, reason], ['unknown', 'restarted'])
      await agent.released()
      await until('its CDR is written', () => site.cdrs.length === 1)
    })

    it('the destination rings: CANCEL, the agent is told, and has its caller', async () => {
      const [before, id] = await begin('invite')
      const { caller, agent, desk } = phones
      const invite = await desk.invited()
      desk.respond(invite, '180 Ringing')
      const after = await restarted(before, (journal) => journal.includes('180 Ringing'))
      desk.respond(invite, '180 Ringing')
      const cancel = await desk.next(/^CANCEL /)
      desk.respond(cancel, '200 OK')
      desk.respond(invite, '487 Request Terminated')
      await desk.next(/^ACK /)
      await agent.hears('SIP/2.0 503')
      const { result, reason } = await transferOf(after, id)
      assert.deepEqual([result, reason], ['failed', 'restarted'])
      assert.equal((await after.call(id)).state, 'connected')
      await caller.ask('BYE')
      await agent.released()
    })

    it('the destination has answered: the caller’s re-INVITE is repeated, and they are joined', async () => {
      const [before, id] = await begin('invite')
      const { caller, agent, desk } = phones
      const invite = await desk.invited()
      await desk.answer(invite)
      await caller.next(/^INVITE /)
      const after = await restarted(before, (journal) => /"view":.*"leg":/.test(journal))
      const again = await caller.next(/^INVITE /)
      caller.respond(again, '200 OK', { body: caller.session })
      await agent.hears('SIP/2.0 200')
      await agent.released()
      const { result, reason } = await transferOf(after, id)
      assert.deepEqual([result, reason], ['succeeded', 'answered'])
      assert.equal((await after.call(id)).state, 'bridged')
      await caller.ask('BYE')
      await desk.released()
    })
  })
})

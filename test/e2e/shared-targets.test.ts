import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { TargetView } from '../../server/targets/index.ts'
import { Baton } from '../harness/baton.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'

const number = '+14155552671'
const intervalMs = 500
const probe = { interval: intervalMs / 1000, timeout: 0.2, down_after: 2, up_after: 2 }
const bound = 20

/** Answers the OPTIONS of every Baton as long as it is well, and keeps when each came, and from where. */
class Gateway {
  readonly asked: { at: number; by: string }[] = []
  isWell = true
  readonly #socket = createSocket('udp4')
  readonly #seen = new Set<string>()

  static async open(port: number): Promise<Gateway> {
    const gateway = new Gateway()
    gateway.#socket.bind(port, '127.0.0.1')
    await once(gateway.#socket, 'listening')

    return gateway
  }

  private constructor() {
    this.#socket.on('message', (data, from) => {
      const lines = data.toString().split('\r\n')
      const copied = lines.filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
      const callId = copied.find((line) => /^Call-ID/i.test(line)) ?? ''
      const by = /SIP\/2\.0\/UDP ([^;]+)/.exec(copied.join())?.[1] ?? ''
      // Of a request that is repeated, the first counts.
      if (!this.#seen.has(callId)) this.asked.push({ at: Date.now(), by })
      this.#seen.add(callId)
      const answer = ['SIP/2.0 200 OK', ...copied.map((line) => (/^To:/i.test(line) ? `${line};tag=gw` : line))]
      if (this.isWell) this.#socket.send([...answer, 'Content-Length: 0', '', ''].join('\r\n'), from.port, from.address)
    })
  }

  /** The Batons that have asked since a moment, one entry for each OPTIONS. */
  since(moment: number): string[] {
    return this.asked.filter(({ at }) => at >= moment).map(({ by }) => by)
  }

  close(): void {
    this.#socket.close()
  }
}

for (const stack of stacks) {
  describe(`Targets that Batons of one Redis share (${stack.name})`, function () {
    this.timeout(90_000)
    needs('redis-server')
    let redis: RedisServer
    let batons: Baton[]
    let gateway: Gateway
    let port: number

    beforeEach(async function () {
      // It keeps each 100 to itself (docs/drachtio.md).
      if (stack.isOriginal) this.skip()
      redis = await RedisServer.start()
      port = await freePort()
      batons = await Promise.all([start(), start(), start()])
      gateway = await Gateway.open(port)
    })

    afterEach(async () => {
      if (stack.isOriginal) return
      gateway.close()
      await Promise.all(batons.map((baton) => baton.stop()))
      await redis.stop()
    })

    const start = () =>
      Baton.start({
        stack,
        file: { trunks: [{ name: 'carrier', peers: ['127.0.0.0/8'], gateways: [`sip:127.0.0.1:${port}`], probe }] },
        env: { REDIS_URL: redis.url },
      })

    const id = () => `udp:127.0.0.1:${port}`

    const targetOf = async (baton: Baton, targetId = id()): Promise<TargetView> => {
      const { targets } = await baton.api<{ targets: TargetView[] }>('GET', '/v1/targets')

      return targets.find((target) => target.id === targetId) ?? assert.fail(`no target ${targetId}`)
    }

    const allAre = (state: string, of = batons) =>
      until(
        `all say ${state}`,
        async () => (await Promise.all(of.map((baton) => targetOf(baton)))).every((target) => target.state === state),
        bound,
      )

    /** How many OPTIONS come in some intervals, and how many Batons send them. */
    const askedIn = async (intervals: number): Promise<{ times: number; by: number }> => {
      const from = Date.now()
      await until('the intervals are over', () => Date.now() - from >= intervals * intervalMs, bound)
      const asked = gateway.since(from)

      return { times: asked.length, by: new Set(asked).size }
    }

    it('are asked about once in an interval, by one of three; another goes on for one that dies', async () => {
      await allAre('up')
      const { times, by } = await askedIn(6)
      assert.ok(times >= 3 && times <= 11, `${times} OPTIONS in 6 intervals, from ${by}`)

      gateway.isWell = false
      await allAre('down')
      gateway.isWell = true
      await allAre('up')

      // The one that asks is ended; the others ask within about an interval.
      const last = gateway.asked.at(-1)?.by ?? ''
      const prober = batons.find((baton) => last.includes(baton.sip().split(':')[1] ?? 'none')) ?? batons[0]
      assert.ok(prober)
      await prober.stop()
      const from = Date.now()
      await until('another one asks', () => gateway.since(from).length >= 2, bound)
      const left = batons.filter((baton) => baton !== prober)
      await allAre('up', left)
      gateway.isWell = false
      await allAre('down', left)
    })

    it('go on to be asked by each while Redis is dead, and by one of them once it is back', async () => {
      await allAre('up')
      await redis.kill()
      await until('each asks', async () => (await askedIn(1)).times >= 2, bound)
      gateway.isWell = false
      await allAre('down')
      gateway.isWell = true
      await allAre('up')
      await redis.start()
      await until('one asks for all', async () => (await askedIn(4)).times <= 6, 60)
      gateway.isWell = false
      await allAre('down')
    })

    it('that an operator takes out are out on all within a second, also after a restart, with before and after in the history', async () => {
      await allAre('up')
      const [first, second, third] = batons
      assert.ok(first && second && third)
      const path = `/v1/targets/${encodeURIComponent(id())}`
      const from = Date.now()
      await first.api('POST', `${path}/disable`, { reason: 'maintenance' })
      await allAre('disabled')
      assert.ok(Date.now() - from < 2000, `${Date.now() - from} ms`)
      const { reason, since } = await targetOf(first)
      for (const baton of [second, third]) {
        const view = await targetOf(baton)
        assert.deepEqual([view.reason, view.since], [reason, since])
        await baton.logged('target taken_out')
      }
      assert.equal(reason, 'disabled by anonymous: maintenance')
      const { history } = await second.api<{ history: { before?: object; after?: object; why?: string }[] }>(
        'GET',
        '/v1/history?text=targets',
      )
      assert.deepEqual(history[0]?.before, { state: 'up', reason: '200 OK to OPTIONS' })
      assert.deepEqual(history[0].after, { state: 'disabled', reason })
      assert.equal(history[0].why, 'maintenance')

      const later = await start()
      batons.push(later)
      assert.equal((await targetOf(later)).state, 'disabled')
      await second.api('POST', `${path}/drain`, {})
      await allAre('draining')
      // A Redis that has lost it gets it back.
      await redis.kill()
      await redis.start()
      await until('Redis has it again', async () => (await redis.ask('EXISTS', 'baton:targets')) === 1, bound)
      await third.api('POST', `${path}/enable`, {})
      await allAre('up')
    })

    it('that a call finds silent are down on all of them, and up on all once a call has an answer', async () => {
      const [first, second, third] = batons
      assert.ok(first && second && third)
      const [caller, agent] = [await RawPhone.open(first.sip()), await RawPhone.open(first.sip())]
      await first.project({
        project: 'shared-targets',
        environments: { live: { numbers: [number], agents: [agent.uri], progress_timeout: 0.5 } },
        table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
      })
      await until(
        'the others have the project',
        async () => {
          const versions = await Promise.all(
            batons.map(async (baton) => total(await baton.metrics(), 'baton_route_version')),
          )

          return versions.every((version) => version === 1)
        },
        bound,
      )
      const agentId = `udp:127.0.0.1:${agent.port}`
      const isOnAll = (state: string) =>
        until(
          `the agent is ${state} on all`,
          async () => {
            const views = await Promise.all(batons.map((baton) => targetOf(baton, agentId)))

            return views.every((view) => view.state === state)
          },
          bound,
        )
      caller.call(number)
      caller.party.ack(await caller.next(/^SIP\/2\.0 [4-6]/), number)
      await isOnAll('down')
      assert.equal((await targetOf(third, agentId)).reason, 'no response to INVITE')
      caller.call(number)
      await agent.next(/^INVITE /)
      await agent.answer(await agent.invited())
      await caller.answered()
      await isOnAll('up')
      const told = agent.takes('BYE')
      await caller.ask('BYE')
      await told
      caller.close()
      agent.close()
    })
  })
}

import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import type { BatonEvent } from '../../server/calls/events.ts'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { until } from '../harness/until.ts'
import { needs } from '../harness/needs.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { stacks } from '../harness/stacks.ts'
import { RedisServer } from '../routes/redis-server.ts'

const number = '+14155552661'
const hourMs = 3_600_000
const clock = new URL('../harness/stepped-clock.mjs', import.meta.url).href

for (const stack of stacks) {
  describe(`A system clock that is set while a call is up (${stack.name})`, function () {
    this.timeout(60_000)
    needs('redis-server')
    let redis: RedisServer
    let baton: Baton
    const parties: RawPhone[] = []
    const hooks: { at: number; headers: IncomingHttpHeaders; event: BatonEvent }[] = []
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const event = JSON.parse(Buffer.concat(chunks).toString()) as BatonEvent
        hooks.push({ at: Date.now(), headers: request.headers, event })
        response.end()
      })
    })

    before(async () => {
      redis = await RedisServer.start()
      await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
      const env = {
        REDIS_URL: redis.url,
        WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
        WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${clock}`,
        CLOCK_STEPS: [hourMs, -2 * hourMs].join(),
      }
      baton = await Baton.start({ stack, env })
    })

    after(async () => {
      for (const party of parties) party.close()
      await baton.stop()
      await redis.stop()
      receiver.close()
    })

    const project = (route: string, agent: RawPhone) =>
      baton.project({
        project: 'stepped',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route }] },
      })

    const step = async (ms: number) => {
      process.kill(baton.pid, 'SIGUSR2')
      await baton.logged(`the clock was set by ${ms} ms`)
    }

    /** Whether a time that Baton tells is what its clock showed: the real time, and what it is off by. */
    const isAt = (told: string | undefined, real: number, off: number) => {
      const shown = Date.parse(told ?? '')
      assert.ok(
        Math.abs(shown - real - off) < 5000,
        `${told ?? 'nothing'} is not ${new Date(real + off).toISOString()}`,
      )
    }

    it('is followed by all times from then on, and no duration or promotion is the worse for it', async () => {
      const open = () => RawPhone.open(baton.sip())
      const [caller, agent, desk] = [await open(), await open(), await open()]
      parties.push(caller, agent, desk)
      await project(desk.uri, agent)
      const began = Date.now()
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId = '' } = await baton.events.of('call.answered', caller.callId)

      await step(hourMs)
      const asked = Date.now()
      await baton.api('POST', `/v1/calls/${callId}/transfer`, { handoff: 'desk' })
      await desk.answer(await desk.invited())
      caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
      await agent.takes('BYE')
      await baton.events.of('transfer.ended', caller.callId)

      await step(-2 * hourMs)
      const gone = Date.now()
      const deskTold = desk.takes('BYE')
      await caller.ask('BYE')
      await deskTold
      const { at: endedEventAt } = await baton.events.of('call.ended', caller.callId)
      const call = await baton.call(callId)
      const [transfer = assert.fail('there is no transfer')] = call.transfers
      isAt(call.startedAt, began, 0)
      isAt(call.answeredAt, began, 0)
      isAt(transfer.startedAt, asked, hourMs)
      isAt(transfer.attempts[0]?.evidence[0]?.at, asked, hourMs)
      isAt(call.endedAt, gone, -hourMs)
      isAt(endedEventAt, gone, -hourMs)
      const seconds = (Date.now() - began) / 1000
      assert.ok(
        (call.durationSeconds ?? -1) >= 0 && (call.durationSeconds ?? 0) <= seconds,
        String(call.durationSeconds),
      )
      const { messages } = await baton.ladder(callId)
      isAt(messages[0]?.at, began, 0)
      isAt(messages.at(-1)?.at, gone, -hourMs)
      await until('the end of the call is delivered', () => hooks.some(({ event }) => event.type === 'call.ended'))
      const hook = hooks.find(({ event }) => event.type === 'call.ended') ?? assert.fail()
      isAt(new Date(Number(hook.headers['webhook-timestamp']) * 1000).toISOString(), hook.at, -hourMs)
      const logged = await baton.logged('call ended')
      isAt(String(logged.timestamp), gone, -hourMs)
      const folder = join(baton.dataDir, 'cdr')
      await until('the record is written', async () => {
        const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
        const records = files.join('').trim().split('\n')
        const cdr = records.map((line) => JSON.parse(line) as CallView).find(({ id }) => id === callId)
        isAt(cdr?.endedAt, gone, -hourMs)
      })

      // Another version is promoted, stored and served as if nothing had been; the store's staleness is no hour.
      await project('sip:other@127.0.0.1:9', agent)
      const text = await (await fetch(baton.metricsUrl)).text()
      const [, staleness] = /^baton_route_staleness_seconds (\S+)$/m.exec(text) ?? []
      assert.ok(Number(staleness ?? 0) < 10, `stale for ${staleness ?? ''} s`)
    })
  })
}

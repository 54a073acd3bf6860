import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { CallView } from '../../server/legs/views.ts'
import { until } from '../harness/until.ts'
import { total } from '../harness/metrics.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552402'

for (const stack of stacks) {
  describe(`The record of a call (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawPhone
    let agent: RawPhone

    beforeEach(async () => {
      ;[caller, agent] = [await RawPhone.open(baton().sip()), await RawPhone.open(baton().sip())]
      await baton().project({
        project: 'recorded',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
      })
    })

    afterEach(() => {
      for (const party of [caller, agent]) party.close()
    })

    /** The line of the caller's call in the CDRs, which is also what the API says. */
    async function recorded(): Promise<CallView> {
      const of = (call: CallView | undefined) => call?.source.port === caller.port
      const { callId = '' } = await baton().events.when(
        'end',
        ({ type, data }) => type === 'call.ended' && of(data.call),
      )
      const folder = join(baton().dataDir, 'cdr')
      let records: CallView[] = []
      await until('the record is written', () => {
        const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
        const lines = text.join('').split('\n').slice(0, -1)
        records = lines.map((line) => JSON.parse(line) as CallView).filter(({ id }) => id === callId)
        assert.equal(records.length, 1)
      })
      const [record = assert.fail()] = records
      assert.deepEqual(await baton().call(callId), record)

      return record
    }

    it('says where it came from, which process had it, who called, how long it rang and why it ended', async () => {
      const before = await baton().metrics()
      caller.call(number, [
        'P-Asserted-Identity: "Zoë" <sip:+14155550111@127.0.0.1>',
        'P-Asserted-Identity: <tel:+14155550111>',
        `Diversion: <sip:+14155550199@127.0.0.1>;reason=no-answer;note="${'x'.repeat(900)}"`,
        'Privacy: none',
      ])
      const invite = await agent.invited()
      agent.respond(invite, '180 Ringing')
      await caller.next(/^SIP\/2\.0 180 /)
      await agent.answer(invite)
      await caller.answered()
      await caller.ask('BYE', { headers: ['Reason: SIP;cause=200, Q.850 ; cause = 31 ;text="Normal"'] })
      await agent.takes('BYE')
      const record = await recorded()
      const after = await baton().metrics()

      assert.deepEqual(record.source, { transport: 'udp', address: '127.0.0.1', port: caller.port })
      assert.equal(record.node, hostname())
      const { Diversion: diversion = '', ...others } = record.identity ?? {}
      assert.deepEqual(others, {
        'P-Asserted-Identity': '"Zoë" <sip:+14155550111@127.0.0.1>, <tel:+14155550111>',
        Privacy: 'none',
      })
      assert.match(diversion, /^<sip:\+14155550199@127\.0\.0\.1>;reason=no-answer;note="x+$/)
      assert.equal(diversion.length, 512)
      assert.equal(record.endCause, 31)
      assert.equal(record.endReason, 'SIP;cause=200, Q.850 ; cause = 31 ;text="Normal"')
      const { startedAt, ringingAt = '', answeredAt = '', ringSeconds } = record
      assert.ok(startedAt <= ringingAt && ringingAt <= answeredAt)
      // Times are cut to milliseconds, and the duration is rounded.
      const between = (Date.parse(answeredAt) - Date.parse(ringingAt)) / 1000
      assert.ok(Math.abs((ringSeconds ?? NaN) - between) < 0.0015, `${ringSeconds} s, and ${between} s between`)
      const counted = (name: string) => total(after, name) - total(before, name)
      assert.equal(counted('baton_call_final_responses_total'), 1)
      assert.equal(counted('baton_session_request_delay_seconds_count'), 1)
      assert.equal(counted('baton_ring_seconds_count'), 1)
    })

    it('has the cause that the SIP status of a refusal stands for, where the agent gives none', async () => {
      caller.call(number)
      const invite = await agent.invited()
      agent.respond(invite, '486 Busy Here')
      caller.party.ack(await caller.next(/^SIP\/2\.0 486 /), number)
      const record = await recorded()

      assert.equal(record.endCause, 17)
      assert.equal(record.endReason, undefined)
      assert.equal(record.ringingAt, undefined)
      assert.equal(record.identity, undefined)
    })

    it('has the cause that an agent gives with its refusal', async () => {
      caller.call(number)
      const invite = await agent.invited()
      agent.respond(invite, '180 Ringing')
      agent.respond(invite, '480 Temporarily Unavailable', { headers: ['Reason: Q.850;cause=20'] })
      caller.party.ack(await caller.next(/^SIP\/2\.0 480 /), number)
      const record = await recorded()

      assert.equal(record.endCause, 20)
      assert.equal(record.endReason, 'Q.850;cause=20')
      assert.equal(record.result, 'rejected')
      assert.ok((record.ringSeconds ?? -1) >= 0)
    })
  })
}

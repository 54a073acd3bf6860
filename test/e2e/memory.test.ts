import assert from 'node:assert/strict'

import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { RawParty, type RawMessage } from '../harness/raw-party.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552201'
const resident = 'process_resident_memory_bytes'

for (const stack of stacks) {
  describe(`Memory under attack (${stack.name})`, () => {
    it('one INVITE and 500 large OPTIONS with its Call-ID, again and again, are not kept', async () => {
      const baton = await Baton.start({ stack, env: { LADDER_MEMORY: '8' } })
      const agent = await RawParty.open(baton.sip())
      const attacker = await RawParty.open(baton.sip())
      try {
        await baton.project({
          project: 'attacked',
          environments: { live: { numbers: [number], agents: [`sip:agent@${agent.address}`] } },
          table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
        })
        await attack(attacker, agent)
        const before = (await baton.metrics()).get(resident) ?? 0
        for (let round = 0; round < 8; round++) await attack(attacker, agent)
        const samples = await baton.metrics()
        // What came since is 230 MB.
        assert.ok((samples.get(resident) ?? 0) - before < 120_000_000, `${before} ${samples.get(resident) ?? 0}`)
        assert.ok((samples.get('baton_ladder_bytes') ?? 0) <= 8 * 1_048_576)
        const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls')
        assert.equal(calls.length, 9)
        for (const { id } of calls) {
          const { messages } = await baton.ladder(id)
          assert.ok(messages.length > 0)
          assert.ok(messages.every(({ text }) => !/^CSeq: \d+ OPTIONS/m.test(text)))
        }
      } finally {
        agent.close()
        attacker.close()
        await baton.stop()
      }
    })
  })
}

/** The agent is busy; the OPTIONS come while its refusal is on its way and afterwards. */
async function attack(attacker: RawParty, agent: RawParty): Promise<void> {
  attacker.invite(number)
  const invite = await agent.next(/^INVITE /)
  agent.respond(invite, '180 Ringing')
  await flood(attacker, await attacker.next(/^SIP\/2\.0 180 /), 250)
  agent.respond(invite, '486 Busy Here')
  const refusal = await attacker.next(/^SIP\/2\.0 486 /)
  attacker.ack(refusal, number)
  await flood(attacker, refusal, 250)
}

/** Requests of the largest size, in portions that a socket's buffer holds. */
async function flood(attacker: RawParty, known: RawMessage, count: number): Promise<void> {
  const portion = 25
  for (let sent = 0; sent < count; sent += portion) {
    for (let n = 0; n < portion; n++) {
      const id = Math.random().toString(36).slice(2)
      attacker.send(
        [
          `OPTIONS sip:baton SIP/2.0`,
          `Via: SIP/2.0/UDP ${attacker.address};branch=z9hG4bK${id};rport`,
          `From: ${known.header('From')}`,
          'To: <sip:baton>',
          `Call-ID: ${known.header('Call-ID')}`,
          `CSeq: ${sent + n + 2} OPTIONS`,
          'Max-Forwards: 70',
        ],
        'x'.repeat(57_000),
      )
    }
    for (let n = 0; n < portion; n++) await attacker.next(/^SIP\/2\.0 [2-6]/)
  }
}

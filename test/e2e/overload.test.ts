import assert from 'node:assert/strict'

import { Baton } from '../harness/baton.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { exchange } from './single-requests.ts'

const number = '+14155550100'
const refused = (reason: string) => `baton_overload_refusals_total{reason="${reason}"}`

async function serving(baton: Baton, agent: Sipp): Promise<void> {
  await baton.project({
    project: 'demo',
    environments: { live: { numbers: [number], agents: [agent.uri] } },
    table: { handoffs: [{ name: 'desk', description: 'Reception', default: true, route: 'sip:desk@127.0.0.1:9' }] },
  })
}

let dialled = 0

/** Resolves with the final response to a call from an unknown source. */
function dial(baton: Baton, uri: string): Promise<string> {
  dialled += 1

  return exchange('127.0.0.1', baton, [
    `INVITE ${uri} SIP/2.0`,
    `From: <sip:x@127.0.0.1>;tag=${dialled}`,
    `To: <${uri}>`,
    `Call-ID: dialled-${dialled}-${process.pid}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:x@127.0.0.1:9>',
    'Content-Length: 0',
    '',
    '',
  ])
}

for (const stack of stacks) {
  describe(`Overload (${stack.name})`, () => {
    needs('sipp')

    it('beyond as many calls as are set, a new one gets 503, and the others, those for help included, go on', async () => {
      const baton = await Baton.start({ stack, env: { MAX_CALLS: '1' } })
      const agent = await Sipp.answering({ scenario: 'uas-call-answered' })
      const parties = [agent]
      try {
        await serving(baton, agent)
        const first = await Sipp.calling({ scenario: 'uac-call-released' }, number, baton.sip())
        parties.push(first)
        const { callId = '' } = await baton.events.when('answer', ({ type }) => type === 'call.answered')
        const second = await Sipp.calling({ scenario: 'uac-call-refused' }, number, baton.sip())
        parties.push(second)
        await second.done
        assert.match(second.trace().message('< 503 INVITE').header('Retry-After'), /^([5-9]|1[0-5])$/)
        assert.match(await dial(baton, `sip:112@${baton.sip()}`), /^SIP\/2.0 404 /)
        await baton.api('POST', `/v1/calls/${callId}/hangup`)
        await Promise.all(parties.map(({ done }) => done))
        await baton.idle(['baton_calls_active'])

        const samples = await baton.metrics()
        assert.equal(samples.get(refused('calls')), 1)
        assert.equal(total(samples, 'baton_calls_total'), 2, 'the call that was up, and the one for help')
        assert.equal((await baton.logged('new calls are refused: there is no room for them')).reason, 'calls')
        assert.match(await dial(baton, `sip:unknown@${baton.sip()}`), /^SIP\/2.0 404 /)
      } finally {
        await Promise.all([...parties.map((party) => party.close()), baton.stop()])
      }
    })

    it('beyond as many new calls a second as are set, the rest gets 503, with one warning for all', async () => {
      const baton = await Baton.start({ stack, env: { OVERLOAD_RATE: '1', EMERGENCY_NUMBERS: '110' } })
      try {
        const uri = `sip:unknown@${baton.sip()}`
        const answers = await Promise.all(Array.from({ length: 20 }, () => dial(baton, uri)))
        const statuses = answers.map((answer) => answer.slice(8, 11))
        const shed = statuses.filter((status) => status === '503').length
        assert.ok(shed >= 10, statuses.join(' '))
        assert.equal(statuses.filter((status) => status === '404').length, 20 - shed)
        assert.match(await dial(baton, `sip:110@${baton.sip()}`), /^SIP\/2.0 404 /)
        assert.equal((await baton.metrics()).get(refused('rate')), shed)
        await baton.logged('new calls are taken again', 20)
        assert.equal(
          baton.log
            .filter(({ level }) => level === 'warn' || level === 'error')
            .filter(({ message }) => message.includes('no room')).length,
          1,
        )
      } finally {
        await baton.stop()
      }
    })
  })
}

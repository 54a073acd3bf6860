import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { Baresip } from '../harness/baresip.ts'
import { Kamailio } from '../harness/kamailio.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const number = '+14155550170'
const person = '+14155550111'

for (const stack of stacks.filter(({ isOriginal }) => !isOriginal)) {
  describe(`config/providers/kamailio.yaml, with a Kamailio as registrar and proxy (${stack.name})`, function () {
    this.timeout(60_000)
    needs('kamailio', 'baresip')
    let port = 0
    const baton = sharedBaton(async () => {
      port = await freePort()
      const text = readFileSync('config/providers/kamailio.yaml', 'utf8')
      const file = parse(
        text.replace('10.60.0.5:5060', `127.0.0.1:${port}`).replace('10.60.0.5', '127.0.0.1'),
      ) as object

      return { stack, file: { ...file }, env: { SIP_LISTEN: 'udp:127.0.0.1:0' } }
    })
    const things: { close(): Promise<void> }[] = []
    after(async () => {
      for (const thing of things.splice(0)) await thing.close()
    })

    async function phone(name: string, registrar?: string): Promise<Baresip> {
      const started = await Baresip.start({ name, ...(registrar !== undefined && { registrar }) })
      things.push(started)
      if (registrar !== undefined) await until(`${name} is registered`, () => started.said.includes('[1 binding]'), 20)

      return started
    }

    it('takes a caller to a registered phone, by INVITE and by REFER', async () => {
      const proxy = await Kamailio.registrar(port, baton().sip())
      things.push(proxy)
      const [agent, caller, desk] = [
        await phone('agent'),
        await phone('+14155550123', proxy.at),
        await phone(person, proxy.at),
      ]
      for (const method of ['invite', 'refer'] as const) {
        await baton().project({
          project: 'kamailio',
          environments: { live: { numbers: [number], agents: [agent.uri] } },
          table: { handoffs: [{ name: 'person', default: true, method, route: person }] },
        })
        const known = new Set(baton().events.seen)
        caller.dial(`sip:${number}@${proxy.at}`)
        await Promise.all([caller.next('CALL_ESTABLISHED'), agent.next('CALL_ESTABLISHED')])
        const { callId: id = '' } = await baton().events.when(
          'call.answered',
          (event) => event.type === 'call.answered' && !known.has(event),
        )
        agent.transfer('sip:person@baton.invalid')
        await Promise.all([desk.next('CALL_ESTABLISHED'), agent.next('CALL_CLOSED')])
        if (method === 'refer') await caller.next('CALL_ESTABLISHED')
        await baton().events.of('transfer.ended', id, 20)
        caller.hangUp()
        await desk.next('CALL_CLOSED')
        await baton().events.of('call.ended', id, 20)

        const { trunk, result, transfers } = await baton().call(id)
        assert.deepEqual([trunk, result], ['kamailio', 'answered'])
        assert.deepEqual(
          transfers.map((transfer) => [transfer.result, transfer.attempts.map((attempt) => attempt.method)]),
          [['succeeded', [method]]],
        )
        const { messages } = await baton().ladder(id)
        const sent = messages.filter(({ direction }) => direction === 'out').map(({ text }) => text)
        const uri = `sip:${person}@${proxy.at};user=phone`
        const expected = method === 'refer' ? `\r\nRefer-To: <${uri}>\r\n` : `INVITE ${uri} SIP/2.0\r\n`
        assert.ok(
          sent.some((text) => text.includes(expected)),
          expected,
        )
      }
    })
  })
}

import assert from 'node:assert/strict'

import { Baton } from '../harness/baton.ts'
import { until } from '../harness/until.ts'
import { HomerStandIn } from '../harness/hep.ts'
import { needs } from '../harness/needs.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'

for (const stack of stacks.filter(({ name }) => name === 'embedded')) {
  describe(`Homer (${stack.name})`, () => {
    needs('sipp')

    it('gets every message of a call, all legs under the Call-ID of the caller', async () => {
      const homer = await HomerStandIn.open()
      const env = { HEP: `udp:127.0.0.1:${homer.port}`, HEP_CAPTURE_ID: '7', HEP_PASSWORD: 'homer' }
      const baton = await Baton.start({ stack, env })
      try {
        const { told, call } = await play(baton, {
          caller: { scenario: 'uac-call-answered', pause: 50 },
          agents: { agent: { scenario: 'uas-call-answered' } },
        })
        const copies = () =>
          homer.packets.filter(({ payload }) =>
            [call.caller.callId, call.agent.callId].some((id) => payload.includes(id)),
          )
        await until('Homer has what the ladder has', async () => {
          const { ladder } = await told()
          assert.deepEqual(
            copies().map(({ source, destination, payload }) => [source, destination, payload]),
            ladder.messages.map(({ direction, local, remote, text }) =>
              direction === 'out' ? [local, remote, text] : [remote, local, text],
            ),
          )
          const sent = (await baton.metrics()).get('baton_hep_packets_total{result="sent"}') ?? 0
          assert.ok(sent >= ladder.messages.length, `${sent} copies were sent`)
        })
        for (const copy of copies()) {
          const { correlation, captureId, password, protocol, family, type, at } = copy
          assert.deepEqual(
            { correlation, captureId, password, protocol, family, type },
            { correlation: call.caller.callId, captureId: 7, password: 'homer', protocol: 17, family: 2, type: 1 },
          )
          assert.ok(Math.abs(Date.now() - at) < 60_000)
        }
      } finally {
        await baton.stop()
        homer.close()
      }
    })

    it('may be away: calls do not notice', async () => {
      const homer = await HomerStandIn.open()
      const { port } = homer
      homer.close()
      const baton = await Baton.start({ stack, env: { HEP: `udp:127.0.0.1:${port}` } })
      try {
        const { call } = await play(baton, {
          caller: { scenario: 'uac-call-answered', pause: 50 },
          agents: { agent: { scenario: 'uas-call-answered' } },
        })
        assert.equal(call.result, 'answered')
      } finally {
        await baton.stop()
      }
    })
  })
}

import assert from 'node:assert/strict'
import type { CallView } from '../../server/legs/views.ts'
import { Crowd } from '../harness/crowd.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const number = '+14155552701'
const gauges = ['baton_calls_active', 'baton_transfers_active', 'baton_target_calls', 'baton_engine_dialogs']

for (const stack of stacks) {
  describe(`agent_down to a number (${stack.name})`, () => {
    const crowds: Crowd[] = []
    let gateway: Crowd
    const open = async (): Promise<Crowd> => {
      const crowd = await Crowd.open()
      crowds.push(crowd)

      return crowd
    }
    const baton = sharedBaton(async () => {
      gateway = await open()
      const carrier = { name: 'carrier', peers: ['127.0.0.0/8'], gateways: [gateway.uri.replace('crowd@', '')] }

      return { stack, file: { trunks: [carrier] } }
    })

    before(() =>
      baton().project({
        ...{ project: 'unattended', agent_down: 'desk' },
        environments: { live: { numbers: [number], agents: [] } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: '+14155550177' }] },
      }),
    )

    after(() => {
      for (const crowd of crowds) crowd.close()
    })

    const callsThatAreUp = async (): Promise<CallView[]> => {
      const { calls } = await baton().api<{ calls: CallView[] }>('GET', '/v1/calls?state=bridged&limit=200')

      return calls
    }

    it('many calls to a gateway are bridged, and nothing is left of them once they are hung up', async () => {
      const callers = await open()
      await callers.call(45, number, baton().sip())
      assert.deepEqual([callers.answered.size, gateway.answered.size], [45, 45])
      const up = await callsThatAreUp()
      assert.equal(up.length, 45)
      for (const { via } of up) assert.equal(via, 'agent_down')
      for (const { id } of up) await baton().api('POST', `/v1/calls/${id}/hangup`)
      await until('both sides of each have had BYE', () => callers.released.size === 45 && gateway.released.size === 45)
      await baton().idle(gauges)
    })

    it('a gateway that has gone does not keep its calls: their callers are released', async () => {
      const callers = await open()
      await callers.call(3, number, baton().sip())
      const up = await callsThatAreUp()
      assert.equal(up.length, 3)
      gateway.close()
      crowds.splice(crowds.indexOf(gateway), 1)
      for (const { id } of up) await baton().api('POST', `/v1/calls/${id}/hangup`)
      await until('each caller has had BYE', () => callers.released.size === 3)
      await baton().idle(gauges, 20)
    })
  })
}

import assert from 'node:assert/strict'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552671'

for (const stack of stacks) {
  describe(`A choice by priority and weight (${stack.name})`, () => {
    const ports: number[] = []
    const baton = sharedBaton(async () => {
      ports.push(await freePort(), await freePort())
      const [spare = '', main = ''] = ports.map((port) => `sip:127.0.0.1:${port}`)
      const gateways = [
        { uri: spare, priority: 20 },
        { uri: main, priority: 10 },
      ]

      return { stack, file: { trunks: [{ name: 'carrier', peers: ['127.0.0.0/8'], gateways }] } }
    })
    const open = (port?: number) => RawPhone.open(baton().sip(), port)
    const refuse = (phone: RawPhone, invite: Awaited<ReturnType<RawPhone['invited']>>) => {
      phone.respond(invite, '503 Service Unavailable')

      return phone.next(/^ACK /)
    }

    it('calls the agent with the weight before the one without, and the gateway of the lower priority number first', async () => {
      const [caller, idle, busy] = [await open(), await open(), await open()]
      const [spare, main] = [await open(ports[0]), await open(ports[1])]
      await baton().project({
        project: 'choice',
        environments: {
          live: {
            numbers: [number],
            // RFC 2782: a weight of 0 is chosen after the others.
            agents: [
              { uri: idle.uri, weight: 0 },
              { uri: busy.uri, weight: 10 },
            ],
          },
        },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: '+14155550177' }] },
      })
      caller.call(number)
      await refuse(busy, await busy.invited())
      await idle.answer(await idle.invited())
      await caller.answered()
      const { callId = '' } = await baton().events.of('call.answered', caller.callId)
      void idle.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] })
      await refuse(main, await main.invited())
      await spare.answer(await spare.invited())
      caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
      await idle.released()
      await baton().events.of('transfer.ended', callId)
      const { transfers, tried } = await baton().call(callId)
      const [attempt] = transfers[0]?.attempts ?? []
      assert.deepEqual(
        [tried?.map(({ uri, reason }) => [uri, reason]), attempt?.reason, attempt?.tried?.map(({ target }) => target)],
        [[[busy.uri, 'unreachable']], 'answered', [`sip:+14155550177@127.0.0.1:${ports[1]};user=phone`]],
      )
      const released = spare.takes('BYE')
      await caller.ask('BYE')
      await released
      await baton().events.of('call.ended', callId)
      for (const party of [caller, idle, busy, spare, main]) party.close()
    })
  })
}

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

import { increase } from '../harness/metrics.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552651'
const progressTimeout = 0.6
const counted =
  'baton_transfers_total{handoff="desk-0",method="invite",project="silent",reason="no_response",result="failed"}'

for (const stack of stacks) {
  describe(`Silent destinations (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawPhone
    let agent: RawPhone
    let silent: RawPhone
    let desk: RawPhone

    beforeEach(async function () {
      // It keeps each 100 to itself (docs/drachtio.md).
      if (stack.isOriginal) this.skip()
      const open = () => RawPhone.open(baton().sip())
      ;[caller, agent, silent, desk] = [await open(), await open(), await open(), await open()]
    })

    afterEach(() => {
      for (const party of [caller, agent, silent, desk]) party.close()
    })

    /** A call with its agent, which is to be handed to these handoffs in turn; `done` waits for the outcome. */
    const connected = async (...routes: object[]) => {
      const handoffs = routes.map((route, i) => ({
        ...{ name: `desk-${i}`, method: 'invite', progress_timeout: progressTimeout },
        ...(i === 0 && { default: true, on_failure: routes.slice(1).map((_, at) => `desk-${at + 1}`) }),
        ...route,
      }))
      await serve([agent], { table: { handoffs } })
      const before = await baton().metrics(['environment', 'trunk', 'version'])
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId = '' } = await baton().events.of('call.answered', caller.callId)
      const asked = agent.ask('REFER', { headers: ['Refer-To: <sip:desk-0@baton>'] })

      return {
        asked,
        done: async () => {
          await baton().events.of('transfer.ended', callId)
          const { transfers } = await baton().call(callId)
          const metrics = increase(before, await baton().metrics(['environment', 'trunk', 'version']))

          return { ...(transfers[0] ?? assert.fail('there is no transfer')), metrics }
        },
        end: async () => {
          await caller.ask('BYE')
          await baton().events.of('call.ended', callId)
        },
      }
    }

    const serve = (agents: RawPhone[], more: object = {}, live: object = {}) =>
      baton().project({
        project: 'silent',
        environments: {
          live: { numbers: [number], agents: agents.map(({ uri }) => uri), progress_timeout: progressTimeout, ...live },
        },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: desk.uri }] },
        ...more,
      })

    const movesTo = async (party: RawPhone) => {
      const move = await caller.next(/^INVITE /)
      assert.match(move.body, new RegExp(`m=audio ${party.port} `))
      caller.respond(move, '200 OK', { body: caller.session })
    }

    it('a gateway that wakes up late is released', async () => {
      const { done, end } = await connected({ route: silent.uri }, { route: desk.uri })
      const unanswered = await silent.invited()
      const second = await desk.invited()
      // RFC 3261 9.1: a CANCEL waits for a provisional response.
      silent.respond(unanswered, '180 Ringing')
      await silent.takes('CANCEL')
      silent.respond(unanswered, '200 OK', { body: silent.session })
      await silent.next(/^ACK /)
      await silent.takes('BYE')
      await desk.answer(second)
      await movesTo(desk)
      await agent.released()
      const { result, attempts, diagnosis = '' } = await done()
      assert.deepEqual(
        [result, attempts.map(({ reason, code, local }) => [reason, code, local])],
        [
          'succeeded',
          [
            ['no_response', 408, true],
            ['answered', 200, undefined],
          ],
        ],
      )
      assert.match(diagnosis, /sent no response at all, not even 100; desk-1 was tried next\./)
      const desk1 = desk.takes('BYE')
      await end()
      await desk1
    })

    it('a destination that has sent 100 and nothing else has its ring_timeout', async () => {
      const { done, end } = await connected({ route: desk.uri, ring_timeout: 20 })
      const invite = await desk.invited()
      desk.respond(invite, '100 Trying')
      const answered = new Promise((resolve) => setTimeout(resolve, progressTimeout * 1000 + 500))
      await answered
      await desk.answer(invite)
      await movesTo(desk)
      await agent.released()
      const { result, reason, attempts } = await done()
      assert.deepEqual([result, reason, attempts[0]?.rang], ['succeeded', 'answered', undefined])
      const desk1 = desk.takes('BYE')
      await end()
      await desk1
    })

    it('with no other destination the transfer fails as no_response, and the caller stays with its agent', async () => {
      const { done, end } = await connected({ route: silent.uri })
      await silent.invited()
      const notified = agent.hears('SIP/2.0 408')
      const { result, reason, attempts, metrics } = await done()
      await notified
      assert.deepEqual([result, reason], ['failed', 'no_response'])
      assert.deepEqual(
        attempts[0]?.evidence.map(({ from, what }) => `${from}: ${what}`),
        [`baton: INVITE ${silent.uri}`, 'baton: 408 No Response (made by Baton: nothing came)'],
      )
      assert.equal(metrics.get(counted), 1)
      const agentTold = agent.takes('BYE')
      await end()
      await agentTold
    })

    it('that took a long INVITE by TCP and sends nothing is called by UDP (RFC 3261 18.1.1)', async function () {
      // The engine as a drachtio server sends long requests by UDP, as drachtio-server does.
      if (stack.name !== 'embedded') this.skip()
      // An ephemeral port may be another program's TCP connection.
      desk.close()
      desk = await RawPhone.open(baton().sip(), await freePort())
      const taken: Socket[] = []
      const hole = createServer((socket) => taken.push(socket)).listen(desk.port, '127.0.0.1')
      await once(hole, 'listening')
      const { done, end } = await connected({ route: desk.uri, headers: { 'X-Long': 'x'.repeat(1400) } })
      await desk.answer(await desk.invited())
      await movesTo(desk)
      await agent.released()
      assert.deepEqual([(await done()).result, taken.length], ['succeeded', 1])
      const deskTold = desk.takes('BYE')
      await end()
      await deskTold
      for (const socket of taken) socket.destroy()
      hole.close()
    })

    it('without a limit gives way after ring_timeout, still as no_response', async () => {
      const { done, end } = await connected({ route: silent.uri, progress_timeout: 0, ring_timeout: 1 })
      await silent.invited()
      const notified = agent.hears('SIP/2.0 408')
      const { reason } = await done()
      await notified
      assert.equal(reason, 'no_response')
      const agentTold = agent.takes('BYE')
      await end()
      await agentTold
    })

    it('an agent that sends nothing gives way to the next, and is released when it wakes up', async () => {
      await serve([silent, agent])
      caller.call(number)
      const unanswered = await silent.invited()
      await agent.answer(await agent.invited())
      await caller.answered()
      silent.respond(unanswered, '200 OK', { body: silent.session })
      await silent.next(/^ACK /)
      await silent.takes('BYE')
      const agentTold = agent.takes('BYE')
      await caller.ask('BYE')
      await agentTold
      await baton().events.of('call.ended', caller.callId)
    })

    it('when all agents are silent the caller gets agent_down, without waiting for it', async () => {
      await serve([silent], {}, { agent_down: 'desk' })
      const before = await baton().metrics()
      const from = Date.now()
      caller.call(number)
      await silent.invited()
      await desk.answer(await desk.invited())
      assert.ok(Date.now() - from < 3000)
      await caller.answered()
      const deskTold = desk.takes('BYE')
      await caller.ask('BYE')
      await deskTold
      const { callId = '' } = await baton().events.of('call.ended', caller.callId)
      const { via, tried } = await baton().call(callId)
      const what = '408 No Response (made by Baton: nothing came)'
      assert.deepEqual([via, tried], ['agent_down', [{ uri: silent.uri, what, reason: 'no_response' }]])
      const labels = 'environment="live",project="silent",reason="no_response",result="failed"'
      assert.equal(increase(before, await baton().metrics()).get(`baton_agent_attempts_total{${labels}}`), 1)
    })
  })
}

for (const stack of stacks) {
  describe(`A trunk whose first gateway is silent (${stack.name})`, () => {
    const ports: number[] = []
    const baton = sharedBaton(async () => {
      ports.push(await freePort(), await freePort())
      const gateways = ports.map((port) => `sip:127.0.0.1:${port}`)
      const trunk = { name: 'carrier', peers: ['127.0.0.0/8'], gateways, progress_timeout: progressTimeout }

      return { stack, file: { trunks: [trunk] } }
    })

    it('a gateway that sends nothing gives way to the next', async function () {
      if (stack.isOriginal) this.skip()
      const open = (port?: number) => RawPhone.open(baton().sip(), port)
      const [caller, agent, silent, desk] = [await open(), await open(), await open(ports[0]), await open(ports[1])]
      await baton().project({
        project: 'silent',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: '+14155550177' }] },
      })
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId = '' } = await baton().events.of('call.answered', caller.callId)
      void agent.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] })
      await silent.invited()
      await desk.answer(await desk.invited())
      caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
      await agent.released()
      await baton().events.of('transfer.ended', callId)
      const { transfers } = await baton().call(callId)
      const [{ result, attempts, diagnosis = '' } = assert.fail()] = transfers
      const first = `sip:+14155550177@127.0.0.1:${silent.port};user=phone`
      assert.deepEqual(
        [result, attempts.map(({ reason, tried }) => [reason, tried])],
        ['succeeded', [['answered', [{ target: first, reason: 'no_response', code: 408 }]]]],
      )
      assert.ok(diagnosis.startsWith(`${first} sent no response at all, not even 100; the next one was called.`))
      const deskTold = desk.takes('BYE')
      await caller.ask('BYE')
      await deskTold
      await baton().events.of('call.ended', callId)
      for (const party of [caller, agent, silent, desk]) party.close()
    })
  })
}

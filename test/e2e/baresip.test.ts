import assert from 'node:assert/strict'
import { Baresip, type BaresipOptions } from '../harness/baresip.ts'
import { Kamailio } from '../harness/kamailio.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155550170'

describe('A second SIP stack: baresip', function () {
  this.timeout(60_000)
  needs('baresip')
  const baton = sharedBaton({ stack: stacks[0]! })
  const things: { close(): Promise<void> }[] = []

  afterEach(async () => {
    for (const thing of things.splice(0)) await thing.close()
  })

  async function phone(options: BaresipOptions): Promise<Baresip> {
    const started = await Baresip.start(options)
    things.push(started)

    return started
  }

  async function project(agent: string, handoffs: object[]): Promise<void> {
    await baton().project({
      project: 'baresip',
      environments: { live: { numbers: [number], agents: [agent] } },
      table: { handoffs },
    })
  }

  /** The caller calls, the agent answers; resolves with the call's id. */
  async function connected(caller: Baresip, agent: Baresip): Promise<string> {
    const known = new Set(baton().events.seen)
    caller.dial(`sip:${number}@${baton().sip()}`)
    await Promise.all([caller.next('CALL_ESTABLISHED'), agent.next('CALL_ESTABLISHED')])
    const { callId = '' } = await baton().events.when(
      'call.answered',
      (event) => event.type === 'call.answered' && !known.has(event),
    )

    return callId
  }

  async function outcome(id: string): Promise<unknown[]> {
    await baton().events.of('call.ended', id, 30)
    const { result, reason, endedBy, transfers } = await baton().call(id)

    return [
      result,
      reason,
      endedBy,
      ...transfers.map((transfer) => [transfer.result, transfer.attempts.map(({ method }) => method)]),
    ]
  }

  const byRefer = (desk: string) => [{ name: 'desk', description: 'Desk', default: true, route: desk }]
  const byInvite = (desk: string) => [
    { name: 'desk', description: 'Desk', default: true, method: 'invite', route: desk },
  ]

  for (const transport of ['udp', 'tcp'] as const) {
    it(`talks, holds and resumes over ${transport}, and either side hangs up`, async () => {
      const agent = await phone({ name: 'agent', transport })
      const caller = await phone({ name: 'caller', transport })
      await project(agent.uri, byRefer('sip:desk@127.0.0.1:9'))
      const target = transport === 'tcp' ? `${baton().sip('tcp')};transport=tcp` : baton().sip()
      for (const [leaver, stayer, endedBy] of [
        [caller, agent, 'caller'],
        [agent, caller, 'agent'],
      ] as const) {
        const known = new Set(baton().events.seen)
        caller.dial(`sip:${number}@${target}`)
        await Promise.all([caller.next('CALL_ESTABLISHED'), agent.next('CALL_ESTABLISHED')])
        const { callId = '' } = await baton().events.when(
          'call.answered',
          (event) => event.type === 'call.answered' && !known.has(event),
        )
        caller.hold()
        await agent.next('CALL_REMOTE_SDP', ({ param }) => param === 'offer')
        await caller.next('CALL_REMOTE_SDP', ({ param }) => param === 'answer')
        caller.resume()
        await agent.next('CALL_REMOTE_SDP', ({ param }) => param === 'offer')
        leaver.hangUp()
        await stayer.next('CALL_CLOSED')
        assert.deepEqual(await outcome(callId), ['answered', 'hangup', endedBy])
      }
    })
  }

  it('asks as the agent, acts as the caller on our REFER, and answers as the destination', async () => {
    const [agent, caller, desk] = [
      await phone({ name: 'agent' }),
      await phone({ name: 'caller' }),
      await phone({ name: 'desk' }),
    ]
    await project(agent.uri, byRefer(desk.uri))
    const id = await connected(caller, agent)
    agent.transfer('sip:desk@baton.invalid')
    await Promise.all([desk.next('CALL_ESTABLISHED'), caller.next('CALL_ESTABLISHED')])
    assert.deepEqual(await outcome(id), ['answered', 'transferred', 'baton', ['succeeded', ['refer']]])
    caller.hangUp()
    await desk.next('CALL_CLOSED')
  })

  it('is bridged to a destination by INVITE, and hangs up there', async () => {
    const [agent, caller, desk] = [
      await phone({ name: 'agent' }),
      await phone({ name: 'caller' }),
      await phone({ name: 'desk' }),
    ]
    await project(agent.uri, byInvite(desk.uri))
    const id = await connected(caller, agent)
    agent.transfer('sip:desk@baton.invalid')
    await desk.next('CALL_ESTABLISHED')
    await agent.next('CALL_CLOSED')
    desk.hangUp()
    await caller.next('CALL_CLOSED')
    assert.deepEqual(await outcome(id), ['answered', 'hangup', 'destination', ['succeeded', ['invite']]])
  })

  for (const router of ['loose', 'strict'] as const) {
    describe(`behind a Kamailio that records itself as a ${router} router`, () => {
      needs('kamailio', 'baresip')

      it('talks, holds, is transferred by REFER and bridged by INVITE', async () => {
        const [agent, desk] = [await phone({ name: 'agent' }), await phone({ name: 'desk' })]
        const port = ({ uri }: Baresip): string => /127\.0\.0\.1:(\d+)/.exec(uri)?.[1] ?? ''
        const proxy = await Kamailio.start({ agent: port(agent), desk: port(desk) }, router)
        things.push(proxy)
        const caller = await phone({ name: 'caller', outbound: proxy.at })
        for (const handoffs of [byRefer(desk.uri), byInvite(`sip:desk@${proxy.at}`)]) {
          await project(`sip:agent@${proxy.at}`, handoffs)
          const id = await connected(caller, agent)
          caller.hold()
          await agent.next('CALL_REMOTE_SDP', ({ param }) => param === 'offer')
          caller.resume()
          await agent.next('CALL_REMOTE_SDP', ({ param }) => param === 'offer')
          agent.transfer('sip:desk@baton.invalid')
          await desk.next('CALL_ESTABLISHED')
          await agent.next('CALL_CLOSED')
          caller.hangUp()
          await desk.next('CALL_CLOSED')
          const [result, , , transfer] = await outcome(id)
          assert.deepEqual([result, (transfer as unknown[])[0]], ['answered', 'succeeded'])
          const { messages } = await baton().ladder(id)
          const recorded = router === 'loose' ? `<sip:${proxy.at};lr` : `<sip:${proxy.at}>`
          const ours = messages.filter(
            ({ direction, text }) => direction === 'out' && /^(BYE|REFER|INVITE) /.test(text),
          )
          assert.ok(messages.some(({ text }) => text.includes(`Record-Route: ${recorded}`)))
          if (router === 'strict') assert.ok(ours.some(({ text }) => text.includes(` sip:${proxy.at} SIP/2.0`)))
        }
      })
    })
  }
})

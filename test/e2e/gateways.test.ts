import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks, type Stack } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { agentTold } from './moments.ts'
import { answeredBy, moved, refused } from './invite-row.ts'
import { asking, calleeAnswered, callerAnswered, hangsUp, isNotified, isReleased, refusing } from './parts.ts'

const down = 'destination: 503 Service Unavailable'
const toGateway = /^baton: INVITE sip:\+14155550177@127\.0\.0\.1:\d+;user=phone$/

const refusing503 = { scenario: 'uas-call-refused', keys: refusing('503 Service Unavailable') }

/** A Baton of its own with a trunk of two gateways, for each describe: which of them is down is remembered for a while. */
function carrierOf(stack: Stack) {
  const ports: [first: number, second: number] = [0, 0]
  const baton = sharedBaton(async () => {
    ports[0] = await freePort()
    ports[1] = await freePort()
    const gateways = ports.map((port) => `sip:127.0.0.1:${port}`)

    return { stack, file: { trunks: [{ name: 'carrier', peers: ['127.0.0.0/8'], gateways }] } }
  })

  return { ports, baton }
}

for (const stack of stacks) {
  describe(`A trunk with two gateways (${stack.name})`, () => {
    needs('sipp')
    const { ports, baton } = carrierOf(stack)
    const number = {
      name: 'front-desk',
      description: 'Reception',
      default: true,
      method: 'invite',
      route: '+14155550177',
    }

    it('503 of the first gateway: the second one is called, with a Call-ID of its own', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
        agents: { agent: asking() },
        destinations: {
          first: { ...refusing503, port: ports[0] },
          second: { scenario: 'uas-call-answered', port: ports[1] },
        },
        handoffs: () => [number],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...moved(ports[1]), ...hangsUp],
          agent: [...calleeAnswered, '> REFER', '< 202 REFER', ...isNotified('100', '180', '200'), ...isReleased],
          first: refused('503'),
          second: [...calleeAnswered, ...isReleased],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            ...{ handoff: 'front-desk', result: 'succeeded', reason: 'answered', sipStatus: 200 },
            attempts: [
              {
                ...{ handoff: 'front-desk', method: 'invite' },
                evidence: [toGateway, down, toGateway, ...answeredBy, 'caller: 200 OK to the re-INVITE'],
              },
            ],
          },
        ],
      })
    })
  })

  describe(`A trunk whose gateways are both down (${stack.name})`, () => {
    needs('sipp')
    const { ports, baton } = carrierOf(stack)

    it('503 of every gateway: the next destination is called', async () => {
      const handoff = { description: 'Reception', method: 'invite' }
      const played = await play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
        agents: { agent: asking() },
        destinations: {
          first: { ...refusing503, port: ports[0] },
          second: { ...refusing503, port: ports[1] },
          desk: { scenario: 'uas-call-answered' },
        },
        handoffs: (uri) => [
          { ...handoff, name: 'front-desk', default: true, route: '+14155550177', on_failure: ['next'] },
          { ...handoff, name: 'next', route: uri('desk') },
        ],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...moved(played.ports.desk), ...hangsUp],
          agent: [...calleeAnswered, '> REFER', '< 202 REFER', ...isNotified('100', '180', '200'), ...isReleased],
          first: refused('503'),
          second: refused('503'),
          desk: [...calleeAnswered, ...isReleased],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            ...{ handoff: 'front-desk', result: 'succeeded', reason: 'answered', sipStatus: 200 },
            attempts: [
              {
                ...{ handoff: 'front-desk', method: 'invite', result: 'failed', reason: 'unreachable', code: 503 },
                evidence: [toGateway, down, toGateway, down],
              },
              {
                ...{ handoff: 'next', method: 'invite', result: 'succeeded', reason: 'answered' },
                evidence: [/^baton: INVITE sip:desk@/, ...answeredBy, 'caller: 200 OK to the re-INVITE'],
              },
            ],
          },
        ],
      })
    })
  })
}

import assert from 'node:assert/strict'

import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import type { Part } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { play, type Played } from '../harness/story.ts'
import { agentTold } from './moments.ts'
import { asking } from './parts.ts'

const secret = 'X-Baton-Secret: 7'
/** An agent that puts a header of Baton's own, and one of the project's, on its REFER. */
const agent = asking(`sip:front-desk@baton>\r\n${secret}\r\nX-Ticket: <4711`)
const answering: Part = { scenario: 'uas-call-answered' }
const token = `${'e30'.repeat(1000)};info=<https://certs.example/1.pem>;alg=ES256`
const history = '<sip:+14155550111@127.0.0.1>;index=1'
const identity = `Identity: ${token}\r\nHistory-Info: ${history}\r\n${secret}`

const received = ({ traces }: Played, party: string): string =>
  (traces[party]?.all ?? [])
    .filter(({ direction }) => direction === 'received')
    .map(({ text }) => text)
    .join('\n')

for (const stack of stacks) {
  describe(`What carriers see (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    const ways: [method: string, caller: Part, destinations: Record<string, Part>][] = [
      ['invite', { scenario: 'uac-reinvite-bridged', until: agentTold }, { desk: answering }],
      ['refer', { scenario: 'uac-refer-accepted-hung-up', pause: 100 }, {}],
      ['bye', { scenario: 'uac-call-released' }, {}],
    ]
    for (const [method, caller, destinations] of ways) {
      it(`nothing of Baton’s own by ${method.toUpperCase()}, neither in requests nor in responses; what the agent says itself is passed on`, async () => {
        const played = await play(baton(), {
          caller,
          agents: { agent },
          destinations,
          handoffs: (uri) => [
            {
              ...{ name: 'front-desk', description: 'Reception', default: true, method },
              ...(method !== 'bye' && { route: uri('desk') }),
            },
          ],
        })
        const seen = `${received(played, 'caller')}\n${received(played, 'desk')}`
        assert.doesNotMatch(seen, /x-baton/i)
        assert.match(seen, /^X-Ticket: <?4711/im)
        assert.match(played.traces.agent?.message('< INVITE').text ?? '', /^X-Baton-Call-Id: /im)
      })
    }

    it('no trace of the agent, once the caller has been bridged', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
        agents: { agent: asking() },
        destinations: { desk: answering },
        handoffs: (uri) => [
          { name: 'front-desk', description: 'Reception', default: true, method: 'invite', route: uri('desk') },
        ],
      })
      const at = played.traces.agent?.message('< INVITE')
      const seen = received(played, 'desk')
      for (const trace of [at?.header('Call-ID'), `:${played.ports.agent}`, 'agent@']) {
        assert.ok(trace !== undefined && !seen.includes(trace), `the destination sees ${trace} of the agent`)
      }
      const [, ...afterwards] = played.traces.caller?.messages.filter(({ direction }) => direction === 'received') ?? []
      const last = afterwards.slice(afterwards.findIndex(({ name }) => name === 'INVITE'))
      for (const { text } of last) assert.ok(!text.includes(`:${played.ports.agent}`) && !text.includes('agent@'), text)
    })

    it('an Identity of 3000 bytes and History-Info, uncut: over TCP where a datagram is too small', async function () {
      // It sends datagrams of any size, which are cut on the way.
      if (stack.isOriginal) this.skip()
      const overTcp = (uri: string): string => uri.replace(';transport=tcp', '')
      const played = await play(baton(), {
        caller: { scenario: 'uac-identity-bridged', until: agentTold, keys: { identity } },
        agents: { agent: { ...asking(), transport: 'tcp' } },
        destinations: { desk: { ...answering, transport: 'tcp' } },
        handoffs: (uri) => [
          {
            name: 'front-desk',
            description: 'Reception',
            default: true,
            method: 'invite',
            route: overTcp(uri('desk')),
          },
        ],
      })
      const invite = played.traces.desk?.message('< INVITE')
      assert.match(invite?.header('Via') ?? '', /^SIP\/2\.0\/TCP /)
      assert.equal(invite?.header('Identity'), token)
      assert.equal(invite.header('History-Info'), history)
      assert.doesNotMatch(invite.text, /x-baton/i)
    })
  })
}

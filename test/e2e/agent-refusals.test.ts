import assert from 'node:assert/strict'

import { RawPhone, rawSession } from '../harness/raw-call.ts'
import type { RawMessage } from '../harness/raw-party.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552601'
const status = ({ startLine }: RawMessage) => Number(startLine.split(' ')[1])

for (const stack of stacks) {
  describe(`Refusals of an agent (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawPhone
    let agent: RawPhone
    let second: RawPhone
    let desk: RawPhone

    beforeEach(async () => {
      const open = () => RawPhone.open(baton().sip())
      ;[caller, agent, second, desk] = [await open(), await open(), await open(), await open()]
    })

    afterEach(() => {
      for (const party of [caller, agent, second, desk]) party.close()
    })

    const serve = (agents: RawPhone[], more: object = {}) =>
      baton().project({
        project: 'refusals',
        environments: { live: { numbers: [number], agents: agents.map(({ uri }) => uri) } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: desk.uri }] },
        ...more,
      })

    /** The final response to the caller, acknowledged if it is a refusal. */
    const finalOf = async () => {
      const final = await caller.next(/^SIP\/2\.0 [2-6]/)
      if (status(final) >= 300) caller.party.ack(final, number)

      return final
    }

    const hangUp = async (party: RawPhone) => {
      const released = party.takes('BYE')
      await caller.ask('BYE')
      await released
      await baton().events.of('call.ended', caller.callId)
    }

    for (const [said, told, reason] of [
      ['401 Unauthorized', 503, 'no_agent'],
      ['404 Not Found', 503, 'no_agent'],
      ['420 Bad Extension', 503, 'no_agent'],
      ['422 Session Interval Too Small', 503, 'no_agent'],
      ['305 Use Proxy', 503, 'no_agent'],
      ['415 Unsupported Media Type', 488, 'agent_refused'],
      ['487 Request Terminated', 480, 'agent_refused'],
      ['486 Busy Here', 486, 'agent_busy'],
      ['603 Decline', 603, 'agent_declined'],
    ] as const) {
      it(`${said} of the only agent: the caller gets ${told}`, async () => {
        await serve([agent])
        caller.call(number)
        agent.respond(await agent.invited(), said)
        await agent.next(/^ACK /)
        const final = await finalOf()
        assert.equal(status(final), told)
        const { data } = await baton().events.of('call.ended', final.header('Call-ID'))
        assert.deepEqual([data.call?.reason, data.call?.sipStatus], [reason, told])
      })
    }

    for (const said of ['401 Unauthorized', '404 Not Found', '380 Alternative Service', '421 Extension Required']) {
      it(`${said}: the next agent gets the call`, async () => {
        await serve([agent, second])
        caller.call(number)
        agent.respond(await agent.invited(), said)
        await second.answer(await second.invited())
        await caller.answered()
        await hangUp(second)
      })
    }

    it('404 of every agent: the handoff of agent_down takes the call', async () => {
      await serve([agent], { agent_down: 'desk' })
      caller.call(number)
      agent.respond(await agent.invited(), '404 Not Found')
      await desk.answer(await desk.invited())
      await caller.answered()
      await hangUp(desk)
    })

    it('302 to another user of its host is followed, and says so in Diversion', async () => {
      await serve([agent])
      caller.call(number)
      agent.party.respond(await agent.invited(), '302 Moved Temporarily', [
        `Contact: <sip:other@${agent.party.address}>`,
      ])
      const onward = await agent.invited()
      assert.match(onward.startLine, /^INVITE sip:other@/)
      assert.match(onward.header('Diversion'), /^<sip:raw@[^>]+>;reason=deflection/)
      await agent.answer(onward)
      await caller.answered()
      await hangUp(agent)
    })

    it('302 to where the project does not allow it: the next agent gets the call', async () => {
      await serve([agent, second])
      caller.call(number)
      agent.party.respond(await agent.invited(), '302 Moved Temporarily', ['Contact: <sip:bridge@elsewhere.invalid>'])
      await second.answer(await second.invited())
      await caller.answered()
      await hangUp(second)
    })

    for (const [what, lines, body] of [
      ['To tag', { tag: false, contact: true }, true],
      ['Contact', { tag: true, contact: false }, true],
      ['session', { tag: true, contact: true }, false],
    ] as const) {
      it(`200 without ${what}: it is released, and the next agent gets the call`, async function () {
        // The original drachtio-server acknowledges and ends such a call by itself.
        if (stack.isOriginal) this.skip()
        await serve([agent, second])
        caller.call(number)
        const invite = await agent.invited()
        agent.party.send(
          [
            'SIP/2.0 200 OK',
            ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${invite.header(name)}`),
            `To: ${invite.header('To')}${lines.tag ? ';tag=raw' : ''}`,
            ...(lines.contact ? [`Contact: <${agent.uri}>`] : []),
            ...(body ? ['Content-Type: application/sdp'] : []),
          ],
          body ? agent.session : '',
        )
        await agent.next(/^ACK /)
        await agent.takes('BYE')
        await second.answer(await second.invited())
        await caller.answered()
        await hangUp(second)
      })
    }

    for (const [what, contact, session] of [
      ['refuses all media', undefined, (port: number) => rawSession(port).replace(`audio ${port}`, 'audio 0')],
      ['has no codec of the offer', undefined, (port: number) => rawSession(port).replace('AVP 0', 'AVP 18')],
      ['is SRTP where plain RTP was offered', undefined, (port: number) => rawSession(port).replace('AVP', 'SAVP')],
      ['says a number in Contact', 'Contact: <tel:+14155550199>', (port: number) => rawSession(port)],
      ['says a name in Contact', 'Contact: <urn:service:sos>', (port: number) => rawSession(port)],
    ] as const) {
      it(`200 that ${what}: it is released, and the next agent gets the call`, async function () {
        if (stack.isOriginal) this.skip()
        await serve([agent, second])
        caller.call(number)
        const headers = contact === undefined ? [] : [contact]
        agent.respond(await agent.invited(), '200 OK', { headers, body: session(agent.port) })
        await agent.next(/^ACK /)
        await agent.takes('BYE')
        await second.answer(await second.invited())
        await caller.answered()
        await hangUp(second)
      })
    }

    it('200 of a destination that says a number in Contact: it is released, and the next handoff takes the call', async function () {
      if (stack.isOriginal) this.skip()
      await serve([agent], {
        table: {
          handoffs: [
            { name: 'desk', default: true, method: 'invite', route: desk.uri, on_failure: ['second'] },
            { name: 'second', method: 'invite', route: second.uri },
          ],
        },
      })
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      void agent.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] })
      desk.respond(await desk.invited(), '200 OK', { headers: ['Contact: <tel:+14155550199>'], body: desk.session })
      await desk.next(/^ACK /)
      await desk.takes('BYE')
      await second.answer(await second.invited())
      caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
      await agent.takes('BYE')
      await hangUp(second)
    })
  })
}

import assert from 'node:assert/strict'

import { RawPhone, rawSession } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552501'
const status = (startLine: string) => Number(startLine.split(' ')[1])

for (const stack of stacks) {
  describe(`What one leg is told of another (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawPhone
    let agent: RawPhone
    let desk: RawPhone

    beforeEach(async () => {
      const open = () => RawPhone.open(baton().sip())
      ;[caller, agent, desk] = [await open(), await open(), await open()]
      await baton().project({
        project: 'legs',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: {
          handoffs: [
            { name: 'desk', default: true, method: 'invite', route: desk.uri },
            { name: 'moved', route: desk.uri, notify_timeout: 10 },
          ],
        },
      })
    })

    afterEach(() => {
      for (const party of [caller, agent, desk]) party.close()
    })

    const connected = async () => {
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId = '' } = await baton().events.of('call.answered', caller.callId)

      return callId
    }

    /** The agent asks for a handoff, hears 202 and hangs up. */
    const left = async (handoff: string) => {
      const id = await connected()
      void agent.send('REFER', { headers: [`Refer-To: <sip:${handoff}@baton>`] })
      await agent.next(/^SIP\/2\.0 202 /)
      agent.respond(await agent.next(/^NOTIFY /), '200 OK')

      return id
    }

    const ended = (id: string) => baton().events.of('call.ended', id)

    const hangUp = async (id: string, ...others: RawPhone[]) => {
      const released = others.map((party) => party.takes('BYE'))
      await caller.ask('BYE')
      await Promise.all(released)
      await ended(id)
    }

    it('OPTIONS in a dialog is answered here, with what Baton can do', async () => {
      const id = await connected()
      for (const party of [caller, agent]) {
        const ok = await party.ask('OPTIONS')
        assert.equal(status(ok.startLine), 200)
        assert.match(ok.header('Allow'), /INVITE.*UPDATE/)
        assert.match(ok.header('Accept'), /application\/sdp/)
        assert.match(ok.header('Supported'), /timer/)
      }
      await hangUp(id, agent)
    })

    it('a refusal that speaks of the other leg’s dialog, hop or credentials is 500; one of the request is passed on', async () => {
      const id = await connected()
      for (const [said, told] of [
        ['302 Moved Temporarily', 500],
        ['401 Unauthorized', 500],
        ['404 Not Found', 500],
        ['407 Proxy Authentication Required', 500],
        ['420 Bad Extension', 500],
        ['482 Loop Detected', 500],
        ['483 Too Many Hops', 500],
        ['405 Method Not Allowed', 501],
        ['415 Unsupported Media Type', 415],
        ['488 Not Acceptable Here', 488],
      ] as const) {
        const asked = caller.ask('INFO', { headers: ['Content-Type: application/dtmf-relay'], body: 'Signal=5\r\n' })
        agent.respond(await agent.next(/^INFO /), said, { headers: ['Accept: text/plain'] })
        const told_ = await asked
        assert.equal(status(told_.startLine), told, said)
        if (told === 415) assert.equal(told_.header('Accept'), 'text/plain')
      }
      for (const said of ['401 Unauthorized', '422 Session Interval Too Small', '302 Moved Temporarily']) {
        const asked = caller.ask('INVITE', { body: rawSession(caller.port + 1) })
        agent.respond(await agent.next(/^INVITE /), said)
        assert.equal(status((await asked).startLine), 500, said)
      }
      await hangUp(id, agent)
    })

    for (const method of ['INFO', 'MESSAGE', 'UPDATE']) {
      for (const said of ['481 Call/Transaction Does Not Exist', '408 Request Timeout']) {
        it(`${said} to the relayed ${method} ends the call, and is not said to its sender`, async () => {
          const id = await connected()
          const asked = caller.ask(method, { headers: ['Content-Type: text/plain'], body: 'a' })
          agent.respond(await agent.next(new RegExp(`^${method} `)), said)
          assert.equal(status((await asked).startLine), 500)
          agent.respond(await agent.next(/^BYE /), '481 Call/Transaction Does Not Exist')
          assert.match((await caller.takes('BYE')).header('Reason'), /^Q\.850;cause=41;/)
          const { data } = await ended(id)
          assert.deepEqual([data.call?.reason, data.call?.endedBy], ['dialog_lost', 'baton'])
        })
      }
    }

    it('481 to the relayed re-INVITE ends the call, and is not said to the caller', async () => {
      const id = await connected()
      const asked = caller.ask('INVITE', { body: rawSession(caller.port + 1) })
      agent.respond(await agent.next(/^INVITE /), '481 Call/Transaction Does Not Exist')
      // RFC 3261 15.1.2: the BYE to the caller ends what the caller still asks for.
      assert.equal(status((await asked).startLine), 487)
      agent.respond(await agent.next(/^BYE /), '481 Call/Transaction Does Not Exist')
      await caller.takes('BYE')
      await ended(id)
    })

    it('whose agent has left while the destination rings: the caller is answered here', async () => {
      const id = await left('desk')
      const invite = await desk.invited()
      desk.respond(invite, '180 Ringing')
      agent.respond(await agent.next(/^NOTIFY /), '200 OK')
      await agent.ask('BYE')
      const update = await caller.ask('UPDATE', { body: rawSession(caller.port + 2) })
      assert.equal(status(update.startLine), 200)
      assert.match(update.body, new RegExp(`m=audio ${agent.port} `))
      assert.equal(status((await caller.ask('UPDATE')).startLine), 200)
      assert.equal(status((await caller.ask('OPTIONS')).startLine), 200)
      const dtmf = { headers: ['Content-Type: application/dtmf-relay'], body: 'Signal=5\r\n' }
      assert.equal(status((await caller.ask('INFO', dtmf)).startLine), 480)
      assert.equal(
        status((await caller.ask('MESSAGE', { headers: ['Content-Type: text/plain'], body: 'a' })).startLine),
        480,
      )
      const hold = await caller.ask('INVITE', { body: rawSession(caller.port + 2, 'sendonly') })
      assert.equal(status(hold.startLine), 200)
      assert.match(hold.body, /a=recvonly/)

      await desk.answer(invite)
      const move = await caller.next(/^INVITE /)
      assert.match(move.body, new RegExp(`m=audio ${desk.port} `))
      caller.respond(move, '200 OK', { body: rawSession(caller.port + 2) })
      const told = await desk.next(/^INVITE /)
      assert.match(told.body, new RegExp(`m=audio ${caller.port + 2} `))
      desk.respond(told, '200 OK', { body: desk.session })
      await baton().events.of('transfer.ended', id)
      assert.equal((await baton().call(id)).transfers[0]?.result, 'succeeded')
      await hangUp(id, desk)
    })

    it('whose PBX holds it while it is referred, its agent gone: held and resumed', async () => {
      const id = await left('moved')
      const refer = await caller.next(/^REFER /)
      caller.respond(refer, '202 Accepted')
      await agent.ask('BYE')
      const hold = await caller.ask('INVITE', { body: rawSession(caller.port, 'sendonly') })
      assert.deepEqual([status(hold.startLine), hold.body.includes('a=recvonly')], [200, true])
      const resumed = await caller.ask('INVITE', { body: rawSession(caller.port) })
      assert.deepEqual([status(resumed.startLine), resumed.body.includes('a=sendrecv')], [200, true])
      // A re-INVITE without an offer gets one.
      const cseq = caller.send('INVITE')
      const offer = await caller.next(/^SIP\/2\.0 200 /)
      assert.match(offer.body, new RegExp(`m=audio ${agent.port} `))
      caller.send('ACK', { cseq, body: caller.session })
      caller.notify('SIP/2.0 200 OK')
      await caller.takes('BYE')
      await ended(id)
      assert.equal((await baton().call(id)).transfers[0]?.result, 'succeeded')
    })
  })
}

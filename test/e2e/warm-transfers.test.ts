import assert from 'node:assert/strict'

import type { InitialInvite, ServerRequest } from '../../engine/index.ts'
import type { CallView, TransferView } from '../../server/legs/views.ts'
import { dialogUser, type Happenings, type Party } from '../engine/user-agent/two-agents.ts'
import { increase } from '../harness/metrics.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { EngineParties, finalResponse, sessionOf, type Connected } from './engine-parties.ts'

/** A session of a party that holds, or that is held. */
const heldSession = (port: number, version = 1) => `${sessionOf(port, version)}a=inactive\r\n`
const hangUpUser = { response: () => undefined, unanswered: () => undefined }

/** A destination that answers as a phone does, and what it was offered. */
interface Desk {
  party: Party
  invite: InitialInvite
  /** The sessions that it was offered, as the port of the far end, `held` for one without media. */
  offers: string[]
}

const offerIn = (body: string): string => {
  return body.includes('a=inactive') ? 'held' : (/m=audio (\d+)/.exec(body)?.[1] ?? 'none')
}

for (const stack of stacks) {
  describe(`A person who answers for a caller (${stack.name})`, function () {
    this.timeout(30_000)
    const baton = sharedBaton({ stack })
    const parties = new EngineParties(baton)

    afterEach(() => parties.settle())

    /** A connected call and two destinations; the sessions that the caller is offered. */
    async function story(
      first: object,
      second: object = {},
    ): Promise<Connected & { desks: Party[]; offers: string[] }> {
      const desks = [await parties.open(), await parties.open()]
      const [desk, duty] = desks.map(({ uri }) => uri)
      const connected = await parties.connected({
        handoffs: [
          { name: 'desk', description: 'Desk', default: true, method: 'invite', route: desk, ...first },
          { name: 'duty', description: 'Duty', method: 'invite', route: duty, ...second },
        ],
      })
      const offers: string[] = []
      connected.dialog.user = answering(connected.caller.log, offers, 4000)

      return { ...connected, desks, offers }
    }

    /** Answers each re-INVITE with a session at this port. */
    function answering(log: Happenings, offers: string[], port: number) {
      let version = 1

      return {
        ...dialogUser(log),
        invite: (invite: ServerRequest) => {
          offers.push(offerIn(invite.request.body))
          version += 1
          invite.respond(200, { body: sessionOf(port, version) })
        },
      }
    }

    const transfer = (id: string, more: object = {}) =>
      baton().api<{ transferId: string }>('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk', ...more })

    /** The destination answers; of a person who is asked, the session is without media until the caller comes. */
    async function answers(party: Party, port: number): Promise<Desk> {
      const invite = await party.log.next<InitialInvite>('invite')
      const offers = [offerIn(invite.request.body)]
      invite.dialogUser = answering(party.log, offers, port)
      invite.respond(200, { body: offers[0] === 'held' ? heldSession(port) : sessionOf(port) })
      await party.log.next('ack')

      return { party, invite, offers }
    }

    async function presses({ invite }: Desk, digit: string, type = 'application/dtmf-relay'): Promise<number> {
      const body = type === 'application/dtmf' ? digit : `Signal=${digit}\r\nDuration=160\r\n`
      const { dialog } = invite
      assert.ok(dialog)

      return (await finalResponse(dialog, 'INFO', { headers: [['Content-Type', type]], body })).status
    }

    const running = async (id: string): Promise<TransferView | undefined> => (await baton().call(id)).transfers.at(-1)
    const evidence = (view: TransferView | undefined, at = 0) =>
      view?.attempts[at]?.evidence.map(({ from, what }) => `${from}: ${what}`) ?? []
    const isAsked = (id: string, at = 0) =>
      until('the person is asked', async () =>
        evidence(await running(id), at).some((what) => what.includes('for a digit')),
      )
    const ended = async (id: string): Promise<TransferView> => {
      const { data } = await baton().events.of('transfer.ended', id)
      assert.ok(data.transfer)

      return data.transfer
    }
    const outcomeOf = ({ result, reason }: Pick<TransferView, 'result' | 'reason'>) => [result, reason]

    /** The caller hangs up; every dialog has ended then. */
    async function over(connected: Pick<Connected, 'id' | 'dialog'>): Promise<CallView> {
      const call = await parties.hangUp(connected)
      await baton().idle(['baton_calls_active', 'baton_transfers_active'])

      return call
    }

    it('gets the caller by pressing 1, and hears nothing of it before', async () => {
      const before = await baton().metrics(['trunk', 'version'])
      const call = await story({ require_accept: true })
      await transfer(call.id)
      const desk = await answers(call.desks[0]!, 4006)
      await isAsked(call.id)
      assert.deepEqual([desk.offers, call.offers], [['held'], []])
      assert.equal(await presses(desk, '7'), 200)
      assert.equal(await presses(desk, '1'), 200)
      const view = await ended(call.id)
      assert.deepEqual(outcomeOf(view), ['succeeded', 'answered'])
      assert.deepEqual(evidence(view), [
        `baton: INVITE ${call.desks[0]!.uri}`,
        'destination: 200 OK',
        'baton: waits 15 s for a digit: 1 accepts, 2 declines',
        'destination: pressed 7 (SIP INFO), which has no meaning',
        'destination: pressed 1 (SIP INFO)',
        'caller: 200 OK to the re-INVITE',
        'destination: 200 OK to the re-INVITE',
      ])
      assert.deepEqual([desk.offers, call.offers], [['held', '4000'], ['4006']])
      await call.agent.log.next('ended')
      await over(call)
      await desk.party.log.next('ended')
      const labels =
        'environment="live",handoff="desk",method="invite",project="parties",reason="answered",result="succeeded"'
      assert.equal(
        increase(before, await baton().metrics(['trunk', 'version'])).get(`baton_transfers_total{${labels}}`),
        1,
      )
    })

    it('does not get it by pressing 2, and the next handoff is asked', async () => {
      const before = await baton().metrics(['trunk', 'version'])
      const call = await story({ accept: {}, on_failure: ['duty'] }, { accept: { digits: { '#': 'accept' } } })
      await transfer(call.id)
      const desk = await answers(call.desks[0]!, 4006)
      await isAsked(call.id)
      await presses(desk, '2', 'application/dtmf')
      await desk.party.log.next('ended')
      const duty = await answers(call.desks[1]!, 4008)
      await isAsked(call.id, 1)
      await presses(duty, '11')
      const view = await ended(call.id)
      assert.deepEqual(outcomeOf(view), ['succeeded', 'answered'])
      assert.deepEqual(view.attempts.map(outcomeOf), [
        ['failed', 'declined_by_person'],
        ['succeeded', 'answered'],
      ])
      assert.deepEqual([desk.offers, duty.offers, call.offers], [['held'], ['held', '4000'], ['4008']])
      await over(call)
      await duty.party.log.next('ended')
      const declined =
        'baton_transfer_attempts_total{code="none",environment="live",handoff="desk",method="invite",project="parties",result="failed"}'
      assert.equal(increase(before, await baton().metrics(['trunk', 'version'])).get(declined), 1)
    })

    it('is no person where a machine answers and says nothing: the caller stays with its agent, who is told 480', async () => {
      const call = await story({ require_accept: true, accept: { timeout: 1 } })
      const { dialog } = call.invite
      assert.ok(dialog)
      await finalResponse(dialog, 'REFER', { headers: [['Refer-To', '<sip:desk@baton>']] })
      const machine = await answers(call.desks[0]!, 4006)
      const view = await ended(call.id)
      assert.deepEqual(outcomeOf(view), ['failed', 'no_accept'])
      await machine.party.log.next('ended')
      assert.deepEqual([machine.offers, call.offers], [['held'], []])
      const told = await until('the agent is told', () => {
        const sipfrags = call.agent.log.all.flatMap(([what, detail]) =>
          what === 'NOTIFY' ? [(detail as ServerRequest).request.body.trim()] : [],
        )

        return sipfrags.some((sipfrag) => sipfrag.includes('480')) && sipfrags
      })
      assert.ok(told.includes('SIP/2.0 183 Waiting For Acceptance'), told.join(', '))
      assert.match(view.diagnosis ?? '', /no person there accepted the caller/)
      assert.equal((await baton().call(call.id)).state, 'connected')
      await over(call)
      await call.agent.log.next('ended')
    })

    it('gets the caller without a digit where none is required', async () => {
      const call = await story({ accept: { timeout: 1 }, announce: 'sales.wav' })
      await transfer(call.id)
      const desk = await answers(call.desks[0]!, 4006)
      const view = await ended(call.id)
      assert.deepEqual(outcomeOf(view), ['succeeded', 'answered'])
      assert.deepEqual(evidence(view).slice(2, 5), [
        'baton: no announcement: MEDIA is direct, and Baton plays nothing',
        'baton: waits 1 s for a digit: 1 accepts, 2 declines; no digit accepts, too',
        'baton: no digit for 1 s, and none is required',
      ])
      assert.deepEqual([desk.offers, call.offers], [['held', '4000'], ['4006']])
      await over(call)
    })

    it('is released when the caller hangs up meanwhile', async () => {
      const call = await story({ require_accept: true })
      await transfer(call.id)
      const desk = await answers(call.desks[0]!, 4006)
      await isAsked(call.id)
      const { reason } = await over(call)
      assert.equal(reason, 'hangup')
      await desk.party.log.next('ended')
      await call.agent.log.next('ended')
      assert.deepEqual(outcomeOf(await ended(call.id)), ['abandoned', 'caller_hung_up'])
    })

    it('may still accept the caller when the agent has hung up', async () => {
      const call = await story({ require_accept: true })
      await transfer(call.id)
      const desk = await answers(call.desks[0]!, 4006)
      await isAsked(call.id)
      call.invite.dialog?.send('BYE', {}, hangUpUser)
      await until('the agent has left', async () => evidence(await running(call.id)).includes('agent: BYE'))
      await presses(desk, '1')
      assert.deepEqual(outcomeOf(await ended(call.id)), ['succeeded', 'answered'])
      assert.deepEqual(call.offers, ['4006'])
      await over(call)
    })

    it('may hang up: the caller stays with its agent', async () => {
      const call = await story({ require_accept: true })
      await transfer(call.id)
      const desk = await answers(call.desks[0]!, 4006)
      await isAsked(call.id)
      desk.invite.dialog?.send('BYE', {}, hangUpUser)
      assert.deepEqual(outcomeOf(await ended(call.id)), ['failed', 'destination_hung_up'])
      assert.deepEqual(call.offers, [])
      await over(call)
    })

    it('may refresh its session meanwhile, and move it: the caller comes to the new address', async () => {
      const call = await story({ require_accept: true })
      await transfer(call.id)
      const desk = await answers(call.desks[0]!, 4006)
      await isAsked(call.id)
      const { dialog } = desk.invite
      assert.ok(dialog)
      const { status, body } = await finalResponse(dialog, 'INVITE', { body: sessionOf(4016, 2) })
      dialog.ack()
      assert.equal(status, 200)
      assert.match(body, /a=inactive/)
      await presses(desk, '1')
      assert.deepEqual(outcomeOf(await ended(call.id)), ['succeeded', 'answered'])
      assert.deepEqual(call.offers, ['4016'])
      await over(call)
    })

    it('may be spoken for by the API', async () => {
      const call = await story({ accept: {} })
      const decide = async (verb: string) =>
        (await baton().request('POST', `/v1/calls/${call.id}/transfer/${verb}`)).status
      assert.equal(await decide('accept'), 409)
      await transfer(call.id)
      const first = await answers(call.desks[0]!, 4006)
      await isAsked(call.id)
      assert.equal(await decide('decline'), 202)
      assert.equal((await ended(call.id)).reason, 'declined_by_person')
      await first.party.log.next('ended')
      const { transferId } = await transfer(call.id, { handoff: 'duty', require_accept: true })
      await answers(call.desks[1]!, 4008)
      await until('the person is asked', async () => {
        const asked = await running(call.id)

        return asked?.id === transferId && evidence(asked).some((what) => what.includes('for a digit'))
      })
      assert.equal(await decide('accept'), 202)
      await until('the caller is there', async () => {
        assert.deepEqual(outcomeOf((await running(call.id)) ?? {}), ['succeeded', 'answered'])
      })
      assert.equal(await decide('accept'), 409)
      assert.deepEqual(call.offers, ['4008'])
      await over(call)
    })

    it('is reached through an IVR by digits, one INFO each', async () => {
      const call = await story({ send_digits: 'w12#' })
      await transfer(call.id)
      const desk = await answers(call.desks[0]!, 4006)
      const view = await ended(call.id)
      assert.deepEqual(outcomeOf(view), ['succeeded', 'answered'])
      assert.ok(evidence(view).includes('baton: sends the digits w12# by SIP INFO'))
      const pressed = desk.party.log.all.flatMap(([what, detail]) =>
        what === 'INFO' ? [/^Signal=(.)\r\nDuration=160\r\n$/.exec((detail as ServerRequest).request.body)?.[1]] : [],
      )
      assert.deepEqual(pressed, ['1', '2', '#'])
      assert.deepEqual(call.offers, ['4006'])
      await over(call)
    })

    it('has the agent at hand for as long as it is to stay, and no longer once it or the caller has left', async () => {
      for (const leaver of ['agent', 'caller', 'neither'] as const) {
        const call = await story({ mode: 'warm', introduce: leaver === 'neither' ? 1 : 60 })
        await transfer(call.id)
        await answers(call.desks[0]!, 4006)
        await until('the agent stays', async () =>
          evidence(await running(call.id)).some((what) => what.startsWith('baton: the agent stays')),
        )
        assert.ok(!call.agent.log.names.includes('ended'))
        if (leaver === 'agent') call.invite.dialog?.send('BYE', {}, hangUpUser)
        if (leaver === 'caller') await over(call)
        assert.deepEqual(outcomeOf(await ended(call.id)), ['succeeded', 'answered'], leaver)
        if (leaver === 'neither') await call.agent.log.next('ended')
        if (leaver !== 'caller') await over(call)
        assert.equal((await baton().call(call.id)).reason, leaver === 'caller' ? 'transferred' : 'hangup')
        await parties.settle()
      }
    })

    it('brings the caller back to the agent by hanging up during the introduction', async () => {
      const call = await story({ mode: 'warm', introduce: 60 })
      await transfer(call.id)
      const desk = await answers(call.desks[0]!, 4006)
      await until('the agent stays', async () =>
        evidence(await running(call.id)).some((what) => what.startsWith('baton: the agent stays')),
      )
      desk.invite.dialog?.send('BYE', {}, hangUpUser)
      assert.deepEqual(outcomeOf(await ended(call.id)), ['failed', 'destination_hung_up'])
      assert.deepEqual(call.offers, ['4006', '4002'])
      await over(call)
    })
  })
}

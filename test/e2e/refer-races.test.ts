import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { CallView, TransferView } from '../../server/legs/views.ts'
import { increase } from '../harness/metrics.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const number = '+14155552301'
const last = 'terminated;reason=noresource'

/** What the caller's side does between our REFER and the outcome; `succeeded` in each case. */
const races: [what: string, play: (caller: RawPhone, accept: () => void) => Promise<void>][] = [
  [
    'BYE, 202, NOTIFY 200',
    async (caller, accept) => {
      await caller.ask('BYE')
      accept()
      caller.notify('SIP/2.0 200 OK')
      await caller.next(/^SIP\/2\.0 200 /)
    },
  ],
  [
    'NOTIFY 100, BYE, 202, NOTIFY 200',
    async (caller, accept) => {
      caller.notify('SIP/2.0 100 Trying', { state: 'active' })
      await caller.next(/^SIP\/2\.0 200 /)
      await caller.ask('BYE')
      accept()
      caller.notify('SIP/2.0 200 OK')
      await caller.next(/^SIP\/2\.0 200 /)
    },
  ],
  [
    'BYE, NOTIFY 200, 202',
    async (caller, accept) => {
      await caller.ask('BYE')
      caller.notify('SIP/2.0 200 OK')
      await caller.next(/^SIP\/2\.0 200 /)
      accept()
    },
  ],
]

/** NOTIFYs that report success in a form of their own. */
const forms: [what: string, tell: (caller: RawPhone, refer: number) => void][] = [
  ['an id in quotes', (caller, refer) => caller.notify('SIP/2.0 200 OK', { event: `refer;id="${refer}"` })],
  [
    'an id with blanks and a zero before it',
    (c, refer) => c.notify('SIP/2.0 200 OK', { event: `refer; id = 0${refer}` }),
  ],
  ['empty lines before the sipfrag', (caller) => caller.notify('\r\n\r\nSIP/2.0 200 OK\r\n')],
  [
    'a sipfrag in a multipart body',
    (caller) =>
      caller.send('NOTIFY', {
        headers: ['Event: refer', `Subscription-State: ${last}`, 'Content-Type: multipart/mixed;boundary=b'],
        body: '--b\r\nContent-Type: message/sipfrag\r\n\r\nSIP/2.0 200 OK\r\n\r\n--b--\r\n',
      }),
  ],
  [
    'CSeqs of its own, lower than those of the dialog',
    (caller) => {
      caller.notify('SIP/2.0 100 Trying', { state: 'active', cseq: 1 })
      caller.notify('SIP/2.0 200 OK', { cseq: 2 })
    },
  ],
]

for (const stack of stacks) {
  describe(`Races of a REFER that we sent (${stack.name})`, () => {
    const baton = sharedBaton({
      stack,
      file: { trunks: [{ name: 'local', peers: ['127.0.0.0/8'], refer_memory: 3600, bye_after_refer: 'unknown' }] },
    })
    let caller: RawPhone
    let agent: RawPhone
    let destination: RawPhone

    beforeEach(async () => {
      const target = baton().sip()
      ;[caller, agent, destination] = [
        await RawPhone.open(target),
        await RawPhone.open(target),
        await RawPhone.open(target),
      ]
      await baton().project({
        project: 'races',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: {
          handoffs: [
            { name: 'desk', default: true, route: destination.uri, notify_timeout: 1 },
            { name: 'bridge', method: 'invite', route: destination.uri },
          ],
        },
      })
    })

    afterEach(() => {
      for (const party of [caller, agent, destination]) party.close()
    })

    /** A caller with its agent, who asks for the desk: our REFER, and the call's id. */
    const referred = async () => {
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId } = await baton().events.of('call.answered', caller.callId)
      void agent.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] })
      const refer = await caller.next(/^REFER /)

      return { id: callId ?? '', refer, accept: () => caller.respond(refer, '202 Accepted') }
    }

    const ended = (id: string) => baton().events.of('call.ended', id)
    const transferOf = async (id: string): Promise<TransferView> => {
      const call = await baton().call(id)

      return call.transfers.at(-1) ?? assert.fail('there is no transfer')
    }

    for (const [what, play] of races) {
      it(`${what}: succeeded`, async function () {
        if (stack.isOriginal) this.skip()
        const { id, accept } = await referred()
        await play(caller, accept)
        await agent.released()
        await ended(id)
        const { result, reason, attempts } = await transferOf(id)
        assert.deepEqual([result, reason], ['succeeded', 'answered'], JSON.stringify(attempts))
        assert.equal((await baton().call(id)).reason, 'transferred')
      })
    }

    it('BYE, 202, and no NOTIFY: as the trunk’s bye_after_refer says', async function () {
      if (stack.isOriginal) this.skip()
      const { id, accept } = await referred()
      await caller.ask('BYE')
      accept()
      await agent.released()
      await ended(id)
      const { result, reason } = await transferOf(id)
      assert.deepEqual([result, reason], ['unknown', 'bye_after_refer'])
    })

    it('BYE, and 481 to the REFER: the caller has hung up', async function () {
      if (stack.isOriginal) this.skip()
      const { id, refer } = await referred()
      await caller.ask('BYE')
      caller.respond(refer, '481 Call/Transaction Does Not Exist')
      await agent.released()
      await ended(id)
      const { result, reason, sipStatus } = await transferOf(id)
      assert.deepEqual([result, reason, sipStatus], ['abandoned', 'caller_hung_up', 481])
    })

    for (const [what, tell] of forms) {
      it(`NOTIFY with ${what}: succeeded`, async function () {
        if (stack.isOriginal) this.skip()
        const { id, refer, accept } = await referred()
        accept()
        tell(caller, parseInt(refer.header('CSeq'), 10))
        const released = caller.takes('BYE')
        await agent.released()
        await released
        await ended(id)
        const { result, reason } = await transferOf(id)
        assert.deepEqual([result, reason], ['succeeded', 'answered'])
      })
    }

    it('NOTIFY 200 after notify_timeout: the outcome is amended, and the parties are released', async () => {
      const { id, accept } = await referred()
      const before = await baton().metrics(['environment', 'trunk', 'version'])
      accept()
      await baton().events.of('transfer.ended', id)
      assert.equal((await transferOf(id)).result, 'unknown')
      caller.notify('SIP/2.0 200 OK', { state: last })
      const released = caller.takes('BYE')
      await agent.released()
      await released

      const amended = await baton().events.of('transfer.amended', id)
      const told = amended.data.transfer
      assert.deepEqual(
        [told?.result, told?.reason, told?.sipStatus, told?.amended?.result, told?.amended?.reason],
        ['succeeded', 'answered', 200, 'unknown', 'no_notify'],
      )
      assert.match(told?.diagnosis ?? '', /answered/)
      await ended(id)
      const call = await baton().call(id)
      assert.deepEqual(
        [call.reason, call.endedBy, call.transfers.at(-1)?.result],
        ['transferred', 'baton', 'succeeded'],
      )
      assert.deepEqual(await recordsOf(baton().dataDir, id, 1), [['transferred', 'succeeded']])
      const rose = increase(before, await baton().metrics(['environment', 'trunk', 'version']))
      const labels = 'handoff="desk",method="refer",project="races"'
      assert.equal(rose.get(`baton_transfers_total{${labels},reason="no_notify",result="unknown"}`), 1)
      const amendment = 'reason="answered",result="succeeded",was="unknown",was_reason="no_notify"'
      assert.equal(rose.get(`baton_transfers_amended_total{${labels},${amendment}}`), 1)
    })

    it('NOTIFY 200 after notify_timeout, while another destination rings: it is called off, and the parties are released', async () => {
      const { id, accept } = await referred()
      accept()
      await baton().events.of('transfer.ended', id)
      await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'bridge' })
      const invite = await destination.invited()
      destination.respond(invite, '180 Ringing')
      caller.notify('SIP/2.0 200 OK', { state: last })
      const released = caller.takes('BYE')
      await destination.takes('CANCEL')
      destination.respond(invite, '487 Request Terminated')
      await agent.released()
      await released
      await ended(id)
      const { reason, transfers } = await baton().call(id)
      assert.deepEqual(
        [reason, transfers.map(({ result, amended }) => [result, amended?.result])],
        [
          'transferred',
          [
            ['succeeded', 'unknown'],
            ['failed', undefined],
          ],
        ],
      )
    })

    it('NOTIFY 486 after notify_timeout: the outcome is amended, and the caller stays with its agent', async () => {
      const { id, accept } = await referred()
      accept()
      await baton().events.of('transfer.ended', id)
      caller.notify('SIP/2.0 486 Busy Here', { state: last })
      await baton().events.of('transfer.amended', id)
      const call = await baton().call(id)
      const { result, reason, amended } = call.transfers.at(-1) ?? assert.fail()
      assert.deepEqual([call.state, result, reason, amended?.result], ['connected', 'failed', 'busy', 'unknown'])
      await caller.ask('BYE')
      await agent.released()
      await ended(id)
    })

    it('NOTIFY 200 just after the BYE that followed an unknown outcome: the record is written again', async function () {
      if (stack.isOriginal) this.skip()
      const { id, accept } = await referred()
      accept()
      agent.respond(await agent.next(/^NOTIFY /), '200 OK')
      await agent.ask('BYE')
      const bye = await caller.takes('BYE')
      assert.match(bye.header('Reason'), /Transfer failed/)
      await ended(id)
      caller.notify('SIP/2.0 200 OK', { state: last })
      await caller.next(/^SIP\/2\.0 200 /)
      await baton().events.of('transfer.amended', id)
      assert.equal((await transferOf(id)).result, 'succeeded')
      assert.deepEqual(await recordsOf(baton().dataDir, id, 2), [
        ['transfer_failed', 'unknown'],
        ['transfer_failed', 'succeeded'],
      ])
    })

    it('481 to the REFER of a dead dialog: no destination is called, and the next caller is still moved by REFER', async () => {
      const { id, refer } = await referred()
      caller.respond(refer, '481 Call/Transaction Does Not Exist')
      const probe = await caller.next(/^INVITE /)
      caller.respond(probe, '481 Call/Transaction Does Not Exist')
      caller.respond(await caller.next(/^BYE /), '481 Call/Transaction Does Not Exist')
      await agent.released()
      await ended(id)
      const { result, reason, sipStatus, attempts } = await transferOf(id)
      assert.deepEqual([result, reason, sipStatus], ['abandoned', 'caller_hung_up', 481])
      assert.deepEqual(
        attempts.map(({ method }) => method),
        ['refer'],
      )

      // The next caller of that trunk.
      caller.close()
      caller = await RawPhone.open(baton().sip())
      const next = await referred()
      next.accept()
      caller.notify('SIP/2.0 200 OK')
      const released = caller.takes('BYE')
      await agent.released()
      await released
      await ended(next.id)
    })

    it('481 to the REFER of a dialog that is alive: bridged, and the trunk is remembered', async () => {
      const { id, refer } = await referred()
      caller.respond(refer, '481 Call/Transaction Does Not Exist')
      const probe = await caller.next(/^INVITE /)
      caller.respond(probe, '200 OK', { body: caller.session })
      await destination.answer(await destination.invited())
      const move = await caller.next(/^INVITE /)
      assert.match(move.body, new RegExp(`m=audio ${destination.port} `))
      caller.respond(move, '200 OK', { body: caller.session })
      await agent.released()
      await baton().events.of('transfer.ended', id)
      const { result, attempts } = await transferOf(id)
      assert.deepEqual(
        [result, attempts.map(({ method, code }) => [method, code])],
        [
          'succeeded',
          [
            ['refer', 481],
            ['invite', 200],
          ],
        ],
      )
      await caller.ask('BYE')
      await destination.takes('BYE')
      await ended(id)
    })
  })
}

/** The reason of a call and the result of its last transfer, from each of its records, once there are so many. */
async function recordsOf(dataDir: string, id: string, count: number): Promise<(string | undefined)[][]> {
  const folder = join(dataDir, 'cdr')
  const calls = await until(`${count} records of the call`, () => {
    const records = readdirSync(folder)
      .flatMap((file) => readFileSync(join(folder, file), 'utf8').trim().split('\n'))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as CallView)
      .filter((call) => call.id === id)

    return records.length >= count && records
  })

  return calls.map(({ reason, transfers }) => [reason, transfers.at(-1)?.result])
}

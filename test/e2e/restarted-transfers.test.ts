import assert from 'node:assert/strict'
import type { CallView, TransferView } from '../../server/legs/views.ts'
import type { Baton } from '../harness/baton.ts'
import { total } from '../harness/metrics.ts'
import type { RawPhone } from '../harness/raw-call.ts'
import { until } from '../harness/until.ts'
import { Phones } from './restarted-phones.ts'
import { Site } from './restarted-site.ts'

/** What a transfer came to, after the restart. */
interface Told {
  result: string
  reason: string
  /** Of each attempt, in its order, the evidence. */
  evidence: (string | RegExp)[][]
}

const wasRestarted = 'baton: Baton was restarted'
const joins = /^baton: joins the caller with sip:/

describe('A transfer that runs when Baton is killed', function () {
  this.timeout(60_000)
  let site: Site
  let phones: Phones
  let before: Baton

  beforeEach(async () => {
    site = await Site.open()
    before = await site.start()
    phones = await Phones.open(before.sip())
  })

  afterEach(async () => {
    phones.close()
    await site.close()
  })

  /** The call's journal has what this finds, and Baton is killed and started again. */
  const restarted = async (isKept: RegExp): Promise<Baton> => {
    await until('the journal has it', () => isKept.test(site.journal))
    await before.kill()
    phones.answerOptions()

    return site.start()
  }

  const transferOf = async (baton: Baton, id: string): Promise<TransferView> =>
    (await baton.call(id)).transfers.at(-1) ?? assert.fail('there is no transfer')

  const expectTransfer = ({ result, reason, attempts }: TransferView, told: Told): void => {
    assert.deepEqual([result, reason], [told.result, told.reason])
    const evidence = attempts.map((attempt) => attempt.evidence.map(({ from, what }) => `${from}: ${what}`))
    assert.deepEqual(
      evidence.map((words, at) => words.map((word, nth) => matched(word, told.evidence[at]?.[nth]))),
      told.evidence.map((words) => words.map(String)),
    )
  }

  /** All is over: the outcome in API, event, CDR and metrics, and nothing is left. */
  const over = async (
    after: Baton,
    id: string,
    told: Told,
    cdr: Pick<CallView, 'result' | 'reason' | 'endedBy'>,
  ): Promise<void> => {
    await after.idle(['baton_calls_active', 'baton_transfers_active', 'baton_engine_dialogs'])
    await until('its CDR is written', () => site.cdrs.some((one) => one.id === id))
    const [written = assert.fail('it has no CDR'), ...others] = site.cdrs.filter((one) => one.id === id)
    assert.deepEqual(others, [])
    const transfer = written.transfers.at(-1) ?? assert.fail('its CDR has no transfer')
    expectTransfer(transfer, told)
    expectTransfer(await transferOf(after, id), told)
    const { result, reason, endedBy } = written
    assert.deepEqual({ result, reason, endedBy }, cdr)
    assert.ok(written.recoveredAt)
    const { data } = await after.events.of('call.ended', id)
    assert.deepEqual(data.call?.transfers.at(-1), transfer)
    const metrics = await after.metrics()
    assert.equal(total(metrics, 'baton_exceptions_total'), 0)
    assert.equal(metrics.get('baton_calls_recovered_total{result="failed"}') ?? 0, 0)
    const counted = [...metrics].filter(([key, value]) => key.startsWith('baton_transfers_total{') && value > 0)
    const isCounted = counted.map(([key, value]) => `${/result="(\w+)"/.exec(key)?.[1] ?? ''} ${value}`)
    // One that was over before the crash was counted by the process before.
    assert.deepEqual(isCounted, told.evidence.flat().some(isRestart) ? [`${told.result} 1`] : [])
  }

  const answered = { result: 'answered', reason: 'hangup', endedBy: 'caller' } as const

  /** The agent is told of the success and released, and the caller talks to this person until it hangs up. */
  const isBridged = async (after: Baton, id: string, person: RawPhone): Promise<void> => {
    const { caller, agent } = phones
    await agent.hears('SIP/2.0 200')
    await agent.released()
    assert.equal((await after.call(id)).state, 'bridged')
    await caller.ask('BYE')
    await person.released()
  }

  /** The agent is told of the failure, and has its caller until that hangs up. */
  const isWithAgent = async (after: Baton, id: string): Promise<void> => {
    const { caller, agent } = phones
    await agent.hears('SIP/2.0 503')
    assert.equal((await after.call(id)).state, 'connected')
    await caller.ask('BYE')
    await agent.released()
  }

  /** The caller and the desk are offered their agents again, and the two calls end by themselves. */
  const asTheyWere = async (
    after: Baton,
    { call, consultation }: { call: string; consultation: string },
    first: string[],
  ): Promise<void> => {
    const { caller, agent, desk, own } = phones
    await isMoved(caller, agent)
    await isMoved(desk, own)
    await agent.hears('SIP/2.0 503')
    assert.equal((await after.call(call)).state, 'connected')
    const { state, consults, destination } = await after.call(consultation)
    assert.deepEqual([state, consults, destination?.handoff], ['bridged', call, 'desk'])
    await own.ask('BYE')
    await desk.released()
    await caller.ask('BYE')
    await agent.released()
    await until('both CDRs are written', () => site.cdrs.length === 2)
    const told: Told = {
      ...{ result: 'failed', reason: 'restarted' },
      evidence: [[joins, ...first, wasRestarted, 'caller: 200 OK to the re-INVITE back to the agent']],
    }
    await over(after, call, told, answered)
    assert.equal((await transferOf(after, call)).joins, consultation)
  }

  it('REFER accepted: its NOTIFY counts as before, the agent is told and released', async () => {
    const id = await phones.transferring(before, { method: 'refer', notify_timeout: 5 })
    const { caller, agent, desk } = phones
    caller.respond(await caller.next(/^REFER /), '202 Accepted')
    const after = await restarted(/"isTaken":true/)
    assert.equal((await after.call(id)).state, 'transferring')
    caller.notify('SIP/2.0 200 OK')
    await caller.next(/^SIP\/2\.0 200 /)
    await agent.hears('SIP/2.0 200')
    await agent.released()
    await caller.released()
    const told: Told = {
      ...{ result: 'succeeded', reason: 'answered' },
      evidence: [
        [
          `baton: REFER to <${desk.uri}>`,
          'caller: 202 Accepted',
          'baton: Baton was restarted: its NOTIFYs are waited for',
          'caller: NOTIFY SIP/2.0 200 OK, terminated',
        ],
      ],
    }
    await over(after, id, told, { result: 'answered', reason: 'transferred', endedBy: 'baton' })
  })

  it('REFER without an answer: not sent again, and unknown when no NOTIFY comes', async () => {
    const id = await phones.transferring(before, { method: 'refer', notify_timeout: 2 })
    const { caller, agent, desk } = phones
    const refer = await caller.next(/^REFER /)
    const after = await restarted(/"isTaken":false/)
    await agent.hears('SIP/2.0 408')
    await caller.ask('BYE')
    await agent.released()
    assert.ok(refer.header('Refer-To').includes(desk.uri))
    const told: Told = {
      ...{ result: 'unknown', reason: 'restarted' },
      evidence: [[`baton: REFER to <${desk.uri}>`, /^baton: Baton was restarted/, 'baton: no NOTIFY for 2 s']],
    }
    await over(after, id, told, answered)
  })

  it('BYE without an answer: unknown, and the agent is told and released', async () => {
    const id = await phones.transferring(before, { method: 'bye', route: undefined })
    const { caller, agent } = phones
    await caller.next(/^BYE /)
    const after = await restarted(/"method":"bye"/)
    await agent.hears('SIP/2.0 408')
    await agent.released()
    const told: Told = { result: 'unknown', reason: 'restarted', evidence: [[/^baton: BYE/, wasRestarted]] }
    await over(after, id, told, { result: 'answered', reason: 'hangup', endedBy: 'baton' })
  })

  it('the destination rings: CANCEL, the agent is told, and has its caller', async () => {
    const id = await phones.transferring(before)
    const { desk } = phones
    const invite = await desk.invited()
    desk.respond(invite, '180 Ringing')
    const after = await restarted(/180 Ringing/)
    await isCancelled(phones.desk, invite)
    await isWithAgent(after, id)
    const told: Told = {
      ...{ result: 'failed', reason: 'restarted' },
      evidence: [
        [
          ...[`baton: INVITE ${desk.uri}`, 'destination: 180 Ringing', wasRestarted, 'baton: CANCEL'],
          'destination: 487 Request Terminated',
        ],
      ],
    }
    await over(after, id, told, answered)
  })

  it('the destination rings and on_failure has another: CANCEL, and the next one gets the caller', async () => {
    const id = await phones.transferring(before, { on_failure: ['duty'] })
    const { caller, desk, duty } = phones
    const invite = await desk.invited()
    desk.respond(invite, '180 Ringing')
    const after = await restarted(/180 Ringing/)
    await isCancelled(phones.desk, invite)
    await duty.answer(await duty.invited())
    await isMoved(caller, duty)
    await isBridged(after, id, duty)
    const told: Told = {
      ...{ result: 'succeeded', reason: 'answered' },
      evidence: [
        [
          ...[`baton: INVITE ${desk.uri}`, 'destination: 180 Ringing', wasRestarted, 'baton: CANCEL'],
          'destination: 487 Request Terminated',
        ],
        [`baton: INVITE ${duty.uri}`, 'destination: 200 OK', 'caller: 200 OK to the re-INVITE'],
      ],
    }
    await over(after, id, told, answered)
  })

  it('the destination has answered: the caller’s re-INVITE is repeated, and they are joined', async () => {
    const id = await phones.transferring(before)
    const { caller, desk } = phones
    await desk.answer(await desk.invited())
    await caller.next(/^INVITE /)
    const after = await restarted(/"view":.*"leg":/)
    await isMoved(caller, desk)
    await isBridged(after, id, desk)
    const told: Told = {
      ...{ result: 'succeeded', reason: 'answered' },
      evidence: [[`baton: INVITE ${desk.uri}`, 'destination: 200 OK', wasRestarted, 'caller: 200 OK to the re-INVITE']],
    }
    await over(after, id, told, answered)
  })

  it('the person who answered has not accepted the caller: released, and the agent has its caller', async () => {
    const id = await phones.transferring(before, { require_accept: true })
    const { desk } = phones
    await desk.answer(await desk.invited())
    const after = await restarted(/"isUnaccepted":true/)
    await desk.takes('BYE')
    await isWithAgent(after, id)
    const told: Told = {
      ...{ result: 'failed', reason: 'restarted' },
      evidence: [[`baton: INVITE ${desk.uri}`, 'destination: 200 OK', /for a digit/, wasRestarted]],
    }
    await over(after, id, told, answered)
  })

  it('bridged, and the agent not released: it gets BYE, and caller and destination talk on', async () => {
    const id = await phones.transferring(before)
    const { caller, agent, desk } = phones
    await desk.answer(await desk.invited())
    caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
    await caller.next(/^ACK /)
    // Its response to the NOTIFY is waited for, before its BYE.
    const said = await agent.next(/^NOTIFY /)
    assert.match(said.body, /^SIP\/2\.0 200/)
    const after = await restarted(/"state":"bridged"/)
    await agent.takes('BYE')
    assert.equal((await after.call(id)).state, 'bridged')
    await caller.ask('BYE')
    await desk.released()
    const told: Told = {
      ...{ result: 'succeeded', reason: 'answered' },
      evidence: [[`baton: INVITE ${desk.uri}`, 'destination: 200 OK', 'caller: 200 OK to the re-INVITE']],
    }
    await over(after, id, told, answered)
  })

  it('attended, while the caller is offered the desk: failed, and both calls are as they were', async () => {
    const { call, consultation } = await phones.joining(before)
    const { caller } = phones
    const offered = await caller.next(/^INVITE /)
    const after = await restarted(/"replaces":/)
    // Its answer to the process before is acknowledged, and ends nothing.
    caller.respond(offered, '200 OK', { body: caller.session })
    await caller.next(/^ACK /)
    await asTheyWere(after, { call, consultation }, [])
  })

  it('attended, while the desk is offered the caller: failed, and both calls are as they were', async () => {
    const { call, consultation } = await phones.joining(before)
    const { caller, desk } = phones
    caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
    await caller.next(/^ACK /)
    await desk.next(/^INVITE /)
    await until('the journal has the offer to the desk', () =>
      new RegExp(`"${consultation}","kept":.*"sent":[^}]*m=audio ${caller.port} `).test(site.journal),
    )
    const after = await restarted(/200 OK to the re-INVITE/)
    await asTheyWere(after, { call, consultation }, ['caller: 200 OK to the re-INVITE'])
  })

  it('a number of a pool is the call’s alone after the restart, and held after the transfer and the call', async () => {
    const one = phones.desk.uri.replace('raw@', 'pool@')
    const id = await phones.transferring(before, { route: undefined, pool: { numbers: [one], hold: 600 } })
    const { caller, agent, desk } = phones
    await desk.answer(await desk.invited())
    await caller.next(/^INVITE /)
    const after = await restarted(/"view":.*"leg":/)
    await caller.next(/^INVITE /)
    const others = await Phones.open(after.sip())
    try {
      const second = await others.connected(after, { route: undefined, pool: { numbers: [one] } })
      assert.equal(await failedReason(after, second), 'pool_exhausted')
      // The caller has its agent until it has answered the re-INVITE, and leaves the number reserved for 600 s.
      await caller.ask('BYE')
      await agent.released()
      await desk.released()
      await until('its CDR is written', () => site.cdrs.some((cdr) => cdr.id === id))
      await after.kill()
      others.answerOptions()
      const again = await site.start()
      assert.equal(await failedReason(again, second), 'pool_exhausted')
    } finally {
      others.close()
    }
  })
})

/** Asks for a transfer to the desk, and resolves with the reason that it came to nothing. */
async function failedReason(baton: Baton, id: string): Promise<string> {
  const { transferId } = await baton.api<{ transferId: string }>('POST', `/v1/calls/${id}/transfer`, {
    handoff: 'desk',
  })

  return until('the transfer has ended', async () => {
    const transfer = (await baton.call(id)).transfers.find((each) => each.id === transferId)

    return transfer?.state === 'ended' && (transfer.reason ?? 'none')
  })
}

/** A party is offered the session of another one by re-INVITE, and accepts. */
async function isMoved(party: RawPhone, to: RawPhone): Promise<void> {
  const offered = await party.next(/^INVITE /)
  assert.ok(offered.body.includes(`m=audio ${to.port} `))
  party.respond(offered, '200 OK', { body: party.session })
  await party.next(/^ACK /)
}

/** The party that rings is cancelled, and says so. */
async function isCancelled(party: RawPhone, invite: Parameters<RawPhone['respond']>[0]): Promise<void> {
  party.respond(invite, '180 Ringing')
  party.respond(await party.next(/^CANCEL /), '200 OK')
  party.respond(invite, '487 Request Terminated')
  await party.next(/^ACK /)
}

const isRestart = (word: string | RegExp): boolean => String(word).includes('restarted')

/** The expectation where the word is as expected; else the word. */
function matched(word: string, expected: string | RegExp | undefined): string {
  const isIt = expected instanceof RegExp ? expected.test(word) : word === expected

  return isIt ? String(expected) : word
}

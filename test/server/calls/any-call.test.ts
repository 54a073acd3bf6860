import assert from 'node:assert/strict'
import fc from 'fast-check'

import { loadSettings } from '../../../config/index.ts'
import type { Routing } from '../../../routes/index.ts'
import { Calls } from '../../../server/calls/calls.ts'
import type { CallObserver, ObservedCall } from '../../../server/calls/observed-call.ts'
import type {
  DialogEvents,
  IncomingInvite,
  IncomingReinvite,
  InviteEvents,
  SipDialog,
  SipStack,
} from '../../../server/sip/stack.ts'
import { TransferRefused } from '../../../server/transfer/transfer-plan.ts'
import type { Transfer } from '../../../server/transfer/transfer.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import {
  chanceOf,
  FakeDialog,
  FakeInvite,
  incoming,
  request,
  response,
  sdp,
  type Chance,
} from '../transfer/fake-port.ts'
import { promotedProject } from './defects/project.ts'

const callerPort = 1000
const agentPort = 2000
const number = '+14155550100'
const failures = [302, 404, 480, 486, 488, 500, 503, 603]
const handoffs = ['refers', 'rings-desk', 'rings-duty', 'gives-back', 'unknown']
const [trunk = assert.fail('there is no trunk by default')] = loadSettings({ env: {} }).trunks

/** A party of the call in its dialog: acts at random. */
interface Talker {
  role: 'caller' | 'called'
  dialog: FakeDialog
  events: DialogEvents
}

/** The caller's INVITE: Baton gives it one final response, unless the caller cancels it. */
class CallerInvite implements IncomingInvite {
  request = {
    ...request('INVITE', sdp(callerPort), {
      From: '<sip:+12025550143@127.0.0.1>;tag=caller',
      To: `<sip:${number}@127.0.0.1>`,
      Contact: '<sip:caller@127.0.0.1>',
    }),
    uri: `sip:${number}@127.0.0.1`,
    callId: 'call-of-the-caller',
  }
  onCancel = (): void => undefined
  onUnacknowledged = (): void => undefined
  finals: number[] = []
  isWithdrawn = false
  #dialog: FakeDialog | undefined
  readonly #accepted: (events: DialogEvents) => FakeDialog

  constructor(accepted: (events: DialogEvents) => FakeDialog) {
    this.#accepted = accepted
  }

  progress(status: number): void {
    assert.ok(this.isWithdrawn || this.finals.length === 0, `${status} after a final response`)
  }

  accept(_options: unknown, events: DialogEvents): SipDialog {
    this.finals.push(200)
    this.#dialog = this.#accepted(events)
    if (this.isWithdrawn) this.#dialog.end()

    return this.#dialog
  }

  reject(status: number): void {
    this.finals.push(status)
  }

  /** The caller's CANCEL, or a missing PRACK: the 200 of Baton, if any, was never sent, and its dialog has ended. */
  withdraw(how: 'cancel' | 'no PRACK'): void {
    this.isWithdrawn = true
    this.#dialog?.end()
    if (how === 'cancel') this.onCancel()
    else this.onUnacknowledged()
  }
}

/** One call among parties that do what chance says. */
class Story {
  readonly clock = new FakeClock()
  readonly chance: Chance
  readonly calls: Calls
  readonly invites: FakeInvite[] = []
  readonly caller: CallerInvite
  readonly started: ObservedCall[] = []
  readonly ended: ObservedCall[] = []
  readonly answered: ObservedCall[] = []
  readonly requested: Transfer[] = []
  readonly outcomes: Transfer[] = []
  readonly talkers: Talker[] = []
  /** Transfers without an outcome when their call ended. */
  runningAtEnd = 0
  readonly reinvites = { asked: 0, answered: 0 }

  constructor(routing: Routing, sequence: readonly number[]) {
    const { clock } = this
    this.chance = chanceOf(sequence)
    const settings = loadSettings({ env: {} })
    settings.trunks = [{ ...trunk, byeAfterRefer: this.chance(2) === 0 ? 'success' : 'unknown' }]
    settings.maxCallDuration = this.chance(4) === 0 ? 20 : 0
    const observer: CallObserver = {
      started: (call) => this.started.push(call),
      changed: () => undefined,
      callerWaits: () => undefined,
      recovered: () => undefined,
      answered: (call) => this.answered.push(call),
      agentTried: () => undefined,
      ended: (call) => {
        this.ended.push(call)
        this.runningAtEnd += call.transfers.filter(({ running }) => running).length
      },
      transferRequested: (_call, transfer) => this.requested.push(transfer),
      transferProgress: () => undefined,
      attemptEnded: () => undefined,
      transferEnded: (_call, transfer) => this.outcomes.push(transfer),
      transferAmended: () => undefined,
      stateSet: () => undefined,
      recordingChanged: () => undefined,
      failedBeforeCall: () => assert.fail('an exception before the call'),
      refusedSource: () => assert.fail('the source has a trunk'),
      defect: assert.ifError,
      credentialsRefused: () => undefined,
    }
    const stack: Pick<SipStack, 'addresses' | 'canIgnore' | 'drain' | 'reportsTrying' | 'invite'> = {
      addresses: [{ transport: 'udp', address: '127.0.0.1', port: 5060 }],
      canIgnore: true,
      reportsTrying: true,
      drain: () => undefined,
      invite: (_uri, _options, events) => this.#invite(events),
    }
    this.calls = new Calls({ stack: stack as SipStack, clock, settings, routing, observer })
    this.caller = new CallerInvite((events) => this.#talker('caller', callerPort, events).dialog)
    this.calls.invite(this.caller)
    this.#interrupt()
  }

  get call(): ObservedCall {
    return this.started[0] ?? assert.fail('no call has begun')
  }

  async play(seconds: number): Promise<void> {
    for (let at = 0; at < seconds * 4; at++) {
      this.clock.advance(250)
      await new Promise(setImmediate)
      this.#checkState()
    }
  }

  /** A call is being transferred while a transfer runs, and while the agent has yet to answer the NOTIFY of its outcome. */
  #checkState(): void {
    for (const { state, transfers, agent } of this.started) {
      if (state !== 'transferring') continue
      assert.ok(
        transfers.at(-1)?.running === true || agent?.up === true,
        'nothing more is awaited of a transfer that is over',
      )
    }
  }

  /** The caller leaves, if it is still there: Baton has to release every other party. */
  hangUp(): void {
    if (this.caller.finals.length === 0 && !this.caller.isWithdrawn) this.caller.withdraw('cancel')
    for (const talker of this.talkers) if (talker.role === 'caller') this.#leave(talker)
  }

  #while(): number {
    return [0, 50, 300, 1000, 4000, 9000][this.chance(6)] ?? 0
  }

  #sometimes(act: () => void, oneIn = 3): void {
    if (this.chance(oneIn) === 0) this.clock.after(this.#while() + this.#while(), act)
  }

  /** A dialog whose party answers sooner or later, now and then with a refusal, and acts itself. */
  #talker(role: Talker['role'], port: number, events: DialogEvents): Talker {
    const dialog = new FakeDialog(this.clock, port, (method) => {
      const status = [200, 200, 200, 488, 491, 481, 500][this.chance(7)] ?? 200
      const isReferred = method === 'REFER' && this.chance(2) === 0
      if (isReferred) this.#sometimes(() => this.#report(talker), 1)

      return { afterMs: this.chance(4) * 100, response: response(isReferred ? 202 : status, sdp(port)) }
    })
    const talker: Talker = { role, dialog, events }
    this.talkers.push(talker)
    this.#act(talker, port)

    return talker
  }

  #act(talker: Talker, port: number): void {
    const up = (act: () => void) => (): void => {
      if (!talker.dialog.ended) act()
    }
    this.#sometimes(() => {
      this.#leave(talker)
    })
    this.#sometimes(
      up(() => {
        talker.dialog.end()
        talker.events.ended({ by: 'stack', reason: 'session_expired' })
      }),
      8,
    )
    this.#sometimes(
      up(() => {
        const reinvite: IncomingReinvite = {
          request: request('INVITE', this.chance(4) === 0 ? '' : sdp(port)),
          onCancel: () => undefined,
          respond: () => (this.reinvites.answered += 1),
        }
        this.reinvites.asked += 1
        talker.events.reinvite(reinvite)
      }),
    )
    this.#sometimes(
      up(() => {
        const method = ['INFO', 'UPDATE', 'OPTIONS', 'SUBSCRIBE', 'PUBLISH'][this.chance(5)] ?? 'INFO'
        talker.events.request(incoming(request(method, method === 'UPDATE' ? sdp(port) : '')))
      }),
    )
    if (talker.role === 'caller') return
    const refer = up(() => {
      const name = handoffs[this.chance(handoffs.length)] ?? ''
      const more = ['', '', ';method=CANCEL', '?Replaces=nowhere%3Bto-tag%3Da%3Bfrom-tag%3Db'][this.chance(4)]
      const headers = { 'Refer-To': `<sip:${name}@127.0.0.1${more ?? ''}>`, CSeq: '2 REFER' }
      talker.events.request(incoming(request('REFER', '', headers)))
    })
    this.#sometimes(refer, 2)
    this.#sometimes(refer, 4)
  }

  #leave({ dialog, events }: Talker): void {
    if (dialog.ended) return
    dialog.end()
    events.ended({ by: 'peer', request: request('BYE', '', { Reason: 'Q.850;cause=16' }) })
  }

  #report({ dialog, events }: Talker): void {
    if (dialog.ended) return
    const status = [100, 200, 486, 503][this.chance(4)] ?? 200
    const state = status < 200 ? 'active' : 'terminated'
    const headers = { Event: 'refer', 'Subscription-State': state }
    events.request(incoming(request('NOTIFY', `SIP/2.0 ${status} Said`, headers)))
  }

  #invite(events: InviteEvents) {
    const port = agentPort + this.invites.length
    const plays: { afterMs: number; response: ReturnType<typeof response> }[] = []
    let afterMs = this.#while()
    if (this.chance(2) === 0) plays.push({ afterMs, response: response(100) })
    afterMs += this.#while()
    if (this.chance(2) === 0) plays.push({ afterMs, response: response(180) })
    if (this.chance(3) === 0) plays.push({ afterMs, response: response(183, sdp(port)) })
    afterMs += this.#while()
    const final = this.chance(8)
    if (final < 2) plays.push({ afterMs, response: response(failures[this.chance(failures.length)] ?? 486) })
    if (final > 2) plays.push({ afterMs, response: response(200, final === 7 ? '' : sdp(port)) })
    const dialog = new FakeDialog(this.clock, callerPort, () => ({
      afterMs: this.chance(4) * 100,
      response: response([200, 200, 488, 491][this.chance(4)] ?? 200, sdp(port)),
    }))
    const invite = new FakeInvite(
      this.clock,
      {
        dialog: events.dialog,
        trying: () => events.trying?.(),
        progress: (received) => {
          events.progress(received)
        },
        failed: (received) => {
          events.failed(received)
        },
        accepted: (received, accepted) => {
          const called: Talker = { role: 'called', dialog, events: events.dialog }
          this.talkers.push(called)
          events.accepted(received, accepted)
          this.#act(called, port)
        },
      },
      plays,
      dialog,
    )
    this.invites.push(invite)

    return { callId: `called-${port}`, cancel: () => invite.cancel(this.#while()) }
  }

  /** The caller may cancel; the API and a shutdown may come at any time. */
  #interrupt(): void {
    this.#sometimes(() => {
      const [final] = this.caller.finals
      // A 200 may wait for a PRACK.
      if (final !== undefined && (final !== 200 || this.chance(2) === 0)) return
      this.caller.withdraw(this.chance(2) === 0 ? 'cancel' : 'no PRACK')
    }, 4)
    const transfer = (): void => {
      this.#byApi((call) =>
        call?.transfer({ handoff: handoffs[this.chance(handoffs.length)] ?? '', requestedBy: 'api' }),
      )
    }
    this.#sometimes(transfer, 2)
    this.#sometimes(transfer, 4)
    this.#sometimes(() => {
      this.#byApi((call) => call?.transferControl.cancel())
    })
    this.#sometimes(() => {
      this.#byApi((call) => call?.hangUp('hung_up_by_api'))
    }, 6)
    this.#sometimes(() => {
      this.calls.connected(false)
    }, 12)
    this.#sometimes(() => {
      void this.calls.drain(this.chance(20))
    }, 8)
  }

  #byApi(ask: (call: ReturnType<Calls['get']>) => unknown): void {
    try {
      ask(this.calls.get(this.call.id))
    } catch (error) {
      assert.ok(error instanceof TransferRefused, String(error))
    }
  }
}

describe('any call, whatever its parties do in what order', function () {
  this.timeout(240_000)
  const routing = promotedProject()

  it('ends once, with one outcome, and leaves no timer, dialog or transfer', async () => {
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9999), { minLength: 80, maxLength: 80 }), async (sequence) => {
        const story = new Story(routing(), sequence)
        await story.play(60)
        const isBridged = story.call.state === 'bridged'
        await story.play(5)
        if (isBridged) assert.ok(!story.call.agent?.up, 'the agent is released after a transfer')
        story.hangUp()
        await story.play(130)
        judge(story)
        const reason = story.call.termination?.reason ?? ''
        seen.set(reason, (seen.get(reason) ?? 0) + 1)
      }),
      { numRuns: 300 },
    )
    for (const reason of [
      'cancelled',
      'hangup',
      'transferred',
      'hung_up_by_api',
      'no_agent',
      'no_prack',
      'max_duration',
    ]) {
      assert.ok(seen.has(reason), `${reason} was never played: ${[...seen.keys()].join()}`)
    }
  })
})

function judge(story: Story): void {
  const { call, calls, caller, clock, invites, ended, answered, talkers } = story
  const told = `${call.state} ${call.termination?.reason ?? '?'} by ${call.endedBy ?? '?'}`

  assert.deepEqual([ended.length, call.state, calls.size], [1, 'ended', 0], told)
  assert.ok(call.termination && call.endedBy && call.releaseCause && call.endedAt !== undefined, told)
  assert.ok(answered.length <= 1, told)
  assert.equal(story.runningAtEnd, 0, `a transfer outlives the call: ${told}`)
  assert.equal(call.termination.result === 'answered', call.answeredAt !== undefined, told)
  if (!caller.isWithdrawn) assert.equal(caller.finals.length, 1, `final responses: ${caller.finals.join()}`)
  assert.deepEqual(
    story.outcomes.map(({ id }) => id),
    story.requested.map(({ id }) => id),
    'each transfer has ended once, in its turn',
  )
  for (const { isOver, isCancelled } of invites) {
    assert.ok(isOver || isCancelled, `a party is still called: ${told}`)
  }
  for (const { dialog, role } of talkers) assert.ok(dialog.ended, `a ${role} party is left: ${told}`)
  assert.equal(story.reinvites.answered, story.reinvites.asked, `each re-INVITE is answered: ${told}`)
  assert.equal(clock.size, 0, `timers are left: ${told}`)
}

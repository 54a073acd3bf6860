import assert from 'node:assert/strict'
import fc from 'fast-check'

import { loadSettings, type Trunk } from '../../../config/index.ts'
import type { Limit } from '../../../base/choice.ts'
import { plainMedia, type HandoffMedia, type Plan, type Step } from '../../../routes/index.ts'
import { isFull, Limits, type LimitNeed } from '../../../server/limits/index.ts'
import { PartyLeg } from '../../../server/legs/party-leg.ts'
import type { InviteEvents, InviteOptions, SipStack } from '../../../server/sip/stack.ts'
import { Transfer } from '../../../server/transfer/transfer.ts'
import { TrunkMemory } from '../../../server/transfer/trunk-memory.ts'
import { cancelled, type TransferOutcome } from '../../../server/transfer/outcome.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import {
  chanceOf,
  FakeDialog,
  FakeInvite,
  heardOf,
  incoming,
  noOwner,
  party,
  request,
  response,
  sdp,
  type Chance,
  type DelayedResponse,
} from './fake-port.ts'

const deadline = 8
const callerPort = 1000
const agentPort = 2000
const statuses = [486, 480, 404, 500, 503, 603, 488, 302, 405, 403, 481]
const [local = assert.fail('there is no trunk by default')] = loadSettings({ env: {} }).trunks

const roomIn = (name: string, limit: Limit): LimitNeed => ({ key: name, kind: 'handoff', name, limit })

/** A caller with its agent, and a transfer among parties that act at random. */
class Story {
  readonly clock = new FakeClock()
  readonly chance: Chance
  readonly caller: FakeDialog
  readonly agent: FakeDialog
  readonly invites: FakeInvite[] = []
  /** Destinations whose person has pressed 1. */
  readonly accepting = new Set<FakeDialog>()
  readonly transfer: Transfer
  readonly limits: Limits
  readonly ended: Promise<unknown>
  attemptsEnded = 0
  outcomes = 0
  amended = 0
  hasLeft = false
  heardSuccess = false

  /** Whether every destination answers soon, so that the story is about what follows. */
  readonly #answers: boolean

  constructor(sequence: readonly number[], answers = false) {
    const { clock } = this
    this.#answers = answers
    const chance = (this.chance = chanceOf(sequence))
    const limits = (this.limits = new Limits(clock))
    this.caller = new FakeDialog(clock, agentPort, (method, options) => {
      if (method === 'INVITE') return this.#toReinvite(options.body)

      return method === 'REFER' ? this.#toRefer() : this.#soon(200)
    })
    this.agent = new FakeDialog(clock, callerPort, () => this.#soon(200, sdp(agentPort)))
    const trunk: Trunk = {
      ...local,
      holdBeforeRefer: chance(2) === 0,
      byeAfterRefer: chance(2) === 0 ? 'success' : 'unknown',
    }
    const stack = {
      reportsTrying: true,
      invite: (_uri: string, { body }: InviteOptions, events: InviteEvents) => this.#invite(body ?? '', events),
    }
    const plan: Plan = {
      ...{ requested: 'desk', matched: 'hit', handoff: 'desk', deadline, warnings: [] },
      steps: Array.from({ length: 1 + chance(3) }, (_, at) => this.#step(at)),
    }
    this.transfer = new Transfer(
      { handoff: 'desk', requestedBy: 'api' },
      plan,
      {
        call: 'call',
        stack: stack as unknown as SipStack,
        clock,
        caller: party('caller', this.caller, sdp(callerPort), sdp(agentPort)),
        agent: party('agent', this.agent, sdp(agentPort), sdp(callerPort)),
        trunk,
        targets: undefined,
        media: undefined,
        recording: { wants: () => false, talksWith: () => undefined },
        audio: { file: () => Promise.resolve(undefined), spoken: () => Promise.resolve({ problem: 'no endpoint' }) },
        memory: { refer: new TrunkMemory(clock), srtp: new TrunkMemory(clock) },
        own: [],
        isSecure: false,
        isFromTrunk: () => true,
        numbered: (step) => step,
        destination: (step) => ({
          targets: Array.from({ length: 1 + chance(2) }, () => step.target),
          trunk,
          earlyMedia: step.earlyMedia ?? 'hold',
          redirects: step.redirects ?? 'follow',
          redirectProblem: () => undefined,
          redirectReach: () => undefined,
          isSecure: false,
          insecure: [],
          invite: {},
          numberFormat: undefined,
          progressTimeout: [0, 0.5, 3][chance(3)] ?? 0,
          needs: answers
            ? undefined
            : [undefined, () => [roomIn('trunk', { calls: 1 })], () => [roomIn('trunk', { calls: 1, queue: 2 })]][
                chance(3)
              ],
        }),
        adopt: () => undefined,
        limits,
        needsOf: ({ handoff, limit }) => (limit ? [roomIn(handoff, limit)] : []),
        changed: () => undefined,
        newDestination: (uri) => new PartyLeg('destination', uri, 'fake', noOwner),
      },
      {
        progress: () => undefined,
        amended: () => (this.amended += 1),
        attemptEnded: () => (this.attemptsEnded += 1),
        defect: assert.ifError,
      },
    )
    this.#interrupt()
    for (const name of ['trunk', 'desk-0', 'desk-1']) this.#competitor(name)
    this.ended = this.transfer.run().then(() => (this.outcomes += 1))
  }

  async play(seconds: number): Promise<void> {
    for (let at = 0; at < seconds * 20; at++) {
      this.clock.advance(50)
      await new Promise(setImmediate)
    }
  }

  /** The milliseconds that a party takes: none, some, or almost until the deadline. */
  #while(): number {
    return [0, 50, 300, 1000, 3000, 7900][this.chance(this.#answers ? 5 : 6)] ?? 0
  }

  #soon(status: number, body = '') {
    return { afterMs: this.chance(3) * 50, response: response(status, body) }
  }

  #step(at: number): Step {
    const methods = at === 0 ? 4 : 3
    const method = (['invite', 'invite', 'refer', 'bye'] as const)[this.#answers ? 0 : this.chance(methods)] ?? 'invite'

    return {
      ...{ handoff: `desk-${at}`, method, target: `sip:desk-${at}@127.0.0.1`, number: undefined },
      ...{ numberFormat: undefined, referUri: `sip:desk-${at}@127.0.0.1` },
      ...{ referTo: `<sip:desk-${at}@127.0.0.1>`, headers: [], headersIn: 'request', callerId: {}, labels: {} },
      ...{
        progressTimeout: undefined,
        ringTimeout: 1 + this.chance(9),
        notifyTimeout: 1 + this.chance(9),
        fallback: 'invite',
      },
      ...{ trunk: undefined, transport: undefined, encryption: undefined },
      earlyMedia: this.chance(2) === 0 ? 'pass' : 'hold',
      redirects: 'follow',
      media: this.#media(),
      ...(!this.#answers && this.chance(3) === 0 && { limit: { calls: 1, queue: this.chance(6) } }),
    }
  }

  /** Half of the handoffs are plain; the others ask the person, announce, press digits, or have the agent stay. */
  #media(): HandoffMedia {
    if (!this.#answers && this.chance(2) === 0) return plainMedia
    const digits = { '1': 'accept', '2': 'decline' } as const

    return {
      ...plainMedia,
      mode: 'warm',
      announce: this.chance(3) === 0 ? { file: 'sales.wav' } : undefined,
      accept:
        this.chance(3) > 0 ? { digits, timeout: 1 + this.chance(3), isRequired: this.chance(2) === 0 } : undefined,
      introduce: [0, 0, 1, 9][this.chance(4)] ?? 0,
      sendDigits: this.chance(4) === 0 ? 'w1w#' : '',
    }
  }

  /** Another call may have the room for a while. */
  #competitor(name: string): void {
    if (this.chance(3) > 0) return
    const taken = this.limits.take([roomIn(name, { calls: 1 })])
    if (isFull(taken)) return
    this.clock.after(this.#while(), () => {
      taken.release()
    })
  }

  /** The caller accepts its agent's session sooner or later, and perhaps refuses that of a destination. */
  #toReinvite(body: string | undefined) {
    const afterMs = this.#while() % 3001
    if (this.chance(8) === 0) return { afterMs, response: response(491) }
    const isDestination = body !== undefined && heardOf(body) !== agentPort && heardOf(body) !== 'held'
    if (isDestination && this.chance(4) === 0) return { afterMs, response: response(488) }

    return { afterMs, response: response(200, sdp(callerPort)) }
  }

  #toRefer() {
    const answer = { afterMs: this.#while() % 3001, response: response(202, '', false, { CSeq: '2 REFER' }) }
    if (this.chance(3) === 0) return { ...answer, response: response(statuses[this.chance(statuses.length)] ?? 486) }
    for (let at = answer.afterMs, left = this.chance(4); left > 0; left--) {
      at += this.#while()
      const status = [100, 180, 200, 486, 603, 503][this.chance(6)] ?? 100
      this.clock.after(at, () => {
        if (this.caller.ended) return
        if (status === 200) this.heardSuccess = true
        const state = status < 200 ? 'active' : 'terminated'
        const headers = { Event: 'refer', 'Subscription-State': state }
        this.transfer.notify(incoming(request('NOTIFY', `SIP/2.0 ${status} Said`, headers)))
      })
    }

    return answer
  }

  #invite(body: string, events: InviteEvents) {
    const port = 3000 + this.invites.length
    const dialog = new FakeDialog(this.clock, heardOf(body), () => this.#soon(this.chance(4) === 0 ? 488 : 200))
    const responses: DelayedResponse[] = []
    let at = this.#answers ? 100 : this.#while()
    if (this.chance(2) === 0) responses.push({ afterMs: at, response: response(100) })
    at += this.#answers ? 0 : this.#while()
    const early = { To: '<sip:desk@127.0.0.1>;tag=remote' }
    if (this.chance(2) === 0) responses.push({ afterMs: at, response: response(183, sdp(port), false, early) })
    at += this.#answers ? 0 : this.#while()
    const final = this.#answers ? 2 : this.chance(4)
    if (final === 0) responses.push({ afterMs: at, response: response(statuses[this.chance(statuses.length)] ?? 486) })
    if (final > 1) {
      const answer = [sdp(port), sdp(port + 500), ''][this.chance(this.#answers ? 2 : 3)]
      responses.push({ afterMs: at, response: response(200, answer) })
      if (this.chance(4) === 0) this.clock.after(at + this.#while(), () => this.#leaves(dialog, events))
      for (let left = this.chance(3); left > 0; left--) {
        this.clock.after(at + this.#while(), () => {
          this.#presses(String(this.chance(4)), dialog, events)
        })
      }
    }
    const invite = new FakeInvite(this.clock, events, responses, dialog)
    this.invites.push(invite)

    return { callId: 'fake', cancel: () => invite.cancel(this.#while()) }
  }

  #presses(digit: string, dialog: FakeDialog, { dialog: events }: InviteEvents): void {
    if (dialog.ended || dialog.acks === 0 || this.transfer.outcome) return
    if (digit === '1') this.accepting.add(dialog)
    const headers = { 'Content-Type': 'application/dtmf-relay' }
    events.request(incoming(request('INFO', `Signal=${digit}\r\n`, headers)))
  }

  #leaves(dialog: FakeDialog, { dialog: events }: InviteEvents): void {
    if (dialog.ended || this.transfer.outcome) return
    dialog.end()
    events.ended({ by: 'peer', request: request('BYE') })
  }

  /** The caller or the agent may hang up, and the agent may cancel the transfer. */
  #interrupt(): void {
    const sometimes = (act: () => void): void => {
      if (this.chance(4) === 0) this.clock.after(this.#while(), act)
    }
    sometimes(() => {
      if (this.caller.ended) return
      this.hasLeft = true
      this.caller.end()
      this.transfer.callerGone({ by: 'peer', request: request('BYE') })
    })
    sometimes(() => {
      this.agent.end()
      this.transfer.agentGone({ by: 'peer', request: request('BYE') })
    })
    sometimes(() => {
      this.transfer.stop(cancelled)
    })
  }
}

/** Plays a story, and checks that its transfer has one outcome and leaves no dialog, timer or caller behind. */
async function check(story: Story): Promise<void> {
  await story.play(deadline + 0.1)
  const { transfer } = story
  assert.equal(story.outcomes, 1, 'the transfer has ended')
  assert.ok(transfer.seconds <= deadline, `it took ${transfer.seconds} s`)
  const { outcome } = transfer
  const view = transfer.view()
  const told = JSON.stringify(view, undefined, 1)

  await story.play(60)
  assert.equal(story.clock.size, 0, `timers are left: ${told}`)
  if (story.amended === 0) assert.equal(transfer.outcome, outcome, 'the outcome stands')
  else assert.match(JSON.stringify(transfer.view()), /NOTIFY SIP\/2\.0 [2-6]/, `amended without proof: ${told}`)
  assert.ok(story.amended <= 1, `the first proof stands: ${told}`)
  assert.equal(story.outcomes, 1)
  assert.equal(story.attemptsEnded, view.attempts.length, 'each attempt has ended once')
  transfer.bridgedTo?.giveBack()
  assert.equal(story.limits.size, 0, `room is left taken: ${told}`)
  checkInvites(story, told)
  checkCaller(story, outcome, told)
}

function checkInvites({ transfer, invites }: Story, told: string): void {
  const bridged = transfer.bridgedTo?.dialog
  for (const { dialog, isOver, isCancelled } of invites) {
    assert.ok(isOver || isCancelled, `a destination still rings: ${told}`)
    if (isOver && dialog !== bridged && dialog.acks > 0) assert.ok(dialog.ended, `a destination is left: ${told}`)
  }
}

function checkCaller(story: Story, outcome: TransferOutcome | undefined, told: string): void {
  const { transfer, caller, agent, heardSuccess } = story
  const bridged = transfer.bridgedTo?.dialog
  const view = transfer.view()
  const byBye = view.attempts.some(({ method }) => method === 'bye')
  if (!byBye) assert.ok(!caller.isReleased, `the caller was dropped: ${told}`)
  if (outcome?.result === 'succeeded' && bridged) {
    assert.ok(typeof caller.hears === 'number' && caller.hears >= 3000, `the caller hears no destination: ${told}`)
    checkPerson(story, bridged, told)
  } else if (outcome?.result === 'succeeded') {
    assert.ok(heardSuccess || byBye || outcome.reason === 'bye_after_refer', told)
  } else {
    if (outcome?.result === 'abandoned') assert.ok(caller.ended, told)
    if (!caller.ended && !agent.ended) assert.equal(caller.hears, agentPort, `the caller hears silence: ${told}`)
  }
}

/** The destination that has the caller is not on hold, and its person has accepted where that is required. */
function checkPerson({ transfer, invites, accepting }: Story, bridged: unknown, told: string): void {
  const to = invites.find(({ dialog }) => dialog === bridged)?.dialog
  assert.ok(to)
  assert.notEqual(to.hears, 'held', `the destination is on hold: ${told}`)
  const asked = transfer.view().attempts.at(-1)?.handoff
  const { media } = transfer.plan.steps.find(({ handoff }) => handoff === asked) ?? {}
  if (media?.accept?.isRequired === true) assert.ok(accepting.has(to), `no person has accepted: ${told}`)
}

describe('any transfer, whatever its parties do', function () {
  this.timeout(120_000)

  it('has one outcome, within its deadline, and leaves the caller with the agent or with the destination', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9999), { minLength: 60, maxLength: 60 }), async (sequence) => {
        await check(new Story(sequence))
      }),
      { numRuns: 300 },
    )
  })

  it('puts a caller through to a person alone who accepts where that is required, and to none on hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9999), { minLength: 60, maxLength: 60 }), async (sequence) => {
        await check(new Story(sequence, true))
      }),
      { numRuns: 300 },
    )
  })
})

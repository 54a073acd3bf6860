import { randomBytes } from 'node:crypto'
import { defined } from '../../base/defined.ts'
import type { RehearsalScript } from './script.ts'
import type { Clock } from '../../engine/index.ts'
import { Guard } from '../guard.ts'
import type { BatonEvent, Events } from '../calls/events.ts'
import type { Call } from '../calls/call.ts'
import { callView } from '../calls/call-view.ts'
import type { SipAddress, SipResponse, SipStack, SipRequest } from '../sip/stack.ts'
import { inviteTargets } from '../transfer/destination.ts'
import type { Settings } from '../../config/index.ts'
import type { Routing } from '../../routes/index.ts'
import type { RehearsalObservations } from './judge.ts'
import { Milestones, uriAt } from './party.ts'
import { SyntheticAgent, SyntheticCaller, SyntheticDestination } from './synthetic-parties.ts'
import type { Calls } from '../calls/calls.ts'
import type { LadderView } from '../legs/views.ts'
import type { CallOverride } from '../calls/call-parts.ts'

/** Carries the token of a rehearsal to Baton. `X-Baton-` headers are never passed on to another leg. */
const tokenHeader = 'X-Baton-Rehearsal'

/** Rehearsal calls that are on their way to Baton: a random token, valid for one INVITE, identifies each. */
export class PendingRehearsals {
  readonly #overrides = new Map<string, CallOverride>()

  /** Returns the token for the call's INVITE. */
  expect(override: CallOverride): string {
    const token = randomBytes(24).toString('base64url')
    this.#overrides.set(token, override)

    return token
  }

  /** What this INVITE's call overrides; undefined for a call that is no rehearsal of this Baton. Its token is used up. */
  claim(invite: SipRequest): CallOverride | undefined {
    if (this.#overrides.size === 0) return undefined
    const token = invite.header(tokenHeader)
    if (token === undefined) return undefined
    const override = this.#overrides.get(token)
    this.#overrides.delete(token)

    return override
  }

  /** Whether an INVITE is a rehearsal of this Baton; its token stays valid. */
  expects(invite: SipRequest): boolean {
    return this.#overrides.size > 0 && this.#overrides.has(invite.header(tokenHeader) ?? '')
  }

  /** Idempotent. The token is valid no longer. */
  forget(token: string): void {
    this.#overrides.delete(token)
  }
}

/** Caller and destination talk so long before one of them hangs up. */
const talkMs = 200
/** The last responses may take so long to arrive once the call is over. */
const settleTimeoutMs = 1000
const settlePollMs = 10

/** One synthetic call, from the first INVITE of its three user agents until the last of them is idle. */
export class Rehearsal {
  readonly #guard = new Guard((error) => {
    this.#defect ??= error instanceof Error ? error : new Error(String(error))
    this.#over()
  })
  readonly #parts: RehearsalParts
  readonly #clock: Clock
  readonly #script: RehearsalScript
  readonly #milestones: Milestones
  readonly #agent: SyntheticAgent
  readonly #caller: SyntheticCaller
  readonly #destination: SyntheticDestination
  readonly #seen: Pick<RehearsalObservations, 'callerRefused' | 'agentRefused' | 'brokenOffAfter'> = {}
  #token = ''
  #callId = ''
  #call: Call | undefined
  #over: () => void = () => undefined
  /** An exception, which breaks the rehearsal off. */
  #defect: Error | undefined

  constructor(parts: RehearsalParts, script: RehearsalScript) {
    const guard = this.#guard
    const clock = guard.clock(parts.clock)
    this.#parts = parts
    this.#clock = clock
    this.#script = script
    this.#milestones = new Milestones(() => clock.now())
    const party = () => ({
      stack: parts.newStack(script.parties, script.baton.address),
      ...{ clock, guard, milestones: this.#milestones },
    })
    const agentRefused = (response: SipResponse): void => {
      this.#seen.agentRefused = statusOf(response)
      this.#caller.hangUp()
    }
    this.#agent = new SyntheticAgent(party(), script.handoff, agentRefused, script.talk * 1000)
    this.#caller = new SyntheticCaller(party(), {
      from: script.from,
      targets: (uri) => inviteTargets(uri, script.trunk),
      refused: (response) => {
        this.#seen.callerRefused ??= statusOf(response)
        this.#over()
      },
      direct: (record) => this.#call?.legs.ladder.add('destination', record),
    })
    this.#destination = new SyntheticDestination(party())
  }

  /** Baton's call; undefined when there is none. */
  get call(): Call | undefined {
    return this.#call
  }

  /** Plays the call to its last response. Takes little longer than the script's limit at most, and leaves no dialog behind. */
  async play(signal: AbortSignal): Promise<RehearsalObservations> {
    const { events } = this.#parts
    const stopListening = events.subscribe((event) => {
      this.#hear(event)
    })
    const parties = [this.#agent, this.#caller, this.#destination]
    try {
      await Promise.all(parties.map((party) => party.open()))
      await this.#untilOver(signal)
      await this.#untilSettled(signal)
      // A party that still has a dialog got no BYE from Baton.
      for (const party of parties) party.hangUp()
      await this.#untilSettled(signal)
    } finally {
      stopListening()
      this.#parts.pending.forget(this.#token)
      await Promise.all(parties.map((party) => party.close()))
    }
    if (this.#defect) throw this.#defect

    return this.#observations()
  }

  #untilOver(signal: AbortSignal): Promise<void> {
    const { limit } = this.#script

    return new Promise((resolve) => {
      const tooLong = this.#clock.after(limit * 1000, () => {
        this.#seen.brokenOffAfter = limit
        this.#over()
      })
      this.#over = () => {
        tooLong.cancel()
        signal.removeEventListener('abort', this.#over)
        resolve()
      }
      signal.addEventListener('abort', this.#over, { once: true })
      this.#guard.run(() => this.#dial())
    })
  }

  #dial(): void {
    const { pending } = this.#parts
    const { destination, number, baton, headers, handoff, pinned, at } = this.#script
    this.#token = pending.expect({
      agents: [this.#agent.uri('agent')],
      pinned,
      ...defined({
        now: at,
        route: destination === 'synthetic' ? this.#destination.uri(encodeURIComponent(handoff)) : undefined,
      }),
    })
    this.#callId = this.#caller.dial(uriAt(number, baton), [...headers, [tokenHeader, this.#token]])
  }

  #hear({ type, callId, data }: BatonEvent): void {
    if (callId === undefined || data.call?.caller.callId !== this.#callId) return
    this.#call ??= this.#parts.calls.get(callId)
    if (type === 'transfer.ended') this.#transferEnded(data.transfer?.result === 'succeeded')
    else if (type === 'call.ended') {
      this.#milestones.mark('callEnded')
      this.#over()
    }
  }

  #transferEnded(succeeded: boolean): void {
    this.#milestones.mark('transferEnded')
    this.#clock.after(talkMs, () => {
      this.#destination.hangUp()
      // A real destination must not wait for the limit, and a caller that stayed with the agent has nothing left to do.
      if (this.#script.destination === 'real' || !succeeded) this.#caller.hangUp()
    })
  }

  async #untilSettled(signal: AbortSignal): Promise<void> {
    const settled = (): boolean =>
      this.#agent.idle &&
      this.#caller.idle &&
      this.#destination.idle &&
      (this.#call === undefined || (this.#call.state === 'ended' && isComplete(this.#call.legs.ladder.view())))
    for (let waitedMs = 0; waitedMs < settleTimeoutMs && !signal.aborted && !settled(); waitedMs += settlePollMs) {
      await new Promise<void>((resolve) => this.#clock.after(settlePollMs, resolve))
    }
  }

  #observations(): RehearsalObservations {
    const call = this.#call && callView(this.#call)
    const byBye = call?.transfers.at(-1)?.attempts.at(-1)?.method === 'bye'

    return {
      ...this.#seen,
      handoff: this.#script.expected,
      call,
      received: byBye ? this.#caller.byeHeaders : this.#destination.received,
      timings: this.#milestones.view(),
    }
  }
}

function statusOf({ status, reason }: SipResponse): { status: number; reason: string } {
  return { status, reason }
}

export interface RehearsalParts {
  calls: Calls
  events: Events
  routing: Routing
  clock: Clock
  settings: Settings
  pending: PendingRehearsals
  /** Baton's own stack: where the calls go, and what asks a real destination whether it is there. */
  stack: SipStack
  /** A stack for one party, on a free port; `baton` is the address at which it reaches Baton. */
  newStack(at: Pick<SipAddress, 'address' | 'transport'>, baton: string): SipStack
  log: { log(level: string, message: string, fields: object): unknown }
}

/** Whether every request on a ladder has had its final response. An ACK has none. */
export function isComplete({ messages }: LadderView): boolean {
  const open = new Set<string>()
  for (const { text, leg } of messages) {
    const transaction = `${leg} ${headerOf(text, 'Call-ID')} ${headerOf(text, 'CSeq')}`
    if (!text.startsWith('SIP/2.0 ')) {
      if (!text.startsWith('ACK ')) open.add(transaction)
    } else if (!text.startsWith('SIP/2.0 1')) open.delete(transaction)
  }

  return open.size === 0
}

/** The messages of a ladder may be a peer's, with compact header names. */
function headerOf(text: string, name: 'Call-ID' | 'CSeq'): string {
  const pattern = name === 'CSeq' ? /^CSeq[ \t]*:(.*)/im : /^(?:Call-ID|i)[ \t]*:(.*)/im

  return pattern.exec(text)?.[1]?.trim() ?? ''
}

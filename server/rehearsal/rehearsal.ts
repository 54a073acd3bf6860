import type { Clock } from '../../engine/index.ts'
import { Guard } from '../guard.ts'
import type { BatonEvent } from '../calls/events.ts'
import type { Call } from '../calls/call.ts'
import { callView } from '../calls/call-view.ts'
import type { HeadersToSend, SipAddress, SipResponse } from '../sip/stack.ts'
import { inviteTargets } from '../transfer/destination.ts'
import type { Trunk } from '../../config/index.ts'
import type { PinnedTable } from '../../routes/index.ts'
import { isComplete } from './complete.ts'
import type { Observations } from './judge.ts'
import { Milestones } from './milestones.ts'
import { tokenHeader } from './pending.ts'
import { uriAt } from './reach.ts'
import type { RehearsalParts } from './rehearsals.ts'
import { SyntheticAgent } from './synthetic-agent.ts'
import { SyntheticCaller } from './synthetic-caller.ts'
import { SyntheticDestination } from './synthetic-destination.ts'

/** What is rehearsed, every choice made. */
export interface Script {
  handoff: string
  /** The handoff that is to take the call: another one where the first is closed. */
  expected: string
  pinned: PinnedTable
  /** The moment that schedules and rules see, in milliseconds since the epoch; now when left out. */
  at: number | undefined
  /** The environment's number, which the caller calls. */
  number: string
  /** From: a name-addr. */
  from: string
  headers: HeadersToSend
  destination: 'synthetic' | 'real'
  /** Where Baton listens, as it is reached from this machine. */
  baton: SipAddress
  /** The address and transport that the parties listen on. */
  parties: Pick<SipAddress, 'address' | 'transport'>
  trunk: Trunk
  /** Seconds until the rehearsal is broken off. */
  limit: number
}

/** How long caller and destination talk before one of them hangs up, in milliseconds. */
const talk = 200
/** How long the last answers may take to arrive once the call is over, in milliseconds. */
const settling = 1000
const glance = 10

/** One synthetic call: three user agents play it, and this looks on until all of them have gone. */
export class Rehearsal {
  readonly #guard = new Guard((error) => {
    this.#defect ??= error instanceof Error ? error : new Error(String(error))
    this.#over()
  })
  readonly #parts: RehearsalParts
  readonly #clock: Clock
  readonly #script: Script
  readonly #milestones: Milestones
  readonly #agent: SyntheticAgent
  readonly #caller: SyntheticCaller
  readonly #destination: SyntheticDestination
  readonly #seen: Pick<Observations, 'callerRefused' | 'agentRefused' | 'brokenOffAfter'> = {}
  #token = ''
  #callId = ''
  #call: Call | undefined
  #over: () => void = () => undefined
  /** An exception, which breaks it off. */
  #defect: Error | undefined

  constructor(parts: RehearsalParts, script: Script) {
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
    this.#agent = new SyntheticAgent(party(), script.handoff, (response) => {
      this.#seen.agentRefused = statusOf(response)
      this.#caller.hangUp()
    })
    this.#caller = new SyntheticCaller(party(), {
      from: script.from,
      targets: (uri) => inviteTargets(uri, script.trunk),
      refused: (response) => {
        this.#seen.callerRefused ??= statusOf(response)
        this.#over()
      },
      direct: (record) => this.#call?.ladder.add('destination', record),
    })
    this.#destination = new SyntheticDestination(party())
  }

  /** The call as Baton has it; undefined when it never came to one. */
  get call(): Call | undefined {
    return this.#call
  }

  /** Plays it from the first INVITE to the last answer. Never takes much longer than the script's limit, and leaves nothing behind. */
  async play(signal: AbortSignal): Promise<Observations> {
    const { events } = this.#parts
    const stopListening = events.subscribe((event) => {
      this.#hear(event)
    })
    const parties = [this.#agent, this.#caller, this.#destination]
    try {
      await Promise.all(parties.map((party) => party.open()))
      await this.#untilOver(signal)
      await this.#untilSettled(signal)
      // Whoever is still there has been forgotten.
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
      ...(at !== undefined && { now: at }),
      ...(destination === 'synthetic' && { route: this.#destination.uri(encodeURIComponent(handoff)) }),
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
    this.#clock.after(talk, () => {
      this.#destination.hangUp()
      // A real destination is not made to wait for us, and a caller that stayed with the agent has nothing left to do.
      if (this.#script.destination === 'real' || !succeeded) this.#caller.hangUp()
    })
  }

  async #untilSettled(signal: AbortSignal): Promise<void> {
    const settled = (): boolean =>
      this.#agent.idle &&
      this.#caller.idle &&
      this.#destination.idle &&
      (this.#call === undefined || (this.#call.state === 'ended' && isComplete(this.#call.ladder.view())))
    for (let waited = 0; waited < settling && !signal.aborted && !settled(); waited += glance) {
      await new Promise<void>((resolve) => this.#clock.after(glance, resolve))
    }
  }

  #observations(): Observations {
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

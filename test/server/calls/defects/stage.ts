/** Calls on the embedded stack, among parties on the same stack, on a network and a clock that are moved by hand. */
import assert from 'node:assert/strict'
import { inspect } from 'node:util'

import { loadSettings, type Trunk } from '../../../../config/index.ts'
import type { Routing } from '../../../../routes/index.ts'
import type { Call } from '../../../../server/calls/call.ts'
import type { CallObserver, ObservedCall } from '../../../../server/calls/observed-call.ts'
import { Calls } from '../../../../server/calls/calls.ts'
import { EmbeddedStack } from '../../../../server/sip/embedded/index.ts'
import type {
  SipDialog,
  DialogEvents,
  IncomingInvite,
  IncomingReinvite,
  IncomingRequest,
  OutgoingInvite,
  SendOptions,
  SipResponse,
  SipUser,
} from '../../../../server/sip/stack.ts'
import type { Transfer } from '../../../../server/transfer/transfer.ts'
import { HeapClock } from '../../../fuzz/clock.ts'
import { NoNetwork } from '../../../fuzz/network.ts'
import { sdp } from '../../transfer/fake-port.ts'
import type { Faults } from './faults.ts'

export const ports = { baton: 5060, agent: 5090, other: 5091, desk: 5092, duty: 5093, caller: 5099 }

/** Counts everything that the observer of calls gets. */
class Told {
  readonly started: ObservedCall[] = []
  readonly ended: ObservedCall[] = []
  readonly requested: Transfer[] = []
  readonly outcomes: Transfer[] = []
  readonly defects: unknown[] = []
  failedBeforeCall = 0
  readonly observer: CallObserver = {
    started: (call) => this.started.push(call),
    changed: () => undefined,
    callerWaits: () => undefined,
    recovered: () => undefined,
    answered: () => undefined,
    agentTried: () => undefined,
    ended: (call) => this.ended.push(call),
    transferRequested: (_call, transfer) => this.requested.push(transfer),
    transferProgress: () => undefined,
    attemptEnded: () => undefined,
    transferEnded: (_call, transfer) => this.outcomes.push(transfer),
    transferAmended: () => undefined,
    stateSet: () => undefined,
    recordingChanged: () => undefined,
    failedBeforeCall: () => (this.failedBeforeCall += 1),
    refusedSource: () => undefined,
    defect: (error) => this.defects.push(error),
    credentialsRefused: () => undefined,
  }
}

type Does = Partial<{
  invite: (invite: IncomingInvite, nth: number) => void
  request: (request: IncomingRequest) => void
}>

/** A user agent: accepts every request, unless a story says otherwise. */
export class Party implements SipUser, DialogEvents {
  readonly stack: EmbeddedStack
  readonly dialogs: SipDialog[] = []
  does: Does = {}
  invite_: OutgoingInvite | undefined
  readonly #port: number
  readonly #clock: HeapClock
  #invites = 0

  constructor(stack: EmbeddedStack, port: number, clock: HeapClock) {
    this.stack = stack
    this.#port = port
    this.#clock = clock
  }

  get session(): string {
    return sdp(this.#port)
  }

  get dialog(): SipDialog | undefined {
    return this.dialogs.at(-1)
  }

  /** After so many milliseconds. */
  after(ms: number, act: () => unknown): this {
    this.#clock.after(ms, () => {
      Promise.resolve(act()).catch(() => undefined)
    })

    return this
  }

  calls(user: string, options: SendOptions = { body: this.session }): this {
    this.invite_ = this.stack.invite(`sip:${user}@127.0.0.1:${ports.baton}`, options, {
      progress: () => undefined,
      accepted: ({ body }, dialog) => {
        this.dialogs.push(dialog)
        dialog.ack(options.body === undefined && body !== '' ? { body: this.session } : {})
      },
      failed: () => undefined,
      dialog: this,
    })

    return this
  }

  answers(invite: IncomingInvite, options: SendOptions = {}): void {
    invite.onCancel = () => undefined
    invite.progress(180)
    this.after(200, () => this.dialogs.push(invite.accept({ body: this.session, ...options }, this)))
  }

  async reinvites(options: SendOptions = { body: this.session }): Promise<void> {
    const response = await this.dialog?.reinvite(options)
    if (response && isSuccess(response)) this.dialog?.ack(options.body === undefined ? { body: this.session } : {})
  }

  /** @param first the first of its dialogs that it leaves */
  hangUp(first = 0): void {
    for (const dialog of this.dialogs.slice(first)) if (!dialog.ended) void dialog.bye()
  }

  invite(invite: IncomingInvite): void {
    const { invite: does } = this.does
    this.#invites += 1
    if (does) does(invite, this.#invites)
    else this.answers(invite)
  }

  request(request: IncomingRequest): void {
    const { method, body } = request.request
    if (this.does.request && method !== 'NOTIFY') this.does.request(request)
    else request.respond(200, method === 'UPDATE' && body !== '' ? { body: this.session } : {})
  }

  reinvite(invite: IncomingReinvite): void {
    invite.respond(200, { body: this.session })
  }

  ended(): void {
    // The dialog keeps its state itself.
  }

  message(): void {
    // No test reads messages.
  }

  connected(): void {
    // The embedded stack never calls this.
  }
}

const isSuccess = ({ status }: SipResponse): boolean => status >= 200 && status < 300

/** One story's parts, as new. */
export class Stage {
  readonly clock = new HeapClock()
  readonly told = new Told()
  readonly drains: { lateMs?: number }[] = []
  readonly calls: Calls
  readonly parties: Record<keyof typeof ports, Party>
  readonly #stack: EmbeddedStack
  readonly #networks = new Map<number, NoNetwork>()

  static async open(routing: Routing, faults: Faults, trunk: Partial<Trunk> = {}): Promise<Stage> {
    const stage = new Stage(routing, faults, trunk)
    await faults.stack(stage.#stack).start(stage.calls)
    for (const party of Object.values(stage.parties)) if (party.stack !== stage.#stack) await party.stack.start(party)

    return stage
  }

  private constructor(routing: Routing, faults: Faults, trunk: Partial<Trunk>) {
    const { clock } = this
    const settings = loadSettings({ env: {} })
    settings.trunks = settings.trunks.map((each) => ({ ...each, ...trunk }))
    this.#stack = this.#newStack(ports.baton)
    this.calls = new Calls({
      stack: faults.stack(this.#stack),
      clock: faults.clock(clock),
      settings,
      routing: faults.port(routing, 'routing'),
      observer: this.told.observer,
    })
    const party = (port: number): Party =>
      new Party(port === ports.baton ? this.#stack : this.#newStack(port), port, clock)
    this.parties = Object.fromEntries(
      Object.entries(ports).map(([name, port]) => [name, party(port)]),
    ) as typeof this.parties
  }

  /** The one call that a caller made. */
  get call(): Call | undefined {
    const [first] = this.told.started

    return first && this.calls.get(first.id)
  }

  /** Drains as at SIGTERM; `drains` has how long that took beyond the deadline, in milliseconds. */
  drain(seconds: number): void {
    const from = this.clock.now()
    const drain: { lateMs?: number } = {}
    this.drains.push(drain)
    const over = (): void => void (drain.lateMs = this.clock.now() - from - seconds * 1000)
    this.calls.drain(seconds).then(over, (error: unknown) => {
      this.told.defects.push(error)
      over()
    })
  }

  /** Moves the clock, and lets promises settle after each step. */
  async play(seconds: number, stepMs: number): Promise<void> {
    for (let at = 0; at < seconds * 1000; at += stepMs) {
      this.clock.advance(stepMs)
      await new Promise(setImmediate)
    }
  }

  /** Dialogs, transactions and timers that are left at Baton and at each party; empty when nothing is. */
  left(): Record<string, unknown> {
    const left: Record<string, unknown> = {}
    for (const [name, { stack }] of Object.entries(this.parties)) {
      const { dialogs, transactions, timers } = stack.state()
      if (dialogs + transactions + timers > 0) left[name] = { dialogs, transactions, timers }
    }
    if (this.calls.size > 0) left.calls = this.calls.size

    return left
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.parties).map(({ stack }) => stack.close()))
  }

  #newStack(port: number): EmbeddedStack {
    const { clock } = this
    const network = new NoNetwork((data, to) => {
      clock.after(1, () => this.#networks.get(to.port)?.deliver(data, { address: '127.0.0.1', port }))
    })
    this.#networks.set(port, network)
    const { sip } = loadSettings({ env: { SIP_LISTEN: `udp:127.0.0.1:${port}` } })

    return new EmbeddedStack({
      ...sip,
      udpMaximum: 65_000,
      log: { warn: () => undefined, error: (message, fields) => assert.fail(`${message}: ${inspect(fields)}`) },
      surroundings: {
        clock,
        transport: { createSocket: network.createSocket },
        dns: { query: () => Promise.resolve({ records: [], ttl: 60 }) },
      },
    })
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import winston from 'winston'
import { loadSettings } from '../../config/index.ts'
import { createMetrics } from '../../metrics/index.ts'
import { FileStore, Routing } from '../../routes/index.ts'
import type { Call } from '../../server/calls/call.ts'
import { Calls } from '../../server/calls/calls.ts'
import { Cdrs } from '../../server/calls/cdr.ts'
import { Events } from '../../server/calls/events.ts'
import { Observer } from '../../server/calls/observer.ts'
import { EmbeddedStack } from '../../server/sip/embedded/index.ts'
import { TransferRefused } from '../../server/transfer/transfer-plan.ts'
import type { Chance } from './chance.ts'
import { HeapClock } from './clock.ts'
import { NoNetwork, type Sent } from './network.ts'
import type { Subject } from './subject.ts'

const project = {
  project: 'fuzz',
  environments: {
    live: { numbers: ['+14155550100'], agents: ['sip:agent@127.0.0.1:5090', 'sip:other@127.0.0.1:5091'] },
  },
  table: {
    handoffs: [
      {
        name: 'front-desk',
        description: 'Reception',
        default: true,
        route: 'sip:desk@127.0.0.1:5092',
        headers: { 'X-Caller': '$caller_id', 'X-Any': 'a-${header.X-Customer}' },
        on_failure: ['duty', 'back'],
        notify_timeout: 5,
      },
      { name: 'duty', description: 'Duty', method: 'invite', route: 'sip:duty@127.0.0.1:5093', ring_timeout: 5 },
      { name: 'back', description: 'Back', method: 'bye' },
    ],
  },
}

/** Calls at once. */
const most = 100

/** The whole call path: admission, agents, transfers, ladder, metrics, CDRs, on the embedded stack. */
export class ServerSubject implements Subject {
  readonly name = 'server'
  readonly defects: unknown[] = []
  readonly #chance: Chance
  readonly #clock = new HeapClock()
  readonly #network: NoNetwork
  readonly #stack: EmbeddedStack
  readonly #calls: Calls
  readonly #routing: Routing
  readonly #cdrs: Cdrs
  #folder = ''

  static async open(chance: Chance, sent: Sent): Promise<ServerSubject> {
    const folder = mkdtempSync(join(tmpdir(), 'baton-fuzz-'))
    const log = winston.createLogger({ silent: true })
    const routing = await Routing.open({ store: await FileStore.open({ dir: join(folder, 'routes') }), log })
    const actor = { who: 'fuzz', from: 'test', why: 'fuzz' }
    await routing.putProject(project.project, { text: JSON.stringify(project), type: 'json' }, actor)
    const { version } = await routing.publish(project.project, actor)
    await routing.promote(project.project, 'live', { version }, actor)
    const cdrs = new Cdrs(join(folder, 'cdr'), log)
    const subject = new ServerSubject(chance, sent, { routing, cdrs, log })
    subject.#folder = folder
    await subject.#stack.start(subject.#calls)

    return subject
  }

  private constructor(chance: Chance, sent: Sent, { routing, cdrs, log }: Parts) {
    this.#chance = chance
    this.#routing = routing
    this.#cdrs = cdrs
    this.#network = new NoNetwork(sent)
    const clock = this.#clock
    const settings = loadSettings({ env: { RECENT_CALLS: '50', SIP_LISTEN: 'udp:127.0.0.1:5060' } })
    this.#stack = new EmbeddedStack({
      ...settings.sip,
      log: { warn: () => undefined, error: (message, fields) => this.defects.push(fields ?? message) },
      surroundings: {
        clock,
        transport: { createSocket: this.#network.createSocket },
        dns: { query: () => Promise.resolve({ records: [], ttl: 60 }) },
      },
    })
    const observer = new Observer({
      events: new Events(),
      metrics: createMetrics({ version: '0' }),
      cdrs,
      log,
      routing,
    })
    this.#calls = new Calls({ stack: this.#stack, clock, settings, routing, observer })
  }

  receive(data: Buffer, from: { address: string; port: number }): void {
    this.#network.deliver(data, from)
  }

  /** What the API would do: a transfer, or the end of a call. */
  act(): void {
    const chance = this.#chance
    const calls = [...this.#calls.live]
    // Most far sides never hang up.
    for (const call of calls.slice(0, Math.max(0, calls.length - most))) call.hangUp('hung_up_by_api')
    for (const call of calls.slice(-most)) {
      if (!chance.is(0.03)) continue
      if (chance.is(0.5)) call.hangUp('hung_up_by_api')
      else transferred(call, chance.of(['front-desk', 'duty', 'back', 'unknown']))

      return
    }
  }

  advance(ms: number): void {
    this.#clock.advance(ms)
  }

  hangUp(): void {
    for (const call of [...this.#calls.live]) call.hangUp('hung_up_by_api')
  }

  left(): string {
    const { transactions, dialogs, timers } = this.#stack.state()
    const calls = [...this.#calls.live].length
    if (transactions + dialogs + timers + calls === 0) return ''

    return `${calls} calls, ${transactions} transactions, ${dialogs} dialogs, ${timers} timers`
  }

  async close(): Promise<void> {
    await this.#stack.close()
    await this.#cdrs.close()
    await this.#routing.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

interface Parts {
  routing: Routing
  cdrs: Cdrs
  log: winston.Logger
}

function transferred(call: Call, handoff: string): void {
  try {
    call.transfer({ handoff, requestedBy: 'api' })
  } catch (error) {
    if (!(error instanceof TransferRefused)) throw error
  }
}

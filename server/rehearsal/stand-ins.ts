import type { Clock } from '../../engine/index.ts'
import { uriOfChoice } from '../../base/choice.ts'
import { isUdpPortInUse } from '../../base/system-sockets.ts'
import type { ProjectFile } from '../../routes/index.ts'
import { Guard } from '../guard.ts'
import type { IncomingInvite, SipStack, SipUser } from '../sip/stack.ts'
import { targetIdOf } from '../targets/index.ts'
import { Milestones, uriAt } from './party.ts'
import { SyntheticAgent, SyntheticDestination } from './synthetic-parties.ts'

/** An agent talks to a caller for so long before it asks for the default handoff: an operator sees the call, and may act first. */
const agentTalkMs = 15_000
const destinationRingMs = 1500
/** A destination hangs up after so long. */
const destinationTalkMs = 30_000

export interface StandInsOptions {
  /** The stack of all stand-ins, on a port of its own. */
  stack: SipStack
  clock: Clock
  addresses: ReadonlyMap<string, StandInRole>
  /** The handoff that an agent of a running environment asks for. */
  defaultHandoff: (project: string, environment: string) => string | undefined
  /** Whether a program listens at an address and UDP port; undefined where the system does not say. */
  isInUse?: typeof isUdpPortInUse
  log: { log(level: string, message: string, fields: object): unknown }
}

/**
 * Agents and destinations for a trial of Baton on one machine: they take what is sent to the addresses of the project files where
 * no program listens. They hold none of those ports: a program that listens there gets its calls from then on.
 */
export class StandIns implements SipUser {
  readonly #options: StandInsOptions
  readonly #guard: Guard
  readonly #clock: Clock
  readonly #isInUse: typeof isUdpPortInUse

  constructor(options: StandInsOptions) {
    this.#options = options
    this.#guard = new Guard((error) => options.log.log('error', 'an exception in a stand-in', { error }))
    this.#clock = this.#guard.clock(options.clock)
    this.#isInUse = options.isInUse ?? isUdpPortInUse
  }

  start(): Promise<void> {
    return this.#options.stack.start(this)
  }

  close(): Promise<void> {
    return this.#options.stack.close()
  }

  /** The next hop of a request to this URI while a stand-in takes it; undefined for every other URI. */
  hopFor(uri: string): string | undefined {
    const { addresses, stack } = this.#options
    const id = targetIdOf(uri)
    if (id === undefined || !addresses.has(id)) return undefined
    const [, address = '', port = ''] = id.split(':')
    const [own] = stack.addresses
    // Where the system does not say who listens, no stand-in comes in the place of a program that may be there.
    if (!own || this.#isInUse(address, Number(port)) !== false) return undefined

    return uriAt('stand-in', own)
  }

  invite(invite: IncomingInvite): void {
    const { stack, addresses } = this.#options
    const clock = this.#clock
    const parts = { stack, clock, guard: this.#guard, milestones: new Milestones(() => clock.now()) }
    if (addresses.get(targetIdOf(invite.request.uri) ?? '') === 'agent') {
      const agent = new SyntheticAgent(parts, this.#handoffFor(invite), () => undefined, agentTalkMs)
      agent.invite(invite)

      return
    }
    const destination = new SyntheticDestination(parts, destinationRingMs)
    const end = clock.after(destinationRingMs + destinationTalkMs, () => {
      destination.hangUp()
    })
    destination.ended = () => {
      end.cancel()
    }
    destination.invite(invite)
  }

  #handoffFor({ request }: IncomingInvite): string {
    const of = (name: string): string => request.header(name) ?? ''

    return this.#options.defaultHandoff(of('X-Baton-Project'), of('X-Baton-Environment')) ?? 'default'
  }

  request: SipUser['request'] = (incoming) => {
    incoming.respond(501)
  }

  message: SipUser['message'] = () => undefined
  connected: SipUser['connected'] = () => undefined
}

/** The parties that a stand-in may play. */
export type StandInRole = 'agent' | 'destination'

/** The loopback addresses that project files name for agents and destinations, as the ids of targets, each with its role. */
export function standInAddresses(projects: readonly ProjectFile[]): Map<string, StandInRole> {
  const found = new Map<string, StandInRole>()
  const add = (uri: string, role: StandInRole): void => {
    const id = targetIdOf(uri)
    if (id !== undefined && /^udp:127\.\d+\.\d+\.\d+:/.test(id) && !found.has(id)) found.set(id, role)
  }
  for (const { environments, table } of projects) {
    for (const environment of Object.values(environments)) {
      for (const agent of environment.agents ?? []) add(uriOfChoice(agent), 'agent')
    }
    for (const { route } of table.handoffs) if (route !== undefined) add(route, 'destination')
  }

  return found
}

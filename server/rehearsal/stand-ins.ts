import { readFileSync } from 'node:fs'
import type { Clock } from '../../engine/index.ts'
import { uriOfChoice } from '../../base/choice.ts'
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

/** Linux lists the UDP sockets of its network namespace there, `0100007F:13E2` for 127.0.0.1:5090. */
const lists = ['/proc/net/udp', '/proc/net/udp6']
const anyAddress = /^0+$/

/**
 * Whether a program of this machine receives what is sent to this IPv4 address and UDP port. Undefined where the system does not
 * say: only Linux does.
 */
export function isUdpPortInUse(address: string, port: number): boolean | undefined {
  const wanted = littleEndianHex(address)
  const portText = port.toString(16).toUpperCase().padStart(4, '0')
  let isKnown = false
  for (const list of lists) {
    let text: string
    try {
      text = readFileSync(list, 'latin1')
    } catch {
      continue
    }
    isKnown = true
    for (const [, local = '', localPort] of text.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) /gm)) {
      if (localPort === portText && (local.endsWith(wanted) || anyAddress.test(local))) return true
    }
  }

  return isKnown ? false : undefined
}

function littleEndianHex(address: string): string {
  const octets = address.split('.').reverse()

  return octets.map((octet) => Number(octet).toString(16).toUpperCase().padStart(2, '0')).join('')
}

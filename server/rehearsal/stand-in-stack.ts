import type { Logger } from 'winston'
import type { EngineStats } from '../../metrics/index.ts'
import type {
  DialogRestorer,
  InviteEvents,
  InviteOptions,
  OutgoingInvite,
  RequestOptions,
  SipAddress,
  SipResponse,
  SipStack,
  SipUser,
  StackState,
} from '../sip/stack.ts'
import type { Settings } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import type { ProjectFile, Routing } from '../../routes/index.ts'
import { createPartyStack } from '../sip/create-stack.ts'
import { StandIns, standInAddresses } from './stand-ins.ts'

/** A SIP stack whose requests outside dialogs go to stand-ins, where these take them. */
export class StandInStack implements SipStack {
  readonly kind: SipStack['kind']
  readonly reportsTrying: boolean
  readonly canIgnore: boolean
  readonly #stack: SipStack
  readonly #standIns: { hopFor(uri: string): string | undefined }
  readonly engineStats?: () => EngineStats
  readonly reload?: () => Promise<void>

  constructor(stack: SipStack, standIns: { hopFor(uri: string): string | undefined }) {
    this.#stack = stack
    this.#standIns = standIns
    this.kind = stack.kind
    this.reportsTrying = stack.reportsTrying
    this.canIgnore = stack.canIgnore ?? false
    if (stack.engineStats) this.engineStats = stack.engineStats
    if (stack.reload) this.reload = () => stack.reload?.() ?? Promise.resolve()
  }

  get addresses(): readonly SipAddress[] {
    return this.#stack.addresses
  }

  get restorer(): DialogRestorer | undefined {
    return this.#stack.restorer
  }

  get problem(): string | undefined {
    return this.#stack.problem
  }

  start(user: SipUser): Promise<void> {
    return this.#stack.start(user)
  }

  invite(uri: string, options: InviteOptions, events: InviteEvents): OutgoingInvite {
    return this.#stack.invite(uri, this.#rerouted(uri, options), events)
  }

  request(method: string, uri: string, options: RequestOptions = {}): Promise<SipResponse> {
    return this.#stack.request(method, uri, this.#rerouted(uri, options))
  }

  resolve: SipStack['resolve'] = (...asked) => this.#stack.resolve(...asked)

  state(): StackState {
    return this.#stack.state()
  }

  drain(): void {
    this.#stack.drain()
  }

  close(): Promise<void> {
    return this.#stack.close()
  }

  #rerouted<Options extends InviteOptions>(uri: string, options: Options): Options {
    const nextHop = this.#standIns.hopFor(options.nextHop ?? uri)

    return nextHop === undefined ? options : { ...options, nextHop }
  }
}

/** The stand-ins of these project files; undefined where STAND_INS is off. */
export function createStandIns(
  settings: Settings,
  files: readonly { project: ProjectFile }[],
  { routing, clock, log }: { routing: Routing; clock: Clock; log: Logger },
): StandIns | undefined {
  if (!settings.standIns) return undefined
  const loopback = { address: '127.0.0.1', transport: 'udp' } as const

  return new StandIns({
    ...{ clock, log },
    addresses: standInAddresses(files.map(({ project }) => project)),
    stack: createPartyStack(settings, loopback, loopback.address, log, 'Baton stand-in'),
    defaultHandoff: (project, environment) => {
      const pinned = routing.current(project, environment)

      return typeof pinned === 'object' ? pinned.default.name : undefined
    },
  })
}

/** The stack itself, or one whose requests reach the stand-ins. */
export function withStandIns(stack: SipStack, standIns: StandIns | undefined): SipStack {
  return standIns ? new StandInStack(stack, standIns) : stack
}

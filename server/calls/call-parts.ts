import type { Settings } from '../../config/index.ts'
import type { Clock, Replaces } from '../../engine/index.ts'
import type { PinnedTable, Switches } from '../../routes/index.ts'
import type { CallStack } from '../guard.ts'
import type { TargetHealth } from '../targets/index.ts'
import type { MediaAnchors } from '../media/index.ts'
import type { NumberReserver, RoomBook } from '../limits/index.ts'
import type { Trunks } from '../legs/trunks.ts'
import type { ResolverAsker } from '../transfer/step-resolver.ts'
import type { Transfer } from '../transfer/transfer.ts'
import type { TransferRequest } from '../transfer/transfer-request.ts'
import type { AcceptedTransfer } from '../transfer/transfers.ts'
import type { TrunkMemories } from '../transfer/trunk-memory.ts'
import type { CallSetupParts } from './call-setup.ts'
import type { CallObserver, ObservedCall } from './observed-call.ts'
import type { KeptCall, RestoredCall } from './kept-call.ts'
import type { Ladders } from './ladders.ts'

/** The parts that all calls share. */
export interface CallParts {
  readonly stack: CallStack
  readonly clock: Clock
  readonly settings: Settings
  readonly ladders: Ladders
  readonly trunks: Trunks
  /** Trunks that have refused REFER lately, and gateways and hosts that have refused SRTP. */
  readonly memory: TrunkMemories
  /** Whether the addresses that calls are sent to are up; without it, all of them are called. */
  readonly targets: TargetHealth | undefined
  readonly observer: CallObserver
  readonly limits: RoomBook
  /** Undefined where MEDIA names no media server: all media goes between the parties. */
  readonly media: MediaAnchors | undefined
  /** Without it, what agents give along is in headers only. */
  readonly contexts: ContextKeeper | undefined
  /** The numbers of pools; without it, each transfer is shown with the first. */
  readonly numbers: NumberReserver | undefined
  /** Asks the resolvers of handoffs; without it, the routes of the table are used. */
  readonly resolvers: ResolverAsker | undefined
  /** From 0 to below 1: chooses among gateways and agents by their weights. */
  readonly random: () => number
  /** The switches of the environment of a call, as they are now. */
  readonly switches: (pinned: PinnedTable) => Switches
  /**
   * Begins an attended transfer: the agent of a call has sent REFER with Replaces, which names a dialog of another call.
   * Undefined when no dialog that is up has that name.
   * @throws TransferRefused when that dialog is not of this agent, or one of the calls cannot be transferred
   */
  readonly join: (callId: string, request: TransferRequest, replaces: Replaces) => AcceptedTransfer | undefined
  /** The call has ended: it is kept among the recent ones, and then observed. */
  readonly ended: (call: ObservedCall) => void
  /** Gets the BYE of each party that is released at the end of its call: a shutdown waits for its response. */
  readonly released: (bye: Promise<void>) => Promise<void>
}

/** What the set-up of a call needs. Not made of spreads, whose result has a hidden class of its own: 150 bytes for each call. */
export function setupParts(
  { id, guard, admission, caller, isSecure, numbers, recording }: SetupOfCall,
  { stack, trunks, targets, random, switches, media, settings }: CallParts,
  { clock, invite, limits }: Pick<CallSetupParts, 'clock' | 'invite' | 'limits'>,
): CallSetupParts {
  return {
    id,
    guard,
    stack: guard.stack(stack),
    clock,
    trunks,
    targets,
    invite,
    admission,
    caller,
    isSecure,
    agentTimeout: settings.agentTimeout,
    random,
    switches,
    limits,
    media,
    numbers,
    recording,
  }
}

type SetupOfCall = Pick<CallSetupParts, 'id' | 'guard' | 'admission' | 'caller' | 'isSecure' | 'numbers' | 'recording'>

/** Keeps what agents give along with transfers, for the persons who take the callers over. Neither method throws or waits. */
export interface ContextKeeper {
  /** The id that the context will have; undefined where the agent gives none. */
  idFor(request: TransferRequest, call: Pick<ObservedCall, 'states'>): string | undefined
  /** @param content JSON of the agent's own */
  keep(call: ObservedCall, transfer: Transfer, content: unknown): void
  /** The transfer has reserved this number: it leads to the transfer's context from now on, which is kept even if the agent gave nothing. */
  dialled(call: ObservedCall, transfer: Transfer, number: string): void
  /** As `dialled`, for a call that no agent took: the number is of the pool of its handoff under `agent_down`. */
  agentDownDialled(call: ObservedCall, handoff: string, number: string): void
  /** The call has a new state. */
  stateSet(call: ObservedCall): void
}

/** A rehearsal's replacements for the agents, destinations and settings of its environment. */
export interface CallOverride {
  agents?: readonly string[]
  /** The route of every handoff. */
  route?: string
  /** The table with its settings, such as a draft. */
  pinned?: PinnedTable
  /** The room that a transfer finds; none of its steps has a limit when left out. */
  limits?: RoomBook
  /** The moment for schedules and rules, in milliseconds since the epoch. */
  now?: number
}

/** What a call begins with. */
export interface CallBeginning {
  /** A rehearsal's agents and routes. */
  readonly override?: CallOverride | undefined
  /** The call of the process before that this is. */
  readonly kept?: RestoredCall
  /** A call that rang when the process before ended: its caller is refused. */
  readonly lost?: KeptCall | undefined
}

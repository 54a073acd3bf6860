import type { PinnedTable } from '../../routes/index.ts'
import type { Settings } from '../../config/index.ts'
import type { Clock, Replaces } from '../../engine/index.ts'
import type { CallStack } from '../guard.ts'
import type { SipRequest } from '../sip/stack.ts'
import type { AttemptRecord } from '../transfer/attempt.ts'
import type { Transfer } from '../transfer/transfer.ts'
import type { TrunkMemory } from '../transfer/trunk-memory.ts'
import type { TransferOutcome } from '../transfer/outcome.ts'
import type { NamedDialog } from './attended.ts'
import type { Call } from './call.ts'
import type { Ladders } from './ladders.ts'
import type { Termination } from '../legs/termination.ts'
import type { Trunks } from '../legs/trunks.ts'

/** What every call shares. */
export interface CallParts {
  readonly stack: CallStack
  readonly clock: Clock
  readonly settings: Settings
  readonly ladders: Ladders
  readonly trunks: Trunks
  /** Who has lately refused REFER, by trunk, and SRTP, by trunk and destination. */
  readonly memory: Readonly<Record<'refer' | 'srtp', TrunkMemory>>
  readonly observer: CallObserver
  /** The call, among those that are up, that has the dialog which Replaces names. */
  readonly dialogNamed: (replaces: Replaces) => NamedDialog | undefined
  /** The call has ended: it is kept among the recent ones, and then observed. */
  readonly over: (call: Call) => void
  /** Told of the BYE with which a call that ends releases a party. */
  readonly released: (bye: Promise<void>) => Promise<void>
}

/** What a rehearsal puts in the place of what other calls of its environment have. */
export interface CallOverride {
  /** The agents. */
  agents?: readonly string[]
  /** The route of every handoff. */
  route?: string
  /** The table and the settings: a draft, say. */
  pinned?: PinnedTable
  /** The moment that schedules and rules see, in milliseconds since the epoch. */
  now?: number
}

/** Told of everything that happens to calls: events, metrics, CDRs and log lines are made from it. None of it throws. */
export interface CallObserver {
  started(call: Call): void
  answered(call: Call): void
  ended(call: Call): void
  transferRequested(call: Call, transfer: Transfer): void
  transferProgress(call: Call, transfer: Transfer): void
  attemptEnded(call: Call, record: AttemptRecord, verdict: TransferOutcome): void
  transferEnded(call: Call, transfer: Transfer): void
  /** Proof has come after the outcome `was`, during the call or just after its end. */
  transferAmended(call: Call, transfer: Transfer, was: TransferOutcome): void
  /** An INVITE got 500: an exception came before there was a call. */
  failedBeforeCall(): void
  /** An INVITE of a source that is no trunk's was refused, and its source is blocked for so many seconds; 0 for not at all. */
  refusedAtDoor(
    request: SipRequest,
    termination: Pick<Termination, 'result' | 'reason' | 'sipStatus'>,
    blocked: number,
  ): void
  /** An exception in this call, or in its transfer, which it ends. */
  defect(error: unknown, call?: Call, transfer?: Transfer): void
  /** Who sent this request of a trunk that authenticates does not know the password. */
  credentialsRefused(trunk: string, request: SipRequest): void
}

import { randomUUID } from 'node:crypto'
import { type Clock, type KeptInvite, momentOf } from '../../engine/index.ts'
import type { KeptLeg, PartyLeg } from '../legs/party-leg.ts'
import type { AgentState, RecordingView, TransferView, TriedParty } from '../legs/views.ts'
import type { DialogRestorer, SipAddress } from '../sip/stack.ts'
import type { KeptTransfer } from '../transfer/kept-transfer.ts'
import type { KeptLegs } from './call-legs.ts'
import type { CallState } from './call-machine.ts'
import type { KeptNumber } from './reserved-numbers.ts'

/**
 * A call as the next process needs it to go on with it after a crash: JSON. Times are milliseconds since the epoch, by the
 * system's clock. Transactions, the ladder and nonces are not kept.
 */
export interface KeptCall {
  readonly id: string
  readonly node: string
  readonly project: string
  readonly environment: string
  /** The pinned release, and its version of the table. */
  readonly release: number
  readonly version: number
  readonly trunk: string
  readonly isSecure: boolean
  readonly state: CallState
  readonly startedAt: number
  readonly ringingAt?: number | undefined
  readonly answeredAt?: number | undefined
  /** The caller's INVITE: later handoffs need its headers. */
  readonly invite: { readonly bytes: string; readonly source: SipAddress }
  readonly legs: KeptLegs
  readonly agentDown?: string | undefined
  readonly tried?: readonly TriedParty[] | undefined
  readonly states?: readonly AgentState[] | undefined
  /** An agent's call: the id of its caller's call. */
  readonly consults?: string | undefined
  /** While it is set up: the INVITE to the party that rings. */
  readonly ringing?: KeptInvite | undefined
  readonly numbers?: readonly KeptNumber[] | undefined
  readonly recording?: KeptRecording | undefined
  /** Those that are over. */
  readonly transfers?: readonly TransferView[] | undefined
  /** The one that runs. */
  readonly transfer?: KeptTransfer | undefined
}

/** The recording of a call as the next process needs it. */
export interface KeptRecording {
  readonly asked?: 'start' | 'pause' | 'stop' | undefined
  readonly isNoticed: boolean
  readonly view: RecordingView
}

/** A call that is taken up. */
export interface RestoredCall {
  readonly call: KeptCall
  readonly restorer: DialogRestorer
  /** Restores the leg's dialog, with the leg as its user, and takes the room that it counts under. */
  readonly takeUpLeg: (leg: PartyLeg, kept: KeptLeg) => void
}

/** The facts of a call's beginning: new ones, or those of the process before. */
export function beginningOf(
  kept: KeptCall | undefined,
  clock: Clock,
): { id: string; startedAt: number; recoveredAt: number | undefined; pastTransfers: readonly TransferView[] } {
  const now = clock.now()
  if (!kept) return { id: randomUUID(), startedAt: now, recoveredAt: undefined, pastTransfers: noTransfers }
  const { id, startedAt, transfers = noTransfers } = kept

  return { id, startedAt: momentOf(startedAt, clock), recoveredAt: now, pastTransfers: transfers }
}

const noTransfers: readonly TransferView[] = []

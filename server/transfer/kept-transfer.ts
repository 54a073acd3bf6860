import { defined } from '../../base/defined.ts'
import type { KeptInvite } from '../../engine/index.ts'
import type { Plan } from '../../routes/index.ts'
import type { KeptLeg } from '../legs/party-leg.ts'
import type { AttemptView } from '../legs/views.ts'

import type { TransferRequest } from './transfer-request.ts'

/** A transfer that runs, as the next process needs it to come to its outcome: JSON. */
export interface KeptTransfer {
  readonly id: string
  readonly request: TransferRequest
  readonly plan: Plan
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Which step of the plan runs, from 0. */
  readonly step: number
  /** The attempts that are over. */
  readonly past: readonly AttemptView[]
  /** Undefined between two attempts. */
  readonly current?: KeptAttempt
  /** Attended: the id of the call whose far end the caller was to be joined with. */
  readonly joins?: string
  /** The caller hears a destination, or is on hold. */
  readonly isCallerAway?: true
  readonly subscriptions: readonly KeptSubscription[]
}

export interface KeptAttempt {
  readonly view: AttemptView
  /** Its REFER has gone out. */
  readonly refer?: KeptRefer
  /** Its INVITE waits for a final response. */
  readonly invite?: KeptInvite
  /** The destination has answered. */
  readonly leg?: KeptLeg
  /** The person who has answered has not accepted the caller yet. */
  readonly isUnaccepted?: true
}

export interface KeptRefer {
  /** Its CSeq, once it was answered. */
  readonly id?: string
  /** Whether its 2xx had come. */
  readonly isTaken: boolean
  /** The highest status of its NOTIFYs. */
  readonly heard?: number
}

export interface KeptSubscription {
  /** The CSeq of the agent's REFER. */
  readonly id: string
  readonly isFirst: boolean
  readonly wanted: boolean
  /** The status that was told last; 0 before the first. */
  readonly told: number
}

/** An attempt by INVITE: its destination, once that has answered, and its INVITE before that. */
export function keptInvite(
  record: { view(): AttemptView },
  destination: { readonly up: boolean; keep(): KeptLeg } | undefined,
  sent: { keep(): KeptInvite | undefined } | undefined,
  isUnaccepted: boolean,
): KeptAttempt {
  const leg = destination?.up ? destination.keep() : undefined
  const invite = leg ? undefined : sent?.keep()

  return { view: record.view(), ...defined({ leg, invite, isUnaccepted: isUnaccepted ? (true as const) : undefined }) }
}

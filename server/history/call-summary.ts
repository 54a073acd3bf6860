import { defined } from '../../base/defined.ts'
import type { CallView, TransferMethod, TransferResult, TransferView } from '../legs/views.ts'

/** The facts of a call that searches and analytics look at; one line in the index of a segment. */
export interface CallSummary {
  /** Milliseconds since 1970; first in a line of the index, where it is read without the rest. */
  startedAt: number
  id: string
  project: string
  environment: string
  version: number
  trunk: string
  state: CallView['state']
  result?: CallView['result']
  reason?: string
  caller: string
  callerUri: string
  called: string
  agent: string
  rehearsal?: true
  transfers: TransferSummary[]
}

export interface TransferSummary {
  handoff: string
  /** The method of the deciding attempt. */
  method?: TransferMethod
  result?: TransferResult
  reason?: string
  startedAt: number
  /** From the request to the outcome. */
  seconds?: number
  /** Handoffs that were tried before the deciding one, or after `handoff`. */
  tried?: string[]
}

/** Analytics and searches call a fact so that a call or a transfer does not have, such as the agent of a call that got none. */
export const noValue = 'none'

export function valueLabel(value: string | undefined): string {
  return value === undefined || value === '' ? noValue : value
}

export function summaryOf(call: CallView): CallSummary {
  return {
    startedAt: Date.parse(call.startedAt),
    id: call.id,
    project: call.project,
    environment: call.environment,
    version: call.version,
    trunk: call.trunk,
    state: call.state,
    ...defined({ result: call.result, reason: call.reason }),
    caller: call.caller.number,
    callerUri: call.caller.uri,
    called: call.called,
    agent: call.agent.uri,
    ...(call.rehearsal && { rehearsal: true }),
    transfers: call.transfers.map(summaryOfTransfer),
  }
}

function summaryOfTransfer({ handoff, result, reason, startedAt, endedAt, attempts }: TransferView): TransferSummary {
  const method = attempts.at(-1)?.method
  const tried = [...new Set(attempts.map((attempt) => attempt.handoff))].filter((name) => name !== handoff)

  return {
    handoff,
    ...defined({ method, result, reason }),
    startedAt: Date.parse(startedAt),
    ...(endedAt !== undefined && { seconds: (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 }),
    ...(tried.length > 0 && { tried }),
  }
}

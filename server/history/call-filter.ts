import type { CallView, TransferMethod } from '../legs/views.ts'
import { type noValue, valueLabel, type CallSummary, type TransferSummary } from './call-summary.ts'

/** What a search for calls asks for; what is left out does not matter. */
export interface CallFilter {
  /** `live`: any state but `ended`. */
  state?: CallView['state'] | 'live'
  project?: string
  /** Calls of other projects are left out. */
  isShown?: (project: string) => boolean
  environment?: string
  /** A part of the caller's number or URI, or of the called number. */
  number?: string
  /** Whether the numbers of a project's callers are searched; not for those who may not see them. */
  showsCallersOf?: (project: string) => boolean
  /** The result of the call, or of one of its transfers. */
  result?: string
  /** The reason of the call, or of one of its transfers: the one that has the result. `none`: it has no reason. */
  reason?: string
  /** A transfer of the call went to this handoff, or tried it. */
  handoff?: string
  /** The method of a transfer. `none`: nothing was tried. */
  method?: TransferMethod | typeof noValue
  /** `none`: no agent was found. */
  agent?: string
  trunk?: string
  version?: number
  /** false: calls of rehearsals are left out. */
  rehearsals?: boolean
  /** The call began then or later; milliseconds since 1970. */
  from?: number
  /** The call began before. */
  to?: number
}

/** The facts of a call that are known without its view. */
export type CallHeading = Pick<CallSummary, 'startedAt' | 'project' | 'environment' | 'state'>

/** Whether a call may match: looks at what is known without its view. */
export function mayMatch(call: CallHeading, filter: CallFilter): boolean {
  const { state, project, isShown, environment, from = -Infinity, to = Infinity } = filter

  return (
    (state === undefined || state === call.state || (state === 'live' && call.state !== 'ended')) &&
    (project === undefined || project === call.project) &&
    (isShown === undefined || isShown(call.project)) &&
    (environment === undefined || environment === call.environment) &&
    call.startedAt >= from &&
    call.startedAt < to
  )
}

/** Whether a filter asks for more than `mayMatch` looks at. */
export function needsSummary(filter: CallFilter): boolean {
  const { number, result, reason, handoff, method, agent, trunk, version, rehearsals } = filter

  return [number, result, reason, handoff, method, agent, trunk, version, rehearsals].some(
    (wanted) => wanted !== undefined,
  )
}

export function matchesFilter(call: CallSummary, filter: CallFilter): boolean {
  const { number, showsCallersOf = () => true, agent, trunk, version, rehearsals = true } = filter

  return (
    mayMatch(call, filter) &&
    (rehearsals || !call.rehearsal) &&
    has(call.trunk, trunk) &&
    (version === undefined || version === call.version) &&
    has(call.agent, agent) &&
    (number === undefined || hasNumber(call, number, showsCallersOf(call.project))) &&
    hasOutcome(call, filter)
  )
}

function has(value: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === valueLabel(value)
}

/** Blanks, dashes and the like of a number as people write it count for nothing. */
function hasNumber({ caller, callerUri, called }: CallSummary, number: string, withCallers: boolean): boolean {
  const text = number.trim().toLowerCase()
  const wanted = /^\+?[\d\s().\-/]+$/.test(text) ? text.replace(/[^\d+]/g, '') : text

  return (withCallers ? [caller, called, callerUri] : [called]).some((known) => known.toLowerCase().includes(wanted))
}

/** Result and reason are those of the same outcome: the call's, or that of one transfer with the wanted handoff and method. */
function hasOutcome({ result, reason, transfers }: CallSummary, filter: CallFilter): boolean {
  const { handoff, method } = filter
  const fitting = transfers.filter(
    (transfer) => (handoff === undefined || isOfHandoff(transfer, handoff)) && has(transfer.method, method),
  )
  if ((handoff !== undefined || method !== undefined) && fitting.length === 0) return false
  if (filter.result === undefined && filter.reason === undefined) return true

  return [{ result, reason }, ...fitting].some(
    (outcome) =>
      outcome.result !== undefined &&
      (filter.result === undefined || filter.result === outcome.result) &&
      has(outcome.reason, filter.reason),
  )
}

function isOfHandoff({ handoff, tried = [] }: TransferSummary, name: string): boolean {
  return handoff === name || tried.includes(name)
}

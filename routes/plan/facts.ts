/** The facts of a call and of a transfer request, and the variables that templates and rules make of them. */
import type { MediaFields } from '../schema/handoff-media.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { builtInVariables, isBuiltIn, variableKey, type VariableLookup } from '../table/template.ts'

/** The known facts about a call when a transfer is requested. */
export interface CallFacts {
  callId: string
  /** The caller's number, as E.164 where that is possible, or SIP URI. */
  callerId?: string | undefined
  callerName?: string | undefined
  /** The number that was called, E.164. */
  calledNumber?: string | undefined
  /** Headers of the caller's INVITE; templates and rules see X- headers only. */
  headers?: Readonly<Record<string, string>> | undefined
}

/** The request of an agent or of a client of the API. */
export interface TransferFacts {
  /** A handoff's name; without one, and for `auto`, the table's rules decide. */
  handoff?: string | undefined
  /** Headers of this transfer, over those of the handoff; '' removes one. */
  headers?: Readonly<Record<string, string>> | undefined
  variables?: Readonly<Record<string, string>> | undefined
  reason?: string | undefined
  /** The id under which what the agent gave along is kept; undefined when nothing was given. */
  contextId?: string | undefined
  /** Media fields of this transfer, over those of each handoff of the plan. */
  media?: MediaFields | undefined
}

/** Looks variables up: those that every call has, then those of the request, then those of the environment. */
export function variablesOf(
  pinned: PinnedTable,
  request: TransferFacts,
  facts: CallFacts,
): (handoff: string) => VariableLookup {
  const inbound = new Map<string, string>()
  for (const [name, value] of Object.entries(facts.headers ?? {})) inbound.set(`header.${name.toLowerCase()}`, value)
  const every = new Map<string, string | undefined>([
    ['caller_id', facts.callerId ?? ''],
    ['caller_name', facts.callerName ?? ''],
    ['called_number', facts.calledNumber ?? ''],
    ['call_id', facts.callId],
    ['project', pinned.project],
    ['environment', pinned.environment],
    ['version', String(pinned.version)],
    ['reason', request.reason ?? ''],
    ['context_id', request.contextId ?? ''],
  ])

  return (handoff) => (variable) => {
    if (variable === 'handoff') return handoff
    if (variable.startsWith('header.')) return variable.startsWith('header.x-') ? inbound.get(variable) : undefined
    if (isBuiltIn(variable)) return every.get(variable)

    return own(request.variables, variable) ?? own(pinned.variables, variable)
  }
}

/** Every variable of a call that a handoff's templates may name, with its value: for those who write one. */
export function variableValues(
  pinned: PinnedTable,
  request: TransferFacts,
  facts: CallFacts,
  handoff: string,
): Record<string, string> {
  const lookup = variablesOf(pinned, request, facts)(handoff)
  const inbound = Object.keys(facts.headers ?? {}).filter((name) => /^x-/i.test(name))
  const names = [
    ...builtInVariables,
    ...Object.keys(pinned.variables),
    ...Object.keys(request.variables ?? {}),
    ...inbound.map((name) => `header.${name}`),
  ]

  return Object.fromEntries(names.map((name) => [name, lookup(variableKey(name)) ?? '']))
}

function own(values: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined
}

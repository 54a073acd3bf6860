/** What a call and a transfer request bring to templates and rules. */
import type { PinnedTable } from '../table/pinned.ts'
import { type Lookup, isBuiltIn } from '../table/template.ts'

/** What is known of a call when a transfer is asked for. */
export interface CallFacts {
  callId: string
  /** The caller's number (E.164 when it has one) or SIP URI. */
  callerId?: string | undefined
  callerName?: string | undefined
  /** The number that was called, E.164. */
  calledNumber?: string | undefined
  /** Inbound headers; only X- headers are used. */
  headers?: Readonly<Record<string, string>> | undefined
}

/** What an agent or a user of the API asks for. */
export interface TransferFacts {
  /** A handoff's name. Without one, or as `auto`, the table's rules decide. */
  handoff?: string | undefined
  /** Headers of this transfer alone, over those of the handoff; '' takes one away. */
  headers?: Readonly<Record<string, string>> | undefined
  variables?: Readonly<Record<string, string>> | undefined
  reason?: string | undefined
}

/** Looks variables up: those that every call has, then what the request brought, then the environment's. */
export function variablesOf(
  pinned: PinnedTable,
  request: TransferFacts,
  facts: CallFacts,
): (handoff: string) => Lookup {
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
  ])

  return (handoff) => (variable) => {
    if (variable === 'handoff') return handoff
    if (variable.startsWith('header.')) return variable.startsWith('header.x-') ? inbound.get(variable) : undefined
    if (isBuiltIn(variable)) return every.get(variable)

    return own(request.variables, variable) ?? own(pinned.variables, variable)
  }
}

function own(values: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined
}

import type { Replaces } from '../../engine/index.ts'
import type { MediaFields } from '../../routes/index.ts'
import type { TransferView } from '../legs/views.ts'

export interface TransferRequest {
  handoff: string
  requestedBy: TransferView['requestedBy']
  headers?: Record<string, string>
  variables?: Record<string, string>
  reason?: string
  /** JSON for the person who takes the caller over, at most 64 KB. */
  context?: unknown
  /** The id under which `context`, `variables` and `reason` are kept. */
  contextId?: string
  /** Media fields in the place of the handoff's. */
  media?: MediaFields
  /** Attended: the dialog of the agent's other call, whose far end the caller is joined with. */
  replaces?: Replaces
}

/** Whether an agent gave anything along that the person who takes the caller over is to see. */
export function hasContext({ context, variables, reason }: TransferRequest): boolean {
  return context !== undefined || reason !== undefined || Object.keys(variables ?? {}).length > 0
}

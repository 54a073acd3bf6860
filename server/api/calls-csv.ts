import { stringify } from 'csv-stringify/sync'
import type { CallView } from '../legs/views.ts'

const plainNumber = /^\+?\d+$/
const formula = /^[=+\-@\t\r]/

/** The columns of calls as CSV, and where their values come from. */
const columns: Readonly<Record<string, (call: CallView) => string | number | undefined>> = {
  id: ({ id }) => id,
  started_at: ({ startedAt }) => startedAt,
  answered_at: ({ answeredAt }) => answeredAt,
  ended_at: ({ endedAt }) => endedAt,
  duration_seconds: ({ durationSeconds }) => durationSeconds,
  project: ({ project }) => project,
  environment: ({ environment }) => environment,
  version: ({ version }) => version,
  trunk: ({ trunk }) => trunk,
  caller: ({ caller }) => caller.number,
  caller_uri: ({ caller }) => caller.uri,
  called: ({ called }) => called,
  agent: ({ agent }) => agent.uri,
  destination: ({ destination }) => destination?.uri,
  state: ({ state }) => state,
  result: ({ result }) => result,
  reason: ({ reason }) => reason,
  sip_status: ({ sipStatus }) => sipStatus,
  ended_by: ({ endedBy }) => endedBy,
  transfers: ({ transfers }) => transfers.length,
  transfer_handoffs: ({ transfers }) => transfers.map(({ handoff }) => handoff).join('; '),
  transfer_results: ({ transfers }) => transfers.map(({ result, state }) => result ?? state).join('; '),
  transfer_reasons: ({ transfers }) => transfers.map(({ reason }) => reason ?? '').join('; '),
}

/** The first line (RFC 4180 2). */
export const csvHead = line(Object.keys(columns))

export function csvRow(call: CallView): string {
  return line(Object.values(columns).map((read) => read(call)))
}

function line(values: readonly (string | number | undefined)[]): string {
  return stringify([values], { record_delimiter: 'windows', cast: { string: withoutFormula } })
}

/** A spreadsheet runs a text that begins like a formula: an apostrophe makes it a text again. A number such as +14155550100 is none. */
function withoutFormula(text: string): string {
  return formula.test(text) && !plainNumber.test(text) ? `'${text}` : text
}

/** Whether the trunks and listeners that are configured can call what a table names, known before any caller calls. */
import { pointerTo } from '../errors.ts'
import { callersProblems, type HandoffProblem, type SipSetup } from '../plan/handoff-problems.ts'
import { compileHandoff } from '../table/table.ts'
import type { Finding } from './finding.ts'
import type { Table } from './schema.ts'

const hints: Readonly<Record<HandoffProblem['code'], string>> = {
  no_gateway: 'give the trunk gateways, or the handoff a trunk that has one or a SIP URI',
  number_format: 'give the handoff a number_format of its own, or correct that of the trunk',
  unknown_trunk: 'name a trunk that is configured',
  refer_not_supported: 'set the handoff’s fallback to invite',
  no_listener: 'add such a listener to SIP_LISTEN, or change the gateway’s or the route’s transport',
}

/**
 * A finding for each active handoff that cannot do what it says for callers of a trunk: an error when every attempt fails, a
 * warning when another attempt is left. Pointers are into the table. The table must have been checked.
 */
export function lintCallable({ handoffs }: Table, sipSetup: SipSetup): Finding[] {
  return handoffs.flatMap((record, i) => {
    if (record.active === false) return []
    const problems = callersProblems(compileHandoff(record), sipSetup).flatMap(({ trunk, problems, isHopeless }) =>
      problems.map(({ code, method, detail }): Finding => ({
        severity: isHopeless ? 'error' : 'warning',
        code,
        pointer: pointerTo('handoffs', i, code === 'unknown_trunk' ? 'trunk' : 'route'),
        problem: `callers of trunk ${trunk}, ${method.toUpperCase()}: ${detail}`,
        hint: hints[code],
      })),
    )

    return record.encryption === 'required' ? [...problems, srtpOfCallers(i)] : problems
  })
}

/** With direct media the caller's own session is what a destination gets: nothing makes SRTP of it. */
function srtpOfCallers(i: number): Finding {
  return {
    severity: 'warning',
    code: 'srtp_required',
    pointer: pointerTo('handoffs', i, 'encryption'),
    problem: 'callers whose session is not SRTP are not put through: media is direct, and is not encrypted on the way',
    hint: 'use preferred, or see that every trunk’s callers offer SRTP',
  }
}

import type { AttemptView, CallView, TransferView } from '../legs/views.ts'
import { columns, printable } from './text.ts'

/** Calls and transfers, as the command line shows them. */

export function callsText({ calls }: { calls: CallView[] }): string {
  if (calls.length === 0) return 'No calls.\n'

  return columns(
    ['CALL', 'STATE', 'RESULT', 'CALLER', 'CALLED', 'PROJECT', 'ENVIRONMENT', 'STARTED', 'TRANSFERS'],
    calls.map((call) => [
      call.id,
      call.state,
      call.result,
      call.caller.number || call.caller.uri,
      call.called,
      call.project,
      `${call.environment} v${call.version}`,
      call.startedAt,
      call.transfers.map(({ handoff, result, state }) => `${handoff}: ${result ?? state}`).join(', '),
    ]),
  )
}

export function callText(call: CallView): string {
  const { caller, agent, destination, transfers } = call
  const rows: [string, string | number | undefined][] = [
    ['state', ended(call)],
    ['project', `${call.project} ${call.environment}, version ${call.version}`],
    ['caller', `${caller.number || caller.uri}${caller.name === undefined ? '' : ` (${caller.name})`}, ${caller.uri}`],
    ['called', call.called],
    ['agent', agent.uri],
    ['agent_down', call.agentDown && `${call.agentDown}, since no agent took the call`],
    ['called before', call.tried?.map(({ uri, what }) => `${uri}: ${what}`).join('; ')],
    ['destination', destination && `${destination.handoff}, ${destination.uri}`],
    ['started', call.startedAt],
    ['answered', call.answeredAt],
    ['ended', call.endedAt && `${call.endedAt} by ${call.endedBy ?? 'nobody'}`],
    ['diagnosis', call.diagnosis],
  ]
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(15)}${printable(String(value))}\n`],
  )

  return `call ${call.id}\n${lines.join('')}${transfers.map((transfer) => `\n${transferText(transfer)}`).join('')}`
}

export function transferText(transfer: TransferView): string {
  const { id, handoff, requestedBy, attempts, diagnosis } = transfer
  const told = diagnosis === undefined ? '' : `  ${printable(diagnosis)}\n`

  return `transfer ${id} to ${printable(handoff)}, asked for by ${requestedBy}: ${ended(transfer)}\n${told}${attempts.map(attemptText).join('')}`
}

function attemptText(attempt: AttemptView): string {
  const { handoff, method, target, evidence } = attempt
  const seen = evidence.map(({ at, from, what }) => `      ${at}  ${from.padEnd(12)}${printable(what)}\n`)

  return `  ${method} to ${printable(`${handoff} ${target}`)}: ${ended(attempt)}\n${seen.join('')}`
}

function ended({
  state,
  result,
  reason,
  sipStatus,
  code,
}: {
  state?: string
  result?: string
  reason?: string
  sipStatus?: number
  code?: number
}): string {
  const status = sipStatus ?? code
  const why = [reason, status].filter((part) => part !== undefined).join(', ')

  return `${result ?? state ?? 'running'}${why === '' ? '' : ` (${why})`}`
}

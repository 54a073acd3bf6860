import type { RehearsalView } from '../api/index.ts'
import type { AttemptView, Evidence, TransferView } from '../legs/views.ts'
import type { Paint } from './paint.ts'

/** The outcome of a rehearsal with its evidence, in plain words; ends with a line feed. */
export function outcome(rehearsal: RehearsalView, paint: Paint): string {
  const { verdict, cause, call, headersReceived } = rehearsal
  const transfer = call?.transfers.at(-1)
  const headers = Object.entries(headersReceived)
  const mark = verdict === 'passed' ? paint.good(paint.strong('PASSED')) : paint.bad(paint.strong('FAILED'))

  return [
    `${mark}  ${cause}`,
    ...(transfer ? ['', ...evidenceOf(transfer, paint)] : []),
    ...(headers.length === 0
      ? []
      : ['', 'What the destination was told about the caller:', ...aligned(headers, paint)]),
    '',
  ].join('\n')
}

function evidenceOf({ attempts, startedAt, result, reason }: TransferView, paint: Paint): string[] {
  const began = Date.parse(startedAt)
  const words = reason === undefined ? '' : ` (${reason.replaceAll('_', ' ')})`

  return [
    `The transfer ${result ?? 'still runs'}${words}. The evidence, in seconds from when it was asked for:`,
    ...attempts.flatMap((attempt) => attempt.evidence.map((heard) => line(heard, began, attempt, paint))),
  ]
}

function line({ at, from, what }: Evidence, began: number, { method }: AttemptView, paint: Paint): string {
  const seconds = ((Date.parse(at) - began) / 1000).toFixed(3)
  const who = from === 'baton' ? 'Baton' : from
  const meaning = meaningOf(method, what)

  return `  ${paint.faint(seconds)}  ${who.padEnd(11)} ${what}${meaning === '' ? '' : paint.faint(`   ${meaning}`)}`
}

/** What a newcomer may want to be told about a line of evidence. */
function meaningOf(method: AttemptView['method'], what: string): string {
  if (method === 'refer' && what.startsWith('REFER')) return 'please call them yourself'
  if (method === 'refer' && what.startsWith('202')) return 'it will try; that alone proves nothing'
  if (/^NOTIFY SIP\/2\.0 2\d\d/.test(what)) return 'the destination has answered: that is the proof'

  return ''
}

function aligned(pairs: readonly [string, string][], paint: Paint): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length))

  return pairs.map(([name, value]) => `  ${paint.name(name.padEnd(width))}  ${value}`)
}

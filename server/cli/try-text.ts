import type { Static } from 'typebox'
import type { AllRehearsalsView, RehearsalView } from '../api/index.ts'
import type { ExplainView } from '../api/shapes/explain.ts'
import { printable } from './text.ts'

/** What `explain` and `rehearse` print. */

export type Explained = Static<typeof ExplainView>

export function explainText(explained: Explained): string {
  const { project, environment, requested, matched, handoff, rule, deadline, trunk, attempts, warnings } = explained
  const version = `${explained.draft ? 'the draft of version' : 'version'} ${explained.version}`
  const why = matched === 'hit' ? '' : ` (the default: there is no open "${requested}")`
  const lines = [
    `${project} ${environment}, ${version}, trunk ${trunk}: ${handoff}${why}${rule === undefined ? '' : `, by rule ${rule}`}, within ${deadline} s`,
    ...attempts.flatMap((attempt, at) => attemptLines(attempt, at + 1)),
    ...warnings.map(({ code, detail }) => `warning ${code}: ${detail}`),
  ]

  return `${lines.map(printable).join('\n')}\n`
}

function attemptLines(attempt: Explained['attempts'][number], number: number): string[] {
  const { handoff, method, target, referTo, headers, fallback, messages } = attempt

  return [
    '',
    `${number}. ${method} ${target || 'the caller back'} (${handoff})${method === 'refer' && fallback === 'invite' ? ', bridged when REFER is refused' : ''}`,
    ...(referTo === undefined ? [] : [`   Refer-To: ${referTo}`]),
    ...Object.entries(headers).map(([name, value]) => `   ${name}: ${value}`),
    ...messages.flatMap(({ method: sent, to, bytes, text }) => [
      `   ${sent.toUpperCase()} to the ${to}, ${bytes} bytes:`,
      ...Buffer.from(text, 'latin1')
        .toString()
        .trimEnd()
        .split('\r\n')
        .map((line) => `   | ${line}`),
    ]),
  ]
}

export function rehearsalText(rehearsal: RehearsalView, ladder: string): string {
  const { headersReceived, timings } = rehearsal
  const headers = Object.entries(headersReceived).map(([name, value]) => `  ${printable(`${name}: ${value}`)}\n`)
  const times = Object.entries(timings).map(([name, seconds]) => `${name} ${seconds.toFixed(3)} s`)

  return [
    ladder,
    '\n',
    ...(headers.length === 0 ? [] : ['The destination received:\n', ...headers]),
    ...(times.length === 0 ? [] : [`Times: ${times.join(', ')}\n`]),
    `${verdictLine(rehearsal)}\n`,
  ].join('')
}

/** One line for each handoff, and what they come to. */
export function allRehearsalsText({ rehearsals, verdict, cause }: AllRehearsalsView): string {
  return `${rehearsals.map((one) => `${verdictLine(one)}\n`).join('')}${verdict.toUpperCase()}: ${cause}\n`
}

function verdictLine({ project, environment, version, draft, handoff, verdict, cause }: RehearsalView): string {
  const table = draft ? 'draft' : `version ${version}`

  return `${verdict.toUpperCase()}: ${handoff} of ${project} ${environment}, ${table}: ${printable(cause)}`
}

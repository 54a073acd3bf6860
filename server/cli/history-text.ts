import { diffText, type HistoryEntry } from '../../routes/index.ts'
import { columns, printable } from './text.ts'

/** Who changed what, as the command line shows it. */

export interface HistoryView {
  history: HistoryEntry[]
}

/** A line for each change, and under it what it changed, field by field: before → after. */
export function historyText({ history }: HistoryView): string {
  const [heading = '', ...lines] = columns(
    ['WHEN', 'WHO', 'FROM', 'WHAT', 'BEFORE', 'AFTER', 'WHY'],
    history.map(({ at, who, from, action, environment, before, after, why, forced }) => [
      ...[at, who, from],
      environment === undefined ? action : `${action} ${environment}`,
      ...[short(before), short(after), [why, forced && `forced: ${forced}`].filter(Boolean).join('; ')],
    ]),
  ).split(/(?<=\n)/)
  const told = history.map(({ changes = [] }, i) => `${lines[i] ?? ''}${indented(printable(diffText(changes)))}`)

  return [heading, ...told].join('')
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ')
}

// A digest is told from others by its beginning.
function short(value: HistoryEntry['before']): string | number | undefined {
  return typeof value === 'string' ? value.slice(0, 19) : (value ?? undefined)
}

import type { Change, Finding, HistoryEntry, ProjectView, Promoted, VersionSummary } from '../../routes/index.ts'
import { columns, printable } from './text.ts'

/** Routing tables, as the command line shows them. */

export interface HistoryView {
  history: HistoryEntry[]
}

export interface DiffView {
  from: number | 'draft'
  to: number | 'draft'
  changes: Change[]
  text: string
}

export interface LintView {
  findings: Finding[]
}

export function promotedText({ project, environment, previous, canary }: Promoted, version: number): string {
  if (canary)
    return `${canary.percent} % of the calls of ${environment} of ${project} run version ${canary.version} now.\n`

  return `${environment} of ${project} runs version ${version} now${previous === undefined ? '' : ` (before: ${previous})`}.\n`
}

export function diffView({ from, to, changes, text }: DiffView): string {
  return changes.length === 0 ? `${from} and ${to} are the same.\n` : printable(text)
}

export function lintText({ findings }: LintView): string {
  if (findings.length === 0) return 'Nothing to say of it.\n'

  return findings
    .map(({ severity, pointer, problem, hint, code }) => {
      const why = hint === undefined ? '' : `; ${hint}`

      return `${severity.padEnd(8)}${printable(`${pointer}: ${problem}${why}`)} (${code})\n`
    })
    .join('')
}

export function projectText({ project, environments, versions }: ProjectView & { versions: VersionSummary[] }): string {
  const running = Object.entries(environments).map(([name, { version, canary, numbers = [], agents = [] }]) => [
    name,
    canary ? `${version ?? 'none'}, ${canary.percent} % ${canary.version}` : (version ?? 'none'),
    numbers.join(' '),
    agents.join(' '),
  ])
  const published = versions.map(({ version, publishedAt, by, message }) => [version, publishedAt, by, message])

  return [
    `${project}\n`,
    columns(['ENVIRONMENT', 'VERSION', 'NUMBERS', 'AGENTS'], running),
    published.length === 0
      ? 'Nothing is published yet.\n'
      : columns(['VERSION', 'PUBLISHED', 'BY', 'MESSAGE'], published),
  ].join('\n')
}

export function historyText({ history }: HistoryView): string {
  return columns(
    ['WHEN', 'WHO', 'FROM', 'WHAT', 'BEFORE', 'AFTER', 'WHY'],
    history.map(({ at, who, from, action, environment, before, after, why }) => [
      at,
      who,
      from,
      environment === undefined ? action : `${action} ${environment}`,
      short(before),
      short(after),
      why,
    ]),
  )
}

// A digest is told from others by its beginning.
function short(value: HistoryEntry['before']): string | number | undefined {
  return typeof value === 'string' ? value.slice(0, 19) : (value ?? undefined)
}

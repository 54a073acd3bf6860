import type { HistoryEntry, ProjectView, VersionSummary } from '../../routes/index.ts'
import { columns } from './text.ts'

/** Routing tables, as the command line shows them. */

export interface HistoryView {
  history: HistoryEntry[]
}

export function projectText({ project, environments, versions }: ProjectView & { versions: VersionSummary[] }): string {
  const running = Object.entries(environments).map(([name, { version, numbers = [], agents = [] }]) => [
    name,
    version ?? 'none',
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

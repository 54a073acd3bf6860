import type {
  FieldChange,
  LintFinding,
  ProjectView,
  PromotionEvent,
  Release,
  VersionSummary,
} from '../../routes/index.ts'
import { columns, printable } from './terminal-text.ts'

/** Routing tables, as the command line shows them. */

export interface DiffView {
  from: number | 'draft'
  to: number | 'draft'
  changes: FieldChange[]
  text: string
}

export interface LintView {
  findings: LintFinding[]
}

export function promotedText({
  project,
  environment,
  release,
  version,
  previousRelease,
  canary,
}: PromotionEvent): string {
  if (canary)
    return `${canary.percent} % of the calls of ${environment} of ${project} run release ${canary.release}, version ${canary.version} now.\n`
  const before = previousRelease === undefined ? '' : ` (before: release ${previousRelease})`

  return `${environment} of ${project} runs release ${release}, version ${version} now${before}.\n`
}

export function releasesText({ releases }: { releases: Release[] }): string {
  if (releases.length === 0) return 'Nothing has been promoted yet.\n'

  return columns(
    ['RELEASE', 'VERSION', 'PROMOTED', 'BY', 'NUMBERS', 'AGENTS', 'MESSAGE'],
    releases.map(({ release, version, at, by, settings: { numbers = [], agents = [] }, message }) => [
      ...[release, version, at, by],
      ...[numbers.join(' '), agents.join(' '), message],
    ]),
  )
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
  const running = Object.entries(environments).map(([name, environment]) => {
    const { release = 'none', version = 'none', canary, numbers = [], agents = [] } = environment
    const runs = canary ? `${version}, ${canary.percent} % ${canary.version}` : version

    return [name, release, runs, numbers.join(' '), agents.join(' ')]
  })
  const published = versions.map(({ version, publishedAt, by, message }) => [version, publishedAt, by, message])

  return [
    `${project}\n`,
    columns(['ENVIRONMENT', 'RELEASE', 'VERSION', 'NUMBERS', 'AGENTS'], running),
    published.length === 0
      ? 'Nothing is published yet.\n'
      : columns(['VERSION', 'PUBLISHED', 'BY', 'MESSAGE'], published),
  ].join('\n')
}

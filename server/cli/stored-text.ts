import { diffText, type StoredProject } from '../../routes/index.ts'
import { printable } from './text.ts'

/** What was stored, and what a promotion of it would change in each environment. */
export function storedText(file: string, { project, draft, environments }: StoredProject): string {
  const changes = Object.entries(environments).map(([name, environment]) =>
    environment.changes.length === 0
      ? `${name} runs just that.\n`
      : `Promoted to ${name}, it would change:\n${indented(printable(diffText(environment.changes)))}`,
  )

  return [
    `Stored ${file} as drafts of ${project} (table ${draft.digest}). Nothing that runs has changed.\n`,
    ...changes,
  ].join('')
}

function indented(lines: string): string {
  return lines.replace(/^(?=.)/gm, '  ')
}

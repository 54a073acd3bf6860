/** The part of the command line that needs routes/: commands import it when they run, so that others start quickly. */

import {
  diffText,
  readProject,
  RoutesError,
  sourceText,
  type DocumentType,
  type Problem,
  type HistoryEntry,
  type StoredProject,
} from '../../routes/index.ts'
import type { IsTextField } from './draft-edits.ts'
import { columns, printable } from './terminal-text.ts'

export { describeProblem, HandoffSchema, ScheduleSchema } from '../../routes/index.ts'

interface FieldSchema {
  type?: string
  properties?: Record<string, FieldSchema>
  patternProperties?: Record<string, FieldSchema>
  additionalProperties?: FieldSchema | boolean
}

/** Tells, by the schema of an object, which of its fields are texts. */
export function isTextIn(schema: object): IsTextField {
  return (path) => {
    let at: FieldSchema | undefined = schema
    for (const field of path) at = at && fieldOf(at, field)

    return at?.type === 'string'
  }
}

function fieldOf(
  { properties, patternProperties, additionalProperties }: FieldSchema,
  field: string,
): FieldSchema | undefined {
  const [pattern] = Object.values(patternProperties ?? {})
  const other = typeof additionalProperties === 'object' ? additionalProperties : undefined

  return properties?.[field] ?? pattern ?? other
}

/** The mistakes of a project file. */
export function mistakesOf({ bytes, type }: { bytes: Buffer; type: DocumentType }): readonly Problem[] {
  try {
    readProject(sourceText(bytes, type))

    return []
  } catch (error) {
    if (error instanceof RoutesError && error.errors) return error.errors
    throw error
  }
}

export interface HistoryView {
  history: HistoryEntry[]
}

/** A line for each entry, and under it the changed fields: before → after. */
export function historyText({ history }: HistoryView): string {
  const [heading = '', ...lines] = columns(
    ['WHEN', 'WHO', 'FROM', 'WHAT', 'BEFORE', 'AFTER', 'WHY'],
    history.map(({ at, who, from, action, environment, before, after, why, forced }) => [
      ...[at, who, from],
      environment === undefined ? action : `${action} ${environment}`,
      ...[short(before), short(after), [why, forced && `forced: ${forced}`].filter(Boolean).join('; ')],
    ]),
  ).split(/(?<=\n)/)
  const told = history.map(({ changes = [] }, i) => `${lines[i] ?? ''}${indented(printable(diffText(changes)), 4)}`)

  return [heading, ...told].join('')
}

/** The first characters of a digest identify it. */
function short(value: HistoryEntry['before']): string | number | undefined {
  return typeof value === 'string' ? value.slice(0, 19) : (value ?? undefined)
}

/** The stored drafts, and the changes that their promotion would make in each environment. */
export function storedText(file: string, { project, draft, environments }: StoredProject): string {
  const changes = Object.entries(environments).map(([name, environment]) =>
    environment.changes.length === 0
      ? `${name} runs just that.\n`
      : `Promoted to ${name}, it would change:\n${indented(printable(diffText(environment.changes)), 2)}`,
  )

  return [
    `Stored ${file} as drafts of ${project} (table ${draft.digest}). Nothing that runs has changed.\n`,
    ...changes,
  ].join('')
}

function indented(lines: string, spaces: number): string {
  return lines.replace(/^(?=.)/gm, ' '.repeat(spaces))
}

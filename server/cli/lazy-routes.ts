import type { IsText } from './draft-edits.ts'
import {
  readProject,
  RoutesError,
  sourceText,
  type DocumentType,
  type Problem,
  diffText,
  type HistoryEntry,
  type StoredProject,
} from '../../routes/index.ts'
import { columns, printable } from './terminal-text.ts'

export { HandoffSchema, ScheduleSchema } from '../../routes/index.ts'

interface FieldSchema {
  type?: string
  properties?: Record<string, FieldSchema>
  patternProperties?: Record<string, FieldSchema>
  additionalProperties?: FieldSchema | boolean
}

/** Whether the field at a path of what the schema describes is a text. */
export function isTextIn(schema: object): IsText {
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

export { describeProblem } from '../../routes/index.ts'

/** What is wrong with a project file. */
export function mistakesOf({ bytes, type }: { bytes: Buffer; type: DocumentType }): readonly Problem[] {
  try {
    readProject(sourceText(bytes, type))

    return []
  } catch (error) {
    if (error instanceof RoutesError && error.errors) return error.errors
    throw error
  }
}

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
  const told = history.map(({ changes = [] }, i) => `${lines[i] ?? ''}${withIndent(printable(diffText(changes)))}`)

  return [heading, ...told].join('')
}

function withIndent(text: string): string {
  return text.replace(/^(?=.)/gm, '    ')
}

// A digest is told from others by its beginning.
function short(value: HistoryEntry['before']): string | number | undefined {
  return typeof value === 'string' ? value.slice(0, 19) : (value ?? undefined)
}

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

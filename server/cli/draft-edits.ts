import type { Command } from 'commander'

import { Failure } from './failure.ts'
import { pairs } from './terminal-text.ts'
import type { CommandContext } from './command-context.ts'
import { get, type ApiRequest } from './api-request.ts'

/** Gives a command `--set`. */
export function settable(command: Command): Command {
  return command.option(
    '--set <field=value>',
    'a field (headers.X-Tier: one in another), its value as YAML; a text may stand without quotes; null takes it away; may be repeated',
    pairs,
  )
}

/** What `--set` options ask for: paths of fields (`headers.X-Tier` is one in another) and their values, null for none. */
export type FieldChanges = readonly { path: readonly string[]; value: unknown }[]

/** Is the field at this path a text? What looks like another thing (a number, `yes`) is then meant as it is written. */
export type IsText = (path: readonly string[]) => boolean

/** Reads `--set path=value` options: values are YAML, but a text may stand without quotes, whatever it looks like. */
export async function fieldChanges(set: Readonly<Record<string, string>>, isText: IsText): Promise<FieldChanges> {
  const { parse } = await import('yaml')

  return Object.entries(set).map(([field, value]) => {
    const path = field.split('.')
    if (path.includes(''))
      throw new Failure(`--set ${field}: write FIELD=VALUE, or FIELD.NAME=VALUE for one in another.`)
    if (isText(path) && isPlain(value)) return { path, value }
    try {
      return { path, value: parse(value) as unknown }
    } catch (error) {
      throw new Failure(`--set ${field}: ${(error as Error).message}`)
    }
  })
}

/** Neither in quotes nor null, as YAML has them. */
function isPlain(value: string): boolean {
  const text = value.trim()

  return !['', 'null', '~'].includes(text) && !text.startsWith('"') && !text.startsWith("'")
}

/** The object with these fields changed. A field in another that is null is taken away; null at the top is left for the API. */
export function withFields(object: Readonly<Record<string, unknown>>, changes: FieldChanges): Record<string, unknown> {
  return changes.reduce((changed, { path, value }) => withField(changed, path, value, path), { ...object })
}

function withField(
  object: Readonly<Record<string, unknown>>,
  [field = '', ...rest]: readonly string[],
  value: unknown,
  whole: readonly string[],
): Record<string, unknown> {
  if (rest.length === 0) return { ...object, [field]: value }
  const inner = object[field] ?? {}
  if (typeof inner !== 'object' || Array.isArray(inner)) {
    throw new Failure(`--set ${whole.join('.')}: ${field} holds no fields; set it whole.`)
  }
  const changed = withField(inner as Record<string, unknown>, rest, value, whole)

  return { ...object, [field]: Object.fromEntries(Object.entries(changed).filter(([, held]) => held !== null)) }
}

/** How often an edit begins again because another change came between its reading and its writing. */
const maxAttempts = 5

/**
 * Reads a draft, and sends the change that `edit` makes of it with `If-Match`. When another change has
 * come between, it does so again: no change is lost.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what the draft is read as
export async function editDraft<Draft>(
  cli: CommandContext,
  path: string,
  edit: (draft: Draft, ifMatch: { 'if-match': string }) => ApiRequest | Promise<ApiRequest>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { text, etag = '*' } = await cli.send(get(path))
    const request = await edit(JSON.parse(text) as Draft, { 'if-match': etag })
    try {
      await cli.send(request)

      return
    } catch (error) {
      const isLost = error instanceof Failure && error.problem.status === 412
      if (!isLost || attempt === maxAttempts) throw error
    }
  }
}

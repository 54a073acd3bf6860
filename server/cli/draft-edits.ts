import type { Command } from 'commander'

import { get, type ApiRequest, CommandFailure } from './api-request.ts'
import { pairs } from './terminal-text.ts'
import type { CommandContext } from './command-context.ts'

/** Adds `--set` to a command. */
export function settable(command: Command): Command {
  return command.option(
    '--set <field=value>',
    'a field (headers.X-Tier: one in another), its value as YAML; a text may stand without quotes; null takes it away; may be repeated',
    pairs,
  )
}

/** The fields that `--set` options change: each path (`headers.X-Tier` is a field of `headers`) with its value; null removes it. */
export type FieldChanges = readonly { path: readonly string[]; value: unknown }[]

/** Whether the field at this path is a text: a value that looks like a number or a boolean is then taken as written. */
export type IsTextField = (path: readonly string[]) => boolean

/** Reads `--set path=value` options: values are YAML, but texts need no quotes. */
export async function fieldChanges(set: Readonly<Record<string, string>>, isText: IsTextField): Promise<FieldChanges> {
  const { parse } = await import('yaml')

  return Object.entries(set).map(([field, value]) => {
    const path = field.split('.')
    if (path.includes('')) {
      throw new CommandFailure(`--set ${field}: write FIELD=VALUE, or FIELD.NAME=VALUE for one in another.`)
    }
    if (isText(path) && isPlain(value)) return { path, value }
    try {
      return { path, value: parse(value) as unknown }
    } catch (error) {
      throw new CommandFailure(`--set ${field}: ${(error as Error).message}`)
    }
  })
}

/** Neither a quoted string nor null in YAML. */
function isPlain(value: string): boolean {
  const text = value.trim()

  return !['', 'null', '~'].includes(text) && !text.startsWith('"') && !text.startsWith("'")
}

/** The object with these changes. A nested null removes its field; a null at the top is left for the API. */
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
    throw new CommandFailure(`--set ${whole.join('.')}: ${field} holds no fields; set it whole.`)
  }
  const changed = withField(inner as Record<string, unknown>, rest, value, whole)

  return { ...object, [field]: Object.fromEntries(Object.entries(changed).filter(([, held]) => held !== null)) }
}

/** An edit starts again so often when another change came between its GET and its write. */
const maxAttempts = 5

/**
 * Reads a draft, and sends the request that `edit` makes from it with `If-Match`. When the draft has changed in between, both
 * are repeated, so that no change is lost.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what the draft is read as
export async function editDraft<Draft>(
  context: CommandContext,
  path: string,
  edit: (draft: Draft, ifMatch: { 'if-match': string }) => ApiRequest | Promise<ApiRequest>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { text, etag = '*' } = await context.send(get(path))
    const request = await edit(JSON.parse(text) as Draft, { 'if-match': etag })
    try {
      await context.send(request)

      return
    } catch (error) {
      const isLost = error instanceof CommandFailure && error.problem.status === 412
      if (!isLost || attempt === maxAttempts) throw error
    }
  }
}

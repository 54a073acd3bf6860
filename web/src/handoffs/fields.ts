import type { Handoff, Table } from '../api/client'
import { texts } from '../texts'

/** A field of the Advanced part: how it is edited, and what it may be. */
export type Field =
  | { name: keyof Handoff; kind: 'number'; max: number; byDefault: number | undefined }
  | { name: keyof Handoff; kind: 'choice'; choices: readonly (readonly [value: string, label: string])[] }
  | { name: keyof Handoff; kind: 'names' }
  | { name: keyof Handoff; kind: 'text' }

const choice = (name: keyof Handoff, values: readonly string[], labels: Record<string, string> = {}): Field => ({
  name,
  kind: 'choice',
  choices: values.map((value) => [value, labels[value] ?? value]),
})

/** What a method knows no use for is not shown. */
export function advancedFields({ schedules = [] }: Table, method: string): readonly Field[] {
  const isBye = method === 'bye'
  const fields: (Field | false)[] = [
    { name: 'on_failure', kind: 'names' },
    method === 'refer' && choice('fallback', ['invite', 'none'], texts.dialog.fallbackOf),
    method === 'refer' && choice('headers_in', ['request', 'refer_to', 'both']),
    !isBye && { name: 'ring_timeout', kind: 'number', max: 600, byDefault: 30 },
    !isBye && { name: 'progress_timeout', kind: 'number', max: 60, byDefault: undefined },
    method === 'refer' && { name: 'notify_timeout', kind: 'number', max: 600, byDefault: 30 },
    { name: 'deadline', kind: 'number', max: 3600, byDefault: 120 },
    !isBye && choice('number_format', ['e164', 'without_plus', 'national', 'prefix_00', 'as_written']),
    !isBye && { name: 'trunk', kind: 'text' },
    !isBye && choice('transport', ['udp', 'tcp', 'tls']),
    !isBye && choice('encryption', ['none', 'preferred', 'required']),
    !isBye && choice('early_media', ['hold', 'pass']),
    !isBye && choice('redirects', ['follow', 'refuse']),
    choice('profile', ['genesys', 'avaya', 'five9', 'nice', 'twilio', 'teams']),
    choice(
      'schedule',
      schedules.map(({ name }) => name),
    ),
    { name: 'when_closed', kind: 'names' },
  ]

  return fields.filter((field) => field !== false)
}

/** Variables that a header's value may have; those of environments and of requests come beside them. */
export const variables = [
  'caller_id',
  'caller_name',
  'called_number',
  'call_id',
  'project',
  'environment',
  'version',
  'handoff',
  'reason',
]

/** The name by which agents ask for a handoff, of what people call it. */
export function slugOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 64)
}

/** The fields in which a handoff differs from what it was: null takes one away. */
export function changesOf(before: Handoff | undefined, after: Handoff): Partial<Record<keyof Handoff, unknown>> {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after)]) as Set<keyof Handoff>
  const changes: Partial<Record<keyof Handoff, unknown>> = {}
  for (const name of names) {
    if (JSON.stringify(before?.[name]) !== JSON.stringify(after[name])) changes[name] = after[name] ?? null
  }

  return changes
}

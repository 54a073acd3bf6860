/** The differences between two tables, or two states of settings, as data and as text. */
import { canonicalJson } from '../../base/canonical-json.ts'
import {
  HandoffSchema,
  ReleaseSettingsSchema,
  type HandoffRecord,
  type ReleaseSettings,
  type Table,
} from '../schema/project-file.ts'

export interface FieldChange {
  kind: 'added' | 'removed' | 'renamed' | 'changed' | 'moved'
  what: 'handoff' | 'schedule' | 'rule' | 'audio' | 'settings'
  /** The present name, or the last one of what was removed; for settings, the name of the environment. */
  name: string
  /** The field of a handoff or of settings, such as `route`, `headers.X-Account` or `variables.region`. */
  field?: string
  /** Undefined when there was no value. A field that a handoff leaves out has its default here. */
  before?: unknown
  after?: unknown
}

/** Every difference from one table to another; without any, both route each call alike. */
export function diffTables(from: Table, to: Table): FieldChange[] {
  return [
    ...handoffChanges(from.handoffs, to.handoffs),
    ...listChanges('schedule', from.schedules ?? [], to.schedules ?? []),
    ...listChanges('rule', from.rules ?? [], to.rules ?? []),
    ...moved(from.rules ?? [], to.rules ?? []),
    ...listChanges('audio', audioFiles(from), audioFiles(to)),
  ]
}

/** Every difference from one state of an environment's settings to another, field by field. */
export function diffSettings(environment: string, from: ReleaseSettings, to: ReleaseSettings): FieldChange[] {
  return fieldChanges('settings', environment, flatSettings(from), flatSettings(to))
}

function flatSettings({ variables, ...settings }: ReleaseSettings): Map<string, unknown> {
  const byDefault = Object.entries(ReleaseSettingsSchema.properties as Record<string, { default?: unknown }>)
  const fields = new Map<string, unknown>(
    byDefault.flatMap(([field, { default: value }]) => (value === undefined ? [] : [[field, value]])),
  )
  for (const [field, value] of Object.entries(settings)) {
    if (!Array.isArray(value) || value.length > 0) fields.set(field, value)
  }
  for (const [name, value] of Object.entries(variables ?? {})) fields.set(`variables.${name}`, value)

  return fields
}

function handoffChanges(from: readonly HandoffRecord[], to: readonly HandoffRecord[]): FieldChange[] {
  const earlier = pair(from, to)
  const kept = new Set(earlier.values())
  const changes: FieldChange[] = from
    .filter((handoff) => !kept.has(handoff))
    .map(({ name }) => ({ kind: 'removed', what: 'handoff', name }))

  for (const handoff of to) {
    const { name } = handoff
    const before = earlier.get(handoff)
    if (!before) {
      changes.push({ kind: 'added', what: 'handoff', name, after: handoff })
      continue
    }
    // Most handoffs of a large table stay as they are: no field of them is looked at.
    if (JSON.stringify(before) === JSON.stringify(handoff)) continue
    if (before.name !== name) changes.push({ kind: 'renamed', what: 'handoff', name, before: before.name, after: name })
    changes.push(...fieldChanges('handoff', name, flatHandoff(before), flatHandoff(handoff)))
  }

  return changes
}

/** Pairs each handoff with its earlier form: by name, and then by identifier. */
function pair(from: readonly HandoffRecord[], to: readonly HandoffRecord[]): Map<HandoffRecord, HandoffRecord> {
  const byName = new Map(from.map((handoff) => [handoff.name, handoff]))
  const names = new Set(to.map(({ name }) => name))
  const renamed = new Map(from.flatMap((handoff) => (names.has(handoff.name) ? [] : [[handoff.id, handoff]])))
  const pairs = new Map<HandoffRecord, HandoffRecord>()
  for (const handoff of to) {
    const same = byName.get(handoff.name) ?? (handoff.id === undefined ? undefined : renamed.get(handoff.id))
    if (same) pairs.set(handoff, same)
  }

  return pairs
}

const nestedFields = ['headers', 'labels', 'caller_id', 'user_to_user', 'limit']

/** The fields of a handoff with their defaults; headers, labels and the like one by one. */
function flatHandoff(handoff: HandoffRecord): Map<string, unknown> {
  const fields = new Map<string, unknown>()
  for (const [field, { default: byDefault }] of Object.entries(HandoffSchema.properties) as [
    string,
    { default?: unknown },
  ][]) {
    const value: unknown = (handoff as Record<string, unknown>)[field] ?? byDefault
    if (field === 'name' || value === undefined) continue
    if (Array.isArray(value) && value.length === 0) continue
    if (!nestedFields.includes(field)) fields.set(field, value)
    else for (const [name, inner] of Object.entries(value as object)) fields.set(`${field}.${name}`, inner)
  }

  return fields
}

function fieldChanges(
  what: FieldChange['what'],
  name: string,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): FieldChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((field): FieldChange[] => {
    const [old, now] = [before.get(field), after.get(field)]
    return isSame(old, now) ? [] : [{ kind: 'changed', what, name, field, before: old, after: now }]
  })
}

/** Whether two values are the same but for the order of names. The texts as they are written are compared first: V8 writes them fast. */
function isSame(before: unknown, after: unknown): boolean {
  return (
    before === after ||
    JSON.stringify(before) === JSON.stringify(after) ||
    canonicalJson(before) === canonicalJson(after)
  )
}

function audioFiles({ audio = {} }: Table): { name: string; digest: string }[] {
  return Object.entries(audio).map(([name, digest]) => ({ name, digest }))
}

function listChanges(
  what: 'schedule' | 'rule' | 'audio',
  from: readonly { name: string }[],
  to: readonly { name: string }[],
): FieldChange[] {
  const before = new Map(from.map((entry) => [entry.name, entry]))
  const after = new Map(to.map((entry) => [entry.name, entry]))

  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name): FieldChange[] => {
    const [old, now] = [before.get(name), after.get(name)]
    if (!now) return [{ kind: 'removed', what, name }]
    if (!old) return [{ kind: 'added', what, name, after: now }]
    return isSame(old, now) ? [] : [{ kind: 'changed', what, name, before: old, after: now }]
  })
}

/** Rules that both tables have in another order, which matters since the first rule that matches wins. */
function moved(from: readonly { name: string }[], to: readonly { name: string }[]): FieldChange[] {
  const order = (list: readonly { name: string }[], other: readonly { name: string }[]): string[] =>
    list.filter(({ name }) => other.some((one) => one.name === name)).map(({ name }) => name)
  const [before, after] = [order(from, to), order(to, from)]

  return after.flatMap((name, i): FieldChange[] =>
    before[i] === name ? [] : [{ kind: 'moved', what: 'rule', name, before: before.indexOf(name) + 1, after: i + 1 }],
  )
}

/** One line for each change; '' without any. */
export function diffText(changes: readonly FieldChange[]): string {
  return changes.map((change) => `${line(change)}\n`).join('')
}

function line({ kind, what, name, field, before, after }: FieldChange): string {
  switch (kind) {
    case 'added':
      return `+ ${what} ${name}`
    case 'removed':
      return `- ${what} ${name}`
    case 'renamed':
      return `~ ${what} ${show(before)} is now ${show(after)}`
    case 'moved':
      return `~ ${what} ${name}: place ${show(before)} → ${show(after)}`
    case 'changed':
      return field === undefined ? `~ ${what} ${name}` : `~ ${what} ${name}: ${field} ${show(before)} → ${show(after)}`
  }
}

function show(value: unknown): string {
  if (value === undefined) return '(none)'

  return typeof value === 'string' ? value : JSON.stringify(value)
}

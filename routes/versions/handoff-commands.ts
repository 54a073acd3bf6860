/** Commands on the handoffs of a draft. Each makes a new table, which is then checked as every draft is. */
import { defined } from '../../base/defined.ts'
import { pointerTo, RoutesError, type Problem } from '../schema/errors.ts'
import type { HandoffRecord, RuleRecord, Table } from '../schema/project-file.ts'

export type HandoffCommand =
  | { do: 'create'; handoff: HandoffRecord }
  /** A field that is null is removed. A new name replaces the old one wherever the table names the handoff. */
  | { do: 'update'; name: string; changes: HandoffChanges }
  | { do: 'duplicate'; name: string; as: string }
  | { do: 'delete'; name: string }
  | { do: 'set_default'; name: string }

/** New values for fields of a handoff, null for those to remove; they are checked with the table. */
export type HandoffChanges = Readonly<{ name?: unknown } & Record<string, unknown>>

/** Throws RoutesError: 404 for an unknown handoff, 422 for a command that cannot be done. */
export function applyCommand(table: Table, command: HandoffCommand): Table {
  switch (command.do) {
    case 'create':
      return { ...table, handoffs: [...table.handoffs, command.handoff] }
    case 'update':
      return update(table, command.name, command.changes)
    case 'duplicate':
      return duplicate(table, command.name, command.as)
    case 'delete':
      return remove(table, command.name)
    case 'set_default':
      return setDefault(table, command.name)
  }
}

function indexOf(table: Table, name: string): number {
  const index = table.handoffs.findIndex((handoff) => handoff.name === name)
  if (index < 0) throw new RoutesError('unknown_handoff', `the draft has no handoff "${name}"`)

  return index
}

function update(table: Table, name: string, changes: HandoffChanges): Table {
  const index = indexOf(table, name)
  const merged: Record<string, unknown> = { ...table.handoffs[index], ...changes }
  for (const [field, value] of Object.entries(merged)) if (value === null) Reflect.deleteProperty(merged, field)
  const changed = { ...table, handoffs: table.handoffs.with(index, merged as HandoffRecord) }

  return typeof changes.name === 'string' && changes.name !== name ? renamed(changed, name, changes.name) : changed
}

function renamed(table: Table, from: string, to: string): Table {
  const follow = (names: string[]): string[] => names.map((name) => (name === from ? to : name))
  const rules = table.rules?.map((rule): RuleRecord => {
    const [handoff = rule.handoff] = follow([rule.handoff])
    return { ...rule, handoff, ...defined({ asked: rule.asked && follow(rule.asked) }) }
  })

  return {
    ...table,
    handoffs: table.handoffs.map((handoff) => ({
      ...handoff,
      ...defined({
        on_failure: handoff.on_failure && follow(handoff.on_failure),
        when_closed: handoff.when_closed && follow(handoff.when_closed),
      }),
    })),
    ...defined({ rules }),
  }
}

/** The copy is not the default, and has no identifier. */
function duplicate(table: Table, name: string, as: string): Table {
  const index = indexOf(table, name)
  const copy = structuredClone(table.handoffs[index] ?? { name })
  delete copy.id
  delete copy.default

  return { ...table, handoffs: table.handoffs.toSpliced(index + 1, 0, { ...copy, name: as }) }
}

function remove(table: Table, name: string): Table {
  const index = indexOf(table, name)
  const problems = [...uses(table, name)]
  if (table.handoffs[index]?.default === true) {
    const pointer = pointerTo('handoffs', index, 'default')
    problems.push({ pointer, problem: `${name} is the default`, hint: 'make another handoff the default first' })
  }
  if (problems.length) throw new RoutesError('invalid_command', `handoff "${name}" cannot be deleted`, problems)

  return { ...table, handoffs: table.handoffs.toSpliced(index, 1) }
}

/** The places that name a handoff. */
function* uses(table: Table, name: string): Generator<Problem> {
  const hint = 'take it out there first'
  for (const [i, handoff] of table.handoffs.entries()) {
    for (const field of ['on_failure', 'when_closed'] as const) {
      const j = handoff[field]?.indexOf(name) ?? -1
      if (j >= 0) yield { pointer: pointerTo('handoffs', i, field, j), problem: `${handoff.name} names it`, hint }
    }
  }
  for (const [i, rule] of (table.rules ?? []).entries()) {
    if (rule.handoff === name) {
      yield { pointer: pointerTo('rules', i, 'handoff'), problem: `rule ${rule.name} names it`, hint }
    }
    const j = rule.asked?.indexOf(name) ?? -1
    if (j >= 0) yield { pointer: pointerTo('rules', i, 'asked', j), problem: `rule ${rule.name} names it`, hint }
  }
}

function setDefault(table: Table, name: string): Table {
  indexOf(table, name)

  return {
    ...table,
    handoffs: table.handoffs.map((handoff) => {
      const other = { ...handoff }
      delete other.default
      return handoff.name === name ? { ...handoff, default: true } : other
    }),
  }
}

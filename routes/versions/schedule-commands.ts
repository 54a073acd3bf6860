/** Commands on the schedules of a draft. Each makes a new table, which is then checked as every draft is. */
import { defined } from '../../base/defined.ts'
import { pointerTo, RoutesError, type Problem } from '../schema/errors.ts'
import type { RuleRecord, Table } from '../schema/project-file.ts'
import type { ScheduleRecord } from '../schema/schedule-schema.ts'

export type ScheduleCommand =
  | { do: 'create_schedule'; schedule: ScheduleRecord }
  /** A field that is null is removed. A new name replaces the old one wherever the table names the schedule. */
  | { do: 'update_schedule'; name: string; changes: ScheduleChanges }
  | { do: 'delete_schedule'; name: string }

/** New values for fields of a schedule, null for those to remove; they are checked with the table. */
export type ScheduleChanges = Readonly<{ name?: unknown } & Record<string, unknown>>

/** Throws RoutesError: 404 for an unknown schedule, 422 for one that is still named. */
export function applyScheduleCommand(table: Table, command: ScheduleCommand): Table {
  const { schedules = [] } = table
  if (command.do === 'create_schedule') return { ...table, schedules: [...schedules, command.schedule] }
  const index = schedules.findIndex(({ name }) => name === command.name)
  if (index < 0) throw new RoutesError('unknown_schedule', `the draft has no schedule "${command.name}"`)
  if (command.do === 'delete_schedule') return removed(table, schedules, index)
  const merged: Record<string, unknown> = { ...schedules[index], ...command.changes }
  for (const [field, value] of Object.entries(merged)) if (value === null) Reflect.deleteProperty(merged, field)
  const changed = { ...table, schedules: schedules.with(index, merged as ScheduleRecord) }
  const { name } = command.changes

  return typeof name === 'string' && name !== command.name ? renamed(changed, command.name, name) : changed
}

function renamed({ rules, ...table }: Table, from: string, to: string): Table {
  const handoffs = table.handoffs.map((one) => (one.schedule === from ? { ...one, schedule: to } : one))
  const followed = rules?.map((rule): RuleRecord =>
    rule.when?.schedule === from ? { ...rule, when: { ...rule.when, schedule: to } } : rule,
  )

  return { ...table, handoffs, ...defined({ rules: followed }) }
}

function removed(table: Table, schedules: readonly ScheduleRecord[], index: number): Table {
  const name = schedules[index]?.name ?? ''
  const problems = [...uses(table, name)]
  if (problems.length) throw new RoutesError('invalid_command', `schedule "${name}" cannot be deleted`, problems)

  return { ...table, schedules: schedules.toSpliced(index, 1) }
}

/** The places that name a schedule. */
function* uses(table: Table, name: string): Generator<Problem> {
  const hint = 'take it out there first'
  for (const [i, { name: handoff, schedule }] of table.handoffs.entries()) {
    if (schedule === name) yield { pointer: pointerTo('handoffs', i, 'schedule'), problem: `${handoff} names it`, hint }
  }
  for (const [i, { name: rule, when }] of (table.rules ?? []).entries()) {
    if (when?.schedule !== name) continue
    yield { pointer: pointerTo('rules', i, 'when', 'schedule'), problem: `rule ${rule} names it`, hint }
  }
}

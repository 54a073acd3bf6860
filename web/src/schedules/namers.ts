import type { Table } from '../api/client'
import { texts } from '../texts'

/** The handoffs and rules of a table that name a schedule. */
export function namersOf({ handoffs, rules = [] }: Table, schedule: string): string[] {
  return [
    ...handoffs.filter((handoff) => handoff.schedule === schedule).map(({ name }) => name),
    ...rules.filter(({ when }) => when?.schedule === schedule).map(({ name }) => texts.schedules.rule(name)),
  ]
}

/** What of a release is open at a moment, until when, and where callers go. Pure. */
import { defined } from '../../base/defined.ts'
import type { SwitchRecord } from '../schema/switch.ts'
import { nextTransition, weekOf, type OpenDay } from '../table/schedule.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { switchOfHandoff, switchOfSchedule, type Switches } from '../table/switch-in-force.ts'

/** A schedule at a moment. Times are ISO 8601. */
interface ScheduleState {
  name: string
  timeZone: string
  open: boolean
  /** When that changes: the end of the switch that decides, else the next change of the hours; absent for never. */
  until?: string
  /** The id of the switch that decides. */
  switch?: string
  /** The handoffs and rules that name it. */
  handoffs: string[]
  rules: string[]
  /** The days of the week of that moment, from Monday on. */
  week: OpenDay[]
}

/** A handoff at a moment. Times are ISO 8601. */
interface HandoffState {
  name: string
  /** Whether its callers reach it: it is active, and neither its schedule nor a switch closes or diverts it. */
  open: boolean
  /** When that changes, as far as its schedule and its switch say. */
  until?: string
  schedule?: string
  /** The id of the switch that decides. */
  switch?: string
  /** The handoffs that a caller is offered to, in order. */
  goesTo: string[]
}

export interface Openings {
  schedules: ScheduleState[]
  handoffs: HandoffState[]
}

/** The state of every schedule and every handoff of a release at a moment (milliseconds since the epoch). */
export function openingsAt(pinned: PinnedTable, switches: Switches, at: number): Openings {
  const { handoffs, table } = pinned
  const changes = new Map([...table.schedules].map(([name, schedule]) => [name, nextTransition(schedule, at)]))

  return {
    schedules: [...table.schedules.values()].map((schedule): ScheduleState => {
      const { name, time_zone: timeZone } = schedule
      const by = switchOfSchedule(name, switches, at)

      return {
        ...{ name, timeZone, open: pinned.isScheduleOpen(name, at, switches) },
        ...endOf(by, changes.get(name)),
        handoffs: handoffs.filter((handoff) => handoff.schedule === name).map((handoff) => handoff.name),
        rules: table.rules.filter(({ when }) => when?.schedule === name).map((rule) => rule.name),
        week: weekOf(schedule, at),
      }
    }),
    handoffs: handoffs.map((handoff): HandoffState => {
      const { name, schedule } = handoff
      const by = switchOfHandoff(handoff, switches, at)
      const tried = pinned.chain(name, at, switches).filter(({ passedOver }) => !passedOver)

      return {
        ...{ name, open: tried[0]?.handoff === handoff },
        ...endOf(by, schedule === undefined ? undefined : changes.get(schedule)),
        ...defined({ schedule }),
        goesTo: tried.map((link) => link.handoff.name),
      }
    }),
  }
}

/** The end of the switch that decides, else the next change of the hours (milliseconds since the epoch). */
function endOf(by: SwitchRecord | undefined, change: number | undefined): { switch?: string; until?: string } {
  if (by) return defined({ switch: by.id, until: by.until })

  return defined({ until: change === undefined ? undefined : new Date(change).toISOString() })
}

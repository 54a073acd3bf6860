/** Which switch decides about a handoff or a schedule at a moment. Pure. */
import type { SwitchRecord } from '../schema/switch.ts'
import type { Handoff } from './table.ts'

/** The switches of an environment, oldest first. */
export type Switches = readonly SwitchRecord[]

export const noSwitches: Switches = []

/** Whether a switch has not expired at a moment (milliseconds since the epoch). */
export function isInForce({ until }: SwitchRecord, at: number): boolean {
  return until === undefined || at < Date.parse(until)
}

/**
 * The switch that decides about a handoff: the newest of its own, else the newest of its schedule. The target of a
 * schedule's divert may have the same schedule, and is then not diverted to itself.
 */
export function switchOfHandoff(
  { name, schedule }: Pick<Handoff, 'name' | 'schedule'>,
  switches: Switches,
  at: number,
): SwitchRecord | undefined {
  if (switches.length === 0) return undefined
  const own = switches.findLast((one) => one.handoff === name && isInForce(one, at))
  if (own || schedule === undefined) return own

  return switches.findLast((one) => one.schedule === schedule && one.to !== name && isInForce(one, at))
}

/** The switch that decides about a schedule: the newest. */
export function switchOfSchedule(name: string, switches: Switches, at: number): SwitchRecord | undefined {
  return switches.findLast((one) => one.schedule === name && isInForce(one, at))
}

/** The older switches for the same handoff or schedule, in force but for this one. */
export function olderThan(one: SwitchRecord, switches: Switches, at: number): SwitchRecord[] {
  return switches.slice(0, switches.indexOf(one)).filter((other) => isSameSubject(one, other) && isInForce(other, at))
}

/** The newest switch for the same handoff or schedule, when it is not this one. */
export function newerThan(one: SwitchRecord, switches: Switches, at: number): SwitchRecord | undefined {
  const newest = switches.findLast((other) => isSameSubject(one, other) && isInForce(other, at))

  return newest?.id === one.id ? undefined : newest
}

function isSameSubject(one: SwitchRecord, other: SwitchRecord): boolean {
  return one.handoff === other.handoff && one.schedule === other.schedule
}

/**
 * The handoffs of a circle that diverts would make at a moment, in order and with the first again at the end; undefined
 * without one.
 */
export function divertCircle(handoffs: readonly Handoff[], switches: Switches, at: number): string[] | undefined {
  const target = new Map<string, string>()
  for (const handoff of handoffs) {
    const by = switchOfHandoff(handoff, switches, at)
    if (by?.action === 'divert' && by.to !== undefined) target.set(handoff.name, by.to)
  }
  for (const start of target.keys()) {
    const path = [start]
    for (let next = target.get(start); next !== undefined; next = target.get(next)) {
      const seen = path.indexOf(next)
      path.push(next)
      if (seen >= 0) return path.slice(seen)
    }
  }

  return undefined
}

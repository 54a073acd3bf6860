/** The switches of an environment, as pure functions of a project's record: set, removed, expired. */
import { randomUUID } from 'node:crypto'
import { pointerTo, RoutesError, type Problem } from '../schema/errors.ts'
import type { EnvironmentName } from '../schema/project-file.ts'
import { describeSwitch, nextOpeningWord, type SwitchAction, type SwitchRecord } from '../schema/switch.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { nextOpening } from '../table/schedule.ts'
import { divertCircle, isInForce, newerThan, type Switches } from '../table/switch-in-force.ts'
import { defined } from '../../base/defined.ts'
import { changed, iso, type ChangeContext, type StoreChange } from './changes.ts'
import type { ProjectRecord } from './record.ts'

/** Switches that an environment may have at a time. */
const maxSwitches = 200

/** An operator's request for a switch. */
export interface SwitchRequest {
  handoff?: string | undefined
  schedule?: string | undefined
  action: SwitchAction
  /** The handoff that callers are sent to by a divert. */
  to?: string | undefined
  /** ISO 8601, or `next_opening` of the schedule; without it, the switch stays until it is removed. */
  until?: string | undefined
  reason: string
}

/** The switches of an environment, oldest first, those that have expired and are still stored included. */
export function switchesOf(record: Pick<ProjectRecord, 'switches'>, environment: EnvironmentName): Switches {
  return record.switches?.[environment] ?? []
}

/**
 * Sets a switch. Throws 422 naming every mistake: a handoff, schedule or target that the environment does not run, a time
 * that has passed, diverts in a circle.
 */
export function setSwitch(
  record: ProjectRecord,
  pinned: PinnedTable,
  request: SwitchRequest,
  context: ChangeContext,
): { change: StoreChange; set: SwitchRecord } {
  const { environment } = pinned
  const stored = switchesOf(record, environment)
  const set = checkedSwitch(pinned, request, context)
  const switches = [...stored, set]
  const problems = circles(pinned, switches, context.now)
  if (switches.length > maxSwitches) {
    problems.push({ pointer: '', problem: `${environment} has ${maxSwitches} switches`, hint: 'remove some first' })
  }
  if (problems.length > 0) throw invalid(problems)
  const before = decider(set, stored, context.now)
  const note = { action: 'switch_set', environment, before, after: describeSwitch(set) } as const

  return { set, change: withSwitches(record, environment, switches, context, note) }
}

/** Removes a switch. Throws 404. */
export function removeSwitch(
  record: ProjectRecord,
  environment: EnvironmentName,
  id: string,
  context: ChangeContext,
): { change: StoreChange; removed: SwitchRecord } {
  const stored = switchesOf(record, environment)
  const removed = stored.find((one) => one.id === id && isInForce(one, context.now))
  if (!removed) {
    throw new RoutesError('unknown_switch', `${environment} of ${record.project} has no switch ${id}, or no longer`)
  }
  const left = stored.filter((one) => one !== removed)
  const after = decider(removed, left, context.now)
  const note = { action: 'switch_removed', environment, before: describeSwitch(removed), after } as const

  return { removed, change: withSwitches(record, environment, left, context, note) }
}

/** Takes out the first switch that has expired; undefined when none has. */
export function expireSwitch(record: ProjectRecord, context: ChangeContext): StoreChange | undefined {
  for (const [environment, stored] of Object.entries(record.switches ?? {}) as [EnvironmentName, Switches][]) {
    const expired = stored.find((one) => !isInForce(one, context.now))
    if (!expired) continue
    const left = stored.filter((one) => one !== expired)
    const after = decider(expired, left, context.now)
    const note = { action: 'switch_expired', environment, before: describeSwitch(expired), after } as const

    return withSwitches(record, environment, left, context, note)
  }

  return undefined
}

/** For the history: the switch that decides for the same subject without this one; null where there is none. */
function decider(one: SwitchRecord, others: Switches, now: number): string | null {
  const newest = newerThan(one, others, now)

  return newest ? describeSwitch(newest) : null
}

function withSwitches(
  record: ProjectRecord,
  environment: EnvironmentName,
  switches: Switches,
  context: ChangeContext,
  note: Parameters<typeof changed>[2],
): StoreChange {
  const next = { ...record.switches, [environment]: [...switches] }

  return { record: changed({ ...record, switches: next }, context, note) }
}

function checkedSwitch(pinned: PinnedTable, request: SwitchRequest, context: ChangeContext): SwitchRecord {
  const { action, reason } = request
  const { who: by, from } = context.actor
  const subject = subjectIn(pinned, request)
  const target = targetIn(pinned, request)
  const end = endOf(pinned, request, context.now)
  const problems = [...subject.problems, ...target.problems, ...end.problems]
  if (target.to !== undefined && target.to === subject.handoff) {
    problems.push({ pointer: '/to', problem: `${target.to} would be diverted to itself`, hint: 'name another handoff' })
  }
  if (problems.length > 0) throw invalid(problems)

  return {
    id: randomUUID().slice(0, 8),
    ...defined({ handoff: subject.handoff, schedule: subject.schedule }),
    action,
    ...defined({ to: target.to, until: end.until, nextOpening: end.nextOpening }),
    ...{ reason, by, from, at: iso(context.now) },
  }
}

/** The handoff or schedule that a request names, as the table writes it. */
function subjectIn(
  pinned: PinnedTable,
  { handoff, schedule }: SwitchRequest,
): { handoff?: string; schedule?: string; problems: Problem[] } {
  if ((handoff === undefined) === (schedule === undefined)) {
    return {
      problems: [{ pointer: '', problem: 'a switch is for a handoff or for a schedule', hint: 'name one of them' }],
    }
  }
  if (schedule !== undefined) {
    return pinned.table.schedules.has(schedule)
      ? { schedule, problems: [] }
      : { problems: [missing(pinned, 'schedule', schedule, [...pinned.table.schedules.keys()])] }
  }
  const found = pinned.handoff(handoff ?? '')

  return found
    ? { handoff: found.name, problems: [] }
    : { problems: [missing(pinned, 'handoff', handoff ?? '', namesOf(pinned))] }
}

function targetIn(pinned: PinnedTable, { action, to }: SwitchRequest): { to?: string; problems: Problem[] } {
  if (action !== 'divert') {
    const problem = { pointer: '/to', problem: `to ${action} sends callers nowhere`, hint: 'leave `to` out' }

    return { problems: to === undefined ? [] : [problem] }
  }
  if (to === undefined) {
    return {
      problems: [{ pointer: '/to', problem: 'a divert needs a target', hint: 'name the handoff that callers get' }],
    }
  }
  const found = pinned.handoff(to)
  if (!found) return { problems: [missing(pinned, 'to', to, namesOf(pinned))] }
  if (!found.active) {
    return { problems: [{ pointer: '/to', problem: `${found.name} is not active`, hint: 'name an active handoff' }] }
  }

  return { to: found.name, problems: [] }
}

function endOf(
  pinned: PinnedTable,
  { handoff, schedule: named, until }: SwitchRequest,
  now: number,
): { until?: string; nextOpening?: true; problems: Problem[] } {
  if (until === undefined) return { problems: [] }
  const mistake = (problem: string, hint: string) => ({ problems: [{ pointer: '/until', problem, hint }] })
  if (until !== nextOpeningWord) {
    const at = Date.parse(until)
    if (at > now) return { until: iso(at), problems: [] }

    return mistake(`${until} has passed`, `give a time in the future, or ${nextOpeningWord}`)
  }
  const name = named ?? pinned.handoff(handoff ?? '')?.schedule
  const schedule = name === undefined ? undefined : pinned.table.schedules.get(name)
  if (!schedule) return mistake(`${handoff ?? named ?? ''} has no schedule that opens`, 'give a time')
  const opening = nextOpening(schedule, now)
  if (opening === undefined) return mistake(`${schedule.name} does not open within a year`, 'give a time')

  return { until: iso(opening), nextOpening: true, problems: [] }
}

/** Circles of diverts now, and at each moment when a switch expires and an older one decides again. */
function circles(pinned: PinnedTable, switches: Switches, now: number): Problem[] {
  const moments = [now, ...switches.flatMap(({ until }) => (until === undefined ? [] : [Date.parse(until)]))]
  for (const at of moments) {
    const circle = at < now ? undefined : divertCircle(pinned.handoffs, switches, at)
    if (!circle) continue
    const hint = 'name another handoff, or remove a divert first'

    return [{ pointer: '/to', problem: `callers would be sent in a circle: ${circle.join(' → ')}`, hint }]
  }

  return []
}

function namesOf({ handoffs }: PinnedTable): string[] {
  return handoffs.map(({ name }) => name)
}

function missing(pinned: PinnedTable, field: string, given: string, names: readonly string[]): Problem {
  const { environment, version } = pinned
  const hint = names.length === 0 ? 'it has none' : `it has ${names.slice(0, 20).join(', ')}`

  return { pointer: pointerTo(field), problem: `${environment} runs version ${version}, which has no "${given}"`, hint }
}

function invalid(problems: readonly Problem[]): RoutesError {
  return new RoutesError('invalid_switch', problems.map(({ problem }) => problem).join('; '), problems)
}

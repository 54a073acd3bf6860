import type { PinnedTable, Warning } from '../../routes/index.ts'
import type { AttemptView } from '../legs/views.ts'
import { needsOfAgent, needsOfProject, type FullLimit, type LimitNeed, type Limits } from '../limits/index.ts'

type Room = Pick<Limits, 'lacking'>

/** Which handoff, trunk or gateway is full, where a line of evidence says so. */
function fullIn(line: string): string | undefined {
  const what = line.replace(/^no (?:INVITE to \S+|REFER): /, '')
  const isFull = /^(?:handoff|trunk|gateway) /.test(what) && / has \d{1,9} (?:of|waiting)/.test(what)

  return isFull ? what : undefined
}

/** Says what of an attempt is full now, and what would happen to the call. */
export function fullWarnings({ handoff, evidence }: AttemptView, next: AttemptView | undefined): Warning[] {
  const lines = evidence.map(({ what }) => what)
  const told = new Map<string, Warning>()
  for (const [at, line] of lines.entries()) {
    const what = fullIn(line)
    if (what === undefined) continue
    const then = sentAfter(lines.slice(at + 1)) ?? afterAttempt(handoff, next)
    if (!told.has(what)) told.set(what, { code: 'overflow', detail: `${what}; ${then}`, handoff })
  }

  return [...told.values()]
}

/** What the attempt sends, or waits for, all the same. */
function sentAfter(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const seconds = /^waits for room, for (\d+) s/.exec(line)?.[1]
    if (seconds !== undefined) return `a call would wait for room, for ${seconds} s at most`
    const called = /^INVITE (\S+)/.exec(line)?.[1]
    if (called !== undefined) return `${called} would be called`
  }

  return undefined
}

function afterAttempt(handoff: string, next: AttemptView | undefined): string {
  if (!next) return 'the transfer would fail as overflow'

  return next.handoff === handoff ? 'it would be bridged by INVITE' : `${next.handoff} would be tried next`
}

/** Says that a project, an environment or an agent takes no new call now, and what a caller would meet. */
export function newCallWarnings(pinned: PinnedTable, room: Room): Warning[] {
  const project = room.lacking(needsOfProject(pinned))
  if (project) return [warningOf(project, 'a new call would be refused with 503')]
  const agents = pinned.agentChoices.all.map((agent) => ({ agent, full: room.lacking(needsOfAgent(agent, pinned)) }))
  const open = agents.find(({ full }) => !full)
  const { agentDown } = pinned.settings
  const allFull = agentDown === undefined ? 'a new call would be refused with 503' : `callers would get ${agentDown}`
  const then = open ? `${open.agent.uri} would be called` : allFull
  const told = new Map<string, Warning>()
  for (const { full } of agents) if (full) told.set(full.need.key, warningOf(full, then))

  return [...told.values()]
}

function warningOf({ what, need }: FullLimit, then: string): Warning {
  return { code: 'overflow', detail: `${what}; ${waitOf(need) ?? then}` }
}

function waitOf({ limit: { queue = 0 } }: LimitNeed): string | undefined {
  return queue > 0 ? `a new call would wait for room, for ${queue} s at most` : undefined
}

/** The release that a call uses from its INVITE to its end. */
import type { Recording } from '../schema/handoff-media.ts'
import type { Announcement } from './handoff-media.ts'
import type { Probe } from '../../base/probe.ts'
import { Choices, type Limit, type WrittenChoice } from '../../base/choice.ts'
import { isOpen } from './schedule.ts'
import type { EnvironmentName } from '../schema/project-file.ts'
import type { SwitchRecord } from '../schema/switch.ts'
import { noSwitches, switchOfHandoff, switchOfSchedule, type Switches } from './switch-in-force.ts'
import type { CompiledTable, Handoff } from './table.ts'

export interface PinnedSettings {
  /** The name of the handoff that callers get when no agent answers. */
  readonly agentDown: string | undefined
  /** Seconds in which an agent must send a response to the INVITE, 100 included; 0: no limit. */
  readonly progressTimeout: number
  /** How its agents are asked by OPTIONS whether they are well. */
  readonly probe: Probe
  /** The calls that the agents of the environment may have together. */
  readonly limit?: Limit
  /** The calls that the project may have. */
  readonly projectLimit?: Limit
  /** Whether an agent may ask for a raw number or URI. */
  readonly adhoc: boolean
  /** Beginnings of numbers and URIs that an agent may never ask for. */
  readonly adhocDeny: readonly string[]
  /** Beginnings of numbers that an agent may ask for although they are denied by default. */
  readonly adhocAllow: readonly string[]
  /** Private hosts, with or without a port, that an agent may ask for. */
  readonly adhocHosts: readonly string[]
  /** Whether an agent may call a handoff itself, to ask before it transfers. */
  readonly consult: boolean
  /** What is recorded where a handoff names nothing else. */
  readonly recording: Recording
  /** What the caller hears before anything is recorded. */
  readonly recordingNotice: Announcement | undefined
}

interface PinnedParts {
  project: string
  environment: EnvironmentName
  release: number
  version: number
  digest: string
  numbers: readonly string[]
  /** The agents, as they are written. */
  agents: readonly WrittenChoice[]
  variables: Readonly<Record<string, string>>
  settings: PinnedSettings
  table: CompiledTable
}

/** One release of an environment: a version of the table and the settings, as they were when the call began. */
export class PinnedTable {
  readonly project: string
  readonly environment: EnvironmentName
  readonly release: number
  readonly version: number
  readonly digest: string
  /** The numbers that reach it, E.164. */
  readonly numbers: readonly string[]
  /** The agents' URIs, by priority. */
  readonly agents: readonly string[]
  readonly agentChoices: Choices
  readonly variables: Readonly<Record<string, string>>
  readonly settings: PinnedSettings
  readonly table: CompiledTable

  constructor(parts: PinnedParts) {
    this.project = parts.project
    this.environment = parts.environment
    this.release = parts.release
    this.version = parts.version
    this.digest = parts.digest
    this.numbers = parts.numbers
    this.agentChoices = new Choices(parts.agents)
    this.agents = this.agentChoices.uris
    this.variables = parts.variables
    this.settings = parts.settings
    this.table = parts.table
  }

  /** A copy in which this handoff is active and always open, and no rule diverts callers: a rehearsal tries it by itself. */
  opened(name: string): PinnedTable {
    const open = (handoff: Handoff): Handoff =>
      handoff.name === name ? { ...handoff, active: true, schedule: undefined } : handoff
    const handoffs = this.handoffs.map(open)
    const byName = new Map(handoffs.map((handoff) => [handoff.name, handoff]))
    const table = { ...this.table, handoffs, byName, default: open(this.default), rules: [] }

    const { project, environment, release, version, digest, numbers, variables, settings } = this
    const agents = this.agentChoices.all

    return new PinnedTable({
      ...{ project, environment, release, version, digest, numbers, agents, variables, settings, table },
    })
  }

  get handoffs(): readonly Handoff[] {
    return this.table.handoffs
  }

  get default(): Handoff {
    return this.table.default
  }

  /** A handoff by its name, in any case: an agent's text often comes from speech recognition or a language model. */
  handoff(name: string): Handoff | undefined {
    const exact = this.table.byName.get(name)
    if (exact) return exact
    const folded = name.toLowerCase()

    return this.handoffs.find((handoff) => handoff.name.toLowerCase() === folded)
  }

  /**
   * Whether a handoff's schedule is open at a time (milliseconds since the epoch); a handoff without one is open, and one
   * that a switch opens.
   */
  isOpen(handoff: Handoff, at: number, switches: Switches = noSwitches): boolean {
    const { schedule } = handoff
    if (schedule === undefined || switchOfHandoff(handoff, switches, at)?.action === 'open') return true

    return this.isScheduleOpen(schedule, at)
  }

  /** Whether a schedule is open at a time: its newest switch decides, else its hours. */
  isScheduleOpen(name: string, at: number, switches: Switches = noSwitches): boolean {
    const by = switchOfSchedule(name, switches, at)
    if (by && by.action !== 'divert') return by.action === 'open'
    const schedule = this.table.schedules.get(name)

    return schedule === undefined || isOpen(schedule, at)
  }

  /**
   * The handoffs to try for a name, in order and each once: the handoff, those under its `on_failure`, and those under
   * theirs. An inactive handoff is replaced by its `on_failure`, a closed one by its `when_closed`. One that a switch
   * closes stays in the chain as passed over, followed by its `when_closed`, or by its `on_failure` without one; one that
   * is diverted, by the target.
   */
  chain(name: string, at: number = Date.now(), switches: Switches = noSwitches): ChainLink[] {
    const seen = new Set<string>()
    const chain: ChainLink[] = []
    const add = (next: string): void => {
      const handoff = this.handoff(next)
      if (!handoff || seen.has(handoff.name)) return
      seen.add(handoff.name)
      const passedOver = handoff.active ? this.#closingSwitch(handoff, at, switches) : undefined
      if (passedOver) {
        chain.push({ handoff, passedOver })
        insteadOf(handoff, passedOver).forEach(add)
      } else if (!handoff.active) handoff.onFailure.forEach(add)
      else if (this.isOpen(handoff, at, switches)) {
        chain.push({ handoff })
        handoff.onFailure.forEach(add)
      } else handoff.whenClosed.forEach(add)
    }
    add(name)

    return chain
  }

  /** The switch that closes or diverts a handoff. A divert to a handoff that this release does not have is void. */
  #closingSwitch(handoff: Handoff, at: number, switches: Switches): SwitchRecord | undefined {
    const by = switchOfHandoff(handoff, switches, at)
    if (by?.action === 'divert') return by.to !== undefined && this.handoff(by.to) ? by : undefined

    return by?.action === 'close' ? by : undefined
  }
}

/** The names that follow a handoff which a switch closes or diverts. */
function insteadOf({ whenClosed, onFailure }: Handoff, { to }: SwitchRecord): readonly string[] {
  if (to !== undefined) return [to]

  return whenClosed.length > 0 ? whenClosed : onFailure
}

/** A handoff of a chain: it is tried in its turn, unless a switch passes it over. */
export interface ChainLink {
  readonly handoff: Handoff
  readonly passedOver?: SwitchRecord
}

/** The switches of environments: set and removed by operators, and taken out when they have expired. */
import { defined } from '../base/defined.ts'
import type { Environments } from './environments.ts'
import type { Cache } from './store/cache.ts'
import { existing, type Journal } from './store/journal.ts'
import type { ServedProject } from './store/served.ts'
import type { StoreLog } from './store/store.ts'
import { RoutesError } from './schema/errors.ts'
import { environmentNamed, environmentNames, type EnvironmentName } from './schema/project-file.ts'
import type { SwitchRecord } from './schema/switch.ts'
import type { PinnedTable } from './table/pinned.ts'
import { isInForce, newerThan, noSwitches, olderThan, switchOfHandoff, type Switches } from './table/switch-in-force.ts'
import type { ChangeContext } from './versions/changes.ts'
import type { Actor, ProjectRecord } from './versions/record.ts'
import type { SwitchEvent } from './views.ts'
import { expireSwitch, removeSwitch, setSwitch, switchesOf, type SwitchRequest } from './versions/switch-changes.ts'

/** A switch as the API shows it. */
export interface SwitchView extends SwitchRecord {
  /** The handoffs that it decides about now. */
  handoffs: string[]
  /** The id of the newer switch for the same handoff or schedule, which decides in its place. */
  overriddenBy?: string
}

/** A switch that has just been set: with the older ones that it replaces, and what an operator should know. */
export interface NewSwitch extends SwitchView {
  overrides: string[]
  notes: string[]
}

interface SwitchesOptions {
  journal: Journal
  cache: Cache
  environments: Pick<Environments, 'running'>
  log: StoreLog
  /** Milliseconds since the epoch. */
  now: () => number
  switched: (event: SwitchEvent) => void
}

/** Longest time between two looks at what has expired: Node's timers are no longer than 24 days, and clocks are set. */
const maxExpiryCheckMs = 60_000
/** Time before another attempt to take out an expired switch, while the store refuses. */
const expiryRetryMs = 5000

export class EnvironmentSwitches {
  readonly #options: SwitchesOptions
  #timer: NodeJS.Timeout | undefined
  #expiring: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: SwitchesOptions) {
    this.#options = options
  }

  /** The switches of an environment, oldest first, from memory. Some may have expired: each decision takes the moment. */
  of(project: string, environment: EnvironmentName): Switches {
    return this.#options.cache.get(project)?.record.switches?.[environment] ?? noSwitches
  }

  /** The switches in force, newest first. Throws 404. */
  list(project: string, environment: string): SwitchView[] {
    const { pinned, switches } = this.#found(project, environment)

    return switches.map((one) => this.#view(one, switches, pinned)).reverse()
  }

  /** Throws 404, and 422 naming every mistake. */
  async set(project: string, environment: string, request: SwitchRequest, actor: Actor): Promise<NewSwitch> {
    const { journal, environments, now } = this.#options
    let made: SwitchRecord | undefined
    await journal.change(project, actor, (stored, context) => {
      const pinned = environments.running(project, environment)
      const { change, set } = setSwitch(existing(stored, project), pinned, request, context)
      made = set

      return change
    })
    if (!made) throw new TypeError('no switch was set')
    const { pinned, switches } = this.#found(project, environment)
    const set = made
    const older = olderThan(set, switches, now())

    return {
      ...this.#view(set, switches, pinned),
      overrides: older.map(({ id }) => id),
      notes: pinned ? [...notesOf(set, older, pinned, switches, now())] : [],
    }
  }

  /** Throws 404. */
  async remove(project: string, environment: string, id: string, actor: Actor): Promise<SwitchRecord> {
    let gone: SwitchRecord | undefined
    await this.#options.journal.change(project, actor, (stored, context) => {
      const record = existing(stored, project)
      const { change, removed } = removeSwitch(record, this.#name(project, environment), id, context)
      gone = removed

      return change
    })
    if (!gone) throw new TypeError('no switch was removed')

    return gone
  }

  /** When the switches in force of an environment end, in milliseconds since the epoch; Infinity for those that do not. */
  active(): { project: string; environment: EnvironmentName; action: SwitchRecord['action']; until: number }[] {
    const at = this.#options.now()

    return this.#all()
      .filter(({ one }) => isInForce(one, at))
      .map(({ project, environment, one: { action, until } }) => ({
        ...{ project, environment, action },
        until: until === undefined ? Infinity : Date.parse(until),
      }))
  }

  /** Follows a project that was replaced in memory. At start, `before` is undefined: switches of earlier are no news. */
  served({ record }: ServedProject, before: ServedProject | undefined): void {
    const at = this.#options.now()
    for (const environment of before ? environmentNames : []) {
      const [then, now] = [before?.record, record].map((one) => (one ? switchesOf(one, environment) : noSwitches))
      const tell = (type: SwitchEvent['type'], one: SwitchRecord): void => {
        this.#options.switched({ type, project: record.project, environment, switch: one, entry: record.entry })
      }
      for (const one of then ?? []) if (!has(now, one)) tell(isInForce(one, at) ? 'removed' : 'expired', one)
      for (const one of now ?? []) if (!has(then, one)) tell('set', one)
    }
    this.#arm()
  }

  /** Resolves when no expired switch is being taken out. None is afterwards. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#expiring
  }

  /** Wakes when the next switch expires. */
  #arm(delayMs?: number): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    const ends = this.#all().flatMap(({ one: { until } }) => (until === undefined ? [] : [Date.parse(until)]))
    if (ends.length === 0) return
    const wait = delayMs ?? Math.min(Math.max(0, Math.min(...ends) - this.#options.now()), maxExpiryCheckMs)
    this.#timer = setTimeout(() => {
      this.#expiring = this.#expire()
    }, wait)
    this.#timer.unref()
  }

  /**
   * Of several processes the first takes an expired switch out; the others find nothing to do, and look again unless they
   * are told of that before.
   */
  async #expire(): Promise<void> {
    const { cache, journal, now, log } = this.#options
    const actor: Actor = { who: 'baton', from: 'switch', why: 'its time is over' }
    const hasExpired = (project: string): boolean => {
      const record = cache.get(project)?.record

      return record !== undefined && expireSwitch(record, { actor, now: now() }) !== undefined
    }
    let isLeft = false
    for (const project of [...cache.all()].map(({ record }) => record.project).filter(hasExpired)) {
      try {
        const decide = (stored: ProjectRecord | undefined, context: ChangeContext) =>
          stored && expireSwitch(stored, context)
        while (await journal.changeIf(project, actor, decide));
      } catch (error) {
        log.warn(`a switch that has expired is not taken out yet: ${String(error)}`, { project })
      }
      isLeft ||= hasExpired(project)
    }
    this.#arm(isLeft ? expiryRetryMs : undefined)
  }

  /** The stored switches of every project, those that have expired included. */
  #all(): { project: string; environment: EnvironmentName; one: SwitchRecord }[] {
    return [...this.#options.cache.all()].flatMap(({ record }) =>
      environmentNames.flatMap((environment) =>
        switchesOf(record, environment).map((one) => ({ project: record.project, environment, one })),
      ),
    )
  }

  #view(one: SwitchRecord, switches: Switches, pinned: PinnedTable | undefined): SwitchView {
    const at = this.#options.now()
    const newer = newerThan(one, switches, at)
    const handoffs = pinned?.handoffs.filter((handoff) => switchOfHandoff(handoff, switches, at)?.id === one.id) ?? []

    return { ...one, handoffs: handoffs.map(({ name }) => name), ...defined({ overriddenBy: newer?.id }) }
  }

  /** Throws 404. */
  #found(project: string, environment: string): { pinned: PinnedTable | undefined; switches: Switches } {
    const name = this.#name(project, environment)
    const at = this.#options.now()
    const switches = this.of(project, name).filter((one) => isInForce(one, at))

    return { pinned: this.#options.cache.get(project)?.environments.get(name)?.main, switches }
  }

  /** Throws 404. */
  #name(project: string, environment: string): EnvironmentName {
    const record = existing(this.#options.cache.get(project)?.record, project)
    const name = environmentNamed(environment)
    if (name && (record.environments[name] ?? record.promoted[name])) return name
    throw new RoutesError('unknown_environment', `project ${project} has no environment "${environment}"`)
  }
}

function has(switches: Switches | undefined, { id }: SwitchRecord): boolean {
  return switches?.some((one) => one.id === id) ?? false
}

/** What an operator should know of a switch that was just set. */
function* notesOf(
  set: SwitchRecord,
  older: readonly SwitchRecord[],
  pinned: PinnedTable,
  switches: Switches,
  at: number,
): Generator<string> {
  for (const { id, action, by, until } of older) {
    const end = until === undefined ? 'without an end' : `until ${until}`
    yield `it is newer than the ${action} of ${by} ${end} (${id}), which decides again when this one ends before it`
  }
  const named = pinned.handoff(set.handoff ?? '')
  if (
    set.action === 'close' &&
    named &&
    !pinned.chain(named.name, at, switches).some(({ passedOver }) => !passedOver)
  ) {
    yield named.default
      ? `${named.name} is the default and names no other handoff: transfers to it fail meanwhile`
      : `${named.name} names no other handoff: its callers get the default, ${pinned.default.name}`
  }
}

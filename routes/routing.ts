/** Routing tables as the rest of Baton uses them: reads from memory, changes through the store. */
import { EventEmitter } from 'node:events'
import { stringify } from 'yaml'
import { Cache, type CacheHealth, type NumberOwner } from './cache.ts'
import { importProject, promote, publish, restore, rollback, saveDraft, type Change, type Context } from './changes.ts'
import { checkProject, checkTable, knownVariables } from './check.ts'
import { digestOf } from './digest.ts'
import { mistakes, readDocument, type SourceText } from './document.ts'
import { pointerTo, RoutesError, type Problem } from './errors.ts'
import { LastGood } from './last-good.ts'
import type { PinnedTable } from './pinned.ts'
import {
  Damaged,
  summaryOf,
  type Actor,
  type HistoryEntry,
  type ProjectRecord,
  type Version,
  type VersionSummary,
} from './record.ts'
import {
  environmentNames,
  type EnvironmentName,
  type EnvironmentRecord,
  type ProjectFile,
  type Table,
} from './schema.ts'
import { pinnedFor, type Served } from './served.ts'
import { silent, type Log, type Store } from './store.ts'

/** An environment runs another version, in this process or because of another one. */
export interface Promoted {
  project: string
  environment: EnvironmentName
  version: number
  previous: number | undefined
  /** What history says of it. */
  entry: HistoryEntry
}

export interface RoutingEvents {
  /** Anything of a project has changed. */
  changed: [project: string]
  promoted: [promoted: Promoted]
}

/** A project as the API shows it. */
export interface ProjectView {
  project: string
  settings: ProjectRecord['settings']
  environments: Partial<Record<EnvironmentName, EnvironmentRecord & { version?: number; promotedAt?: string }>>
  draft: { digest: string }
  lastVersion: number
}

export interface RoutingOptions {
  store: Store
  log?: Log
  /** Milliseconds since the epoch. */
  now?: () => number
  /** The folder for the last good copies. */
  lastGoodDir?: string
  /** Milliseconds between two looks at the store; 500. */
  pollInterval?: number
}

export class Routing extends EventEmitter<RoutingEvents> {
  readonly #store: Store
  readonly #log: Log
  readonly #now: () => number
  readonly #cache: Cache

  private constructor({ store, log = silent, now = Date.now, lastGoodDir, pollInterval = 500 }: RoutingOptions) {
    super()
    this.#store = store
    this.#log = log
    this.#now = now
    this.#cache = new Cache({
      store,
      log,
      now,
      lastGood: lastGoodDir === undefined ? undefined : new LastGood(lastGoodDir, log),
      pollInterval,
      restore: (served, stored) => this.#restore(served, stored),
      replaced: (served, before) => {
        this.#announce(served, before)
      },
    })
  }

  /** Loads every project into memory, from the store or from the last good copies. */
  static async open(options: RoutingOptions): Promise<Routing> {
    const routing = new Routing(options)
    await routing.#cache.start()

    return routing
  }

  /** Idempotent. Closes the store too. */
  async close(): Promise<void> {
    await this.#cache.close()
    await this.#store.close()
    this.removeAllListeners()
  }

  // Read from memory, at once.

  /** Whose number was dialled: a number, a user part, or a sip: or tel: URI. Compared as E.164. */
  findNumber(dialled: string, country?: string): NumberOwner | undefined {
    return this.#cache.owner(dialled, country)
  }

  /**
   * The table that a new call is pinned to. `sticky` (the caller) chooses the side of a canary. `unknown`: no such project or
   * environment. undefined: nothing has been promoted.
   */
  current(project: string, environment: string, sticky = ''): PinnedTable | 'unknown' | undefined {
    const served = this.#cache.get(project)
    if (!served || !Object.hasOwn(served.record.environments, environment)) return 'unknown'
    const found = served.environments.get(environment as EnvironmentName)

    return found && pinnedFor(found, sticky)
  }

  projects(): ProjectView[] {
    return [...this.#cache.all()].map(({ record }) => viewOf(record)).sort((a, b) => (a.project < b.project ? -1 : 1))
  }

  /** Throws 404. */
  project(name: string): ProjectView {
    return viewOf(this.#served(name).record)
  }

  health(): CacheHealth {
    return this.#cache.health()
  }

  // Through the store.

  /** Takes a project file: its table becomes the draft, all else is in force at once. Throws 422 naming every mistake. */
  async putProject(project: string, source: SourceText, actor: Actor): Promise<ProjectView> {
    const { value, lineOf } = readDocument(source)
    const problems = [...checkProject(value), ...this.#claims(project, value)]
    const file = value as ProjectFile
    if (!problems.length && file.project !== project) {
      problems.push({ pointer: '/project', problem: `is "${file.project}"`, hint: `this is the place of "${project}"` })
    }
    if (problems.length) {
      const located = problems.map((problem) => ({ ...problem, ...lineOf(problem.pointer) }))
      throw new RoutesError('invalid_project', mistakes(problems.length), located)
    }
    const record = await this.#change(project, actor, (stored, context) => importProject(stored, file, source, context))

    return viewOf(record)
  }

  /** The project as a file: the very bytes that were imported, unless it has been changed since. */
  async exportProject(project: string): Promise<SourceText> {
    const record = await this.#record(project)
    const file = fileOf(record)
    if (record.source?.digest === digestOf(file)) return { text: record.source.text, type: record.source.type }
    if (record.source?.type === 'json') return { text: `${JSON.stringify(file, null, 2)}\n`, type: 'json' }

    return { text: stringify(file, { lineWidth: 120 }), type: 'yaml' }
  }

  async getDraft(project: string): Promise<{ table: Table; digest: string }> {
    return (await this.#record(project)).draft
  }

  /** Throws 412 when `ifMatch` is not the draft's digest, 422 naming every mistake. */
  async putDraft(
    project: string,
    table: unknown,
    actor: Actor,
    ifMatch?: string,
  ): Promise<{ table: Table; digest: string }> {
    const record = await this.#change(project, actor, (stored, context) => {
      const known = existing(stored, project)
      const problems = checkTable(table, knownVariables(fileOf(known)))
      if (problems.length) throw new RoutesError('invalid_table', mistakes(problems.length, 'table'), problems)
      return saveDraft(known, table as Table, ifMatch, context)
    })

    return record.draft
  }

  /** The draft as a new version. Every publication gets a number of its own; `sameAs` names one with the same content. */
  async publish(project: string, actor: Actor, ifMatch?: string): Promise<VersionSummary> {
    let version: Version | undefined
    await this.#change(project, actor, (stored, context) => {
      const change = publish(existing(stored, project), ifMatch, context)
      version = change.version
      return change
    })
    if (!version) throw new TypeError('publish made no version')
    const { digest, version: number } = version
    const same = (await this.versions(project)).find((one) => one.digest === digest && one.version < number)

    return { ...summaryOf(version), ...(same ? { sameAs: same.version } : {}) }
  }

  /** Newest first. A version that is damaged is left out. */
  async versions(project: string, limit = 100): Promise<VersionSummary[]> {
    const { lastVersion } = await this.#record(project)
    const numbers = Array.from({ length: Math.min(lastVersion, limit) }, (_, i) => lastVersion - i)
    const versions = await Promise.all(
      numbers.map((number) =>
        this.#store.version(project, number).catch((error: unknown) => {
          if (!(error instanceof Damaged)) throw error
          this.#log.warn(error.message, { project })
        }),
      ),
    )

    return versions.flatMap((version) => (version ? [summaryOf(version)] : []))
  }

  /** Throws 404. */
  async version(project: string, number: number): Promise<Version> {
    await this.#record(project)
    const version = await this.#store.version(project, number).catch((error: unknown) => {
      throw error instanceof Damaged ? new RoutesError('store_unavailable', error.message) : error
    })
    if (!version) throw new RoutesError('unknown_version', `project ${project} has no version ${number}`)

    return version
  }

  /** Throws 412 when `expected` (null: none) is not the version that the environment runs, or another promotion came between. */
  async promote(
    project: string,
    environment: string,
    number: number,
    actor: Actor,
    expected?: number | null,
  ): Promise<Promoted> {
    const version = await this.version(project, number)
    let seen = expected

    return this.#promotion(project, environment, actor, [version], (stored, name, context) => {
      seen ??= expected === undefined ? (stored.promoted[name]?.version ?? null) : expected
      return promote(stored, name, number, seen, context)
    })
  }

  /** Back to the version before. Throws 409 when there is none, 412 when another promotion came between. */
  async rollback(project: string, environment: string, actor: Actor, expected?: number): Promise<Promoted> {
    let seen: number | null | undefined = expected

    return this.#promotion(project, environment, actor, [], (stored, name, context) => {
      const current = stored.promoted[name]?.version ?? null
      seen ??= current
      if (seen !== current) {
        throw new RoutesError(
          'promotion_lost',
          `${name} of ${project} runs version ${String(current)} now, not ${String(seen)}`,
        )
      }
      return rollback(stored, name, context)
    })
  }

  /** Newest first. */
  async history(project: string, limit = 100): Promise<HistoryEntry[]> {
    await this.#record(project)

    return this.#store.history(project, limit)
  }

  async #promotion(
    project: string,
    environment: string,
    actor: Actor,
    versions: readonly Version[],
    decide: (stored: ProjectRecord, environment: EnvironmentName, context: Context) => Change,
  ): Promise<Promoted> {
    let previous: number | undefined
    const name = environmentNames.find((one) => one === environment)
    const record = await this.#change(
      project,
      actor,
      (stored, context) => {
        const known = existing(stored, project)
        if (name === undefined || !known.environments[name]) {
          const names = Object.keys(known.environments).join(', ')
          throw new RoutesError(
            'unknown_environment',
            `project ${project} has no environment "${environment}", but ${names}`,
          )
        }
        previous = known.promoted[name]?.version
        return decide(known, name, context)
      },
      versions,
    )
    const version = name && record.promoted[name]?.version
    if (name === undefined || version === undefined) throw new TypeError('nothing was promoted')

    return { project, environment: name, version, previous, entry: record.entry }
  }

  /** Decides on what is stored now, stores it, and decides again when somebody else was faster. */
  async #change(
    project: string,
    actor: Actor,
    decide: (stored: ProjectRecord | undefined, context: Context) => Change,
    known: readonly Version[] = [],
  ): Promise<ProjectRecord> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const { base, expected } = await this.#base(project)
      const change = decide(base, { actor, now: this.#now() })
      const record = after(expected, change.record)
      // What only memory has (the store has lost it) goes back with the change.
      const kept = base && this.#cache.get(project)?.record === base ? this.#cache.keptVersions(project) : []
      const versions = change.version ? [...kept, change.version] : kept
      if ((await this.#store.commit({ record, expected, versions })) === 'done') {
        await this.#cache.adopt(record, [...known, ...versions])
        return record
      }
    }
    throw new RoutesError('too_busy', `project ${project} is being changed by others all the time: try again`)
  }

  /** What a change begins with: the stored record, or the one in memory when the store has lost or damaged it. */
  async #base(project: string): Promise<{ base: ProjectRecord | undefined; expected: number }> {
    const inMemory = this.#cache.get(project)?.record
    try {
      const stored = await this.#store.record(project)
      const lost = stored && inMemory?.lineage === stored.lineage && inMemory.revision > stored.revision
      return { base: lost ? inMemory : stored, expected: stored?.revision ?? 0 }
    } catch (error) {
      if (!(error instanceof Damaged)) throw error
      return { base: inMemory, expected: (await this.#store.revisions()).get(project) ?? 0 }
    }
  }

  async #restore({ record: lost, versions }: Served, expected: number): Promise<ProjectRecord | undefined> {
    const actor = { who: 'baton', from: 'memory', why: 'the store had lost it' }
    const { record } = restore(lost, expected, { actor, now: this.#now() })
    const kept = [...versions.values()].map(({ version }) => version)

    return (await this.#store.commit({ record, expected, versions: kept })) === 'done' ? record : undefined
  }

  #served(project: string): Served {
    const served = this.#cache.get(project)
    if (!served) throw new RoutesError('unknown_project', `there is no project "${project}"`)

    return served
  }

  async #record(project: string): Promise<ProjectRecord> {
    return existing((await this.#base(project)).base, project)
  }

  /** Numbers that other projects have. */
  #claims(project: string, value: unknown): Problem[] {
    const environments = (value as { environments?: Record<string, { numbers?: unknown }> } | null)?.environments ?? {}

    return Object.entries(environments).flatMap(([environment, given]) => {
      const numbers: unknown = (given as { numbers?: unknown } | null)?.numbers
      return (Array.isArray(numbers) ? (numbers as unknown[]) : []).flatMap((number, i) => {
        const owner = typeof number === 'string' ? this.#cache.owner(number, undefined) : undefined
        if (!owner || owner.project === project) return []
        const problem = `${String(number)} belongs to ${owner.environment} of project ${owner.project}`
        const hint = 'a number reaches one environment only'
        return [{ pointer: pointerTo('environments', environment, 'numbers', i), problem, hint }]
      })
    })
  }

  #announce({ record }: Served, before: Served | undefined): void {
    const { project, entry } = record
    for (const environment of environmentNames) {
      const version = record.promoted[environment]?.version
      const previous = before?.record.promoted[environment]?.version
      if (before && version !== undefined && version !== previous) {
        this.#tell('promoted', { project, environment, version, previous, entry })
      }
    }
    this.#tell('changed', project)
  }

  /** A listener that throws stops nobody. */
  #tell<E extends keyof RoutingEvents>(event: E, ...payload: RoutingEvents[E]): void {
    for (const listener of this.listeners(event) as ((...given: RoutingEvents[E]) => void)[]) {
      try {
        listener(...payload)
      } catch (error) {
        this.#log.error(`a listener to ${event} failed: ${String(error)}`)
      }
    }
  }
}

/** A record whose revision comes after the stored one, also when that could not be read. */
function after(expected: number, record: ProjectRecord): ProjectRecord {
  if (record.revision > expected) return record
  const revision = expected + 1

  return { ...record, revision, entry: { ...record.entry, id: revision } }
}

function existing(record: ProjectRecord | undefined, project: string): ProjectRecord {
  if (!record) throw new RoutesError('unknown_project', `there is no project "${project}"`)

  return record
}

/** The project file that would make this record. */
function fileOf({ project, settings, environments, draft }: ProjectRecord): ProjectFile {
  return { project, ...settings, environments, table: draft.table }
}

function viewOf({ project, settings, environments, draft, lastVersion, promoted }: ProjectRecord): ProjectView {
  const views: ProjectView['environments'] = {}
  for (const name of environmentNames) {
    const environment = environments[name]
    if (!environment) continue
    const { version, at: promotedAt } = promoted[name] ?? {}
    views[name] = { ...environment, ...(version && promotedAt ? { version, promotedAt } : {}) }
  }

  return { project, settings, environments: views, draft: { digest: draft.digest }, lastVersion }
}

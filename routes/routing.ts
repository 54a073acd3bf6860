/** Routing tables as the server uses them: reads from memory, changes through the store. */
import { EventEmitter } from 'node:events'
import { stringify } from 'yaml'
import { defined } from '../base/defined.ts'
import { Cache, type CacheHealth } from './store/cache.ts'
import type { NumberOwner } from './store/number-owners.ts'
import type { CanaryTally } from './versions/canary.ts'
import * as changes from './versions/changes.ts'
import { checkTable, knownVariables } from './project/check.ts'
import { applyCommand, type HandoffCommand } from './versions/handoff-commands.ts'
import { applyAudioCommand, type AudioCommand } from './versions/audio-commands.ts'
import { applyScheduleCommand, type ScheduleCommand } from './versions/schedule-commands.ts'
import { diffTables, type FieldChange } from './versions/diff.ts'
import { digestOf } from '../base/canonical-json.ts'
import { mistakes, type SourceText } from './project/document.ts'
import { readProjectAside } from './project/document-thread.ts'
import { Environments, type PromotionRequest } from './environments.ts'
import { EnvironmentSwitches } from './switches.ts'
import { newProblems, RoutesError } from './schema/errors.ts'
import { existing, Journal } from './store/journal.ts'
import { LastGoodCopies } from './store/loader.ts'
import type { LintFinding } from './project/lint-trunks.ts'
import { lintProject } from './project/lint.ts'
import type { SipSetup } from './plan/handoff-problems.ts'
import type { PinnedTable } from './table/pinned.ts'
import { summaryOf, type Actor, type HistoryEntry, type Version, type VersionSummary } from './versions/record.ts'
import { missingBefore } from './versions/promotions.ts'
import { environmentNamed, environmentNames, type ProjectFile, type Table } from './schema/project-file.ts'
import {
  promotionEvent,
  type PromotionEvent,
  type RoutingEvents,
  fileOf,
  storedView,
  viewOf,
  type ProjectView,
  type StoredProject,
} from './views.ts'
import { pinnedForCaller, type ServedProject } from './store/served.ts'
import { silentLog, type StoreLog, type Store } from './store/store.ts'

export interface RoutingOptions {
  store: Store
  log?: StoreLog
  /** Milliseconds since the epoch. */
  now?: () => number
  /** The folder of the last good copies. */
  lastGoodDir?: string
  /** Milliseconds between two polls of the store; 500. */
  pollInterval?: number
  /** The trunks and listeners; without them lint and promotions do not ask whether handoffs can be called. */
  sipSetup?: SipSetup
}

/** A draft or a version. */
export type VersionOrDraft = number | 'draft'

export class Routing extends EventEmitter<RoutingEvents> {
  readonly #store: Store
  readonly #log: StoreLog
  readonly #now: () => number
  readonly #sipSetup: SipSetup | undefined
  readonly #cache: Cache
  readonly #journal: Journal
  /** Drafts of settings, and releases. */
  readonly environments: Environments
  readonly switches: EnvironmentSwitches

  private constructor({ store, log = silentLog, now, lastGoodDir, pollInterval = 500, sipSetup }: RoutingOptions) {
    super()
    this.#store = store
    this.#log = log
    this.#now = now ?? Date.now
    this.#sipSetup = sipSetup
    this.#cache = new Cache({
      store,
      log,
      now: now ?? (() => performance.now()),
      lastGood: lastGoodDir === undefined ? undefined : new LastGoodCopies(lastGoodDir, log),
      pollInterval,
      restore: (served, stored) => this.#journal.restore(served, stored),
      rejected: (project, reason, problem) => {
        this.#notify('rejected', { project, reason, problem })
      },
      replaced: (served, before) => {
        this.#announce(served, before)
      },
    })
    this.#journal = new Journal(store, this.#cache, this.#now, (change) => {
      this.#notify('recorded', change)
    })
    this.environments = new Environments(this.#journal, this.#cache, log, sipSetup)
    this.switches = new EnvironmentSwitches({
      ...{ journal: this.#journal, cache: this.#cache, environments: this.environments, log, now: this.#now },
      switched: (event) => {
        this.#notify('switched', event)
      },
    })
  }

  /** Loads every project into memory, from the store or from the last good copies. */
  static async open(options: RoutingOptions): Promise<Routing> {
    const routing = new Routing(options)
    await routing.#cache.start()

    return routing
  }

  /** Idempotent. Waits for automatic rollbacks, and closes the store. */
  async close(): Promise<void> {
    await this.environments.settled()
    await this.switches.close()
    await this.#cache.close()
    await this.#store.close()
    this.removeAllListeners()
  }

  // Reads, from memory.

  /** The environment that owns a dialled number, user part, or sip: or tel: URI. Compared as E.164. */
  findNumber(dialled: string, country?: string): NumberOwner | undefined {
    return this.#cache.owner(dialled, country)
  }

  /**
   * The release that a new call uses. `sticky`, the caller's number, chooses the side of a canary; without it the side is
   * random. `unknown`: no such project or environment. Undefined: no release yet.
   */
  current(project: string, environment: string, sticky = ''): PinnedTable | 'unknown' | undefined {
    const served = this.#cache.get(project)
    const name = environmentNamed(environment)
    if (!served || !name || !(served.record.environments[name] ?? served.record.promoted[name])) return 'unknown'
    const found = served.environments.get(name)

    return found && pinnedForCaller(found, sticky)
  }

  /** The version of an environment's calls, except those of a canary; not the promoted one while that cannot be loaded. */
  servedVersion(project: string, environment: string): number | undefined {
    const name = environmentNamed(environment)

    return name && this.#cache.get(project)?.environments.get(name)?.main.version
  }

  /** The releases that the environments of a project run, those of canaries among them; empty without the project. */
  running(project: string): PinnedTable[] {
    return [...(this.#cache.get(project)?.environments.values() ?? [])].flatMap(({ main, canary }) =>
      canary ? [main, canary.pinned] : [main],
    )
  }

  projects(): ProjectView[] {
    return [...this.#cache.all()]
      .map(({ record }) => viewOf(record, this.#now()))
      .sort((a, b) => (a.project < b.project ? -1 : 1))
  }

  /** Throws 404. */
  project(name: string): ProjectView {
    return viewOf(existing(this.#cache.get(name)?.record, name), this.#now())
  }

  health(): CacheHealth {
    return this.#cache.health()
  }

  // Projects and drafts.

  /**
   * Imports a project file: its table becomes the draft, its environments the drafts of their settings. No release changes.
   * Throws 412 when `ifMatch` is not the digest of the project's file, 422 naming every mistake.
   */
  async putProject(project: string, source: SourceText, actor: Actor, ifMatch?: string): Promise<StoredProject> {
    const { value, problems: found, locate } = await readProjectAside(source)
    const problems = [...found, ...this.environments.numbersTaken(project, value)]
    const file = value as ProjectFile
    if (!problems.length && file.project !== project) {
      problems.push({ pointer: '/project', problem: `is "${file.project}"`, hint: `this is the place of "${project}"` })
    }
    if (problems.length) {
      throw new RoutesError('invalid_project', mistakes(problems.length), await locate(problems))
    }

    const record = await this.#journal.change(project, actor, (stored, context) => {
      if (ifMatch !== undefined) changes.mustMatch(`project ${project}`, stored && digestOf(fileOf(stored)), ifMatch)

      return changes.importProject(stored, file, source, context)
    })
    const served = this.#cache.get(project)

    return storedView(record, this.#now(), (environment) => {
      const version = record.promoted[environment]?.version

      return version === undefined ? undefined : served?.versions.get(version)?.version.table
    })
  }

  /** The digest of the project's file, the same for JSON and YAML. Throws 404. */
  async projectDigest(project: string): Promise<string> {
    return digestOf(fileOf(await this.#journal.record(project)))
  }

  /** The project as a file: the bytes that were imported, unless the project has been changed since. */
  async exportProject(project: string): Promise<SourceText> {
    const record = await this.#journal.record(project)
    const file = fileOf(record)
    if (record.source?.digest === digestOf(file)) return { text: record.source.text, type: record.source.type }
    if (record.source?.type === 'json') return { text: `${JSON.stringify(file, null, 2)}\n`, type: 'json' }

    return { text: stringify(file, { lineWidth: 120 }), type: 'yaml' }
  }

  async getDraft(project: string): Promise<{ table: Table; digest: string }> {
    return (await this.#journal.record(project)).draft
  }

  /** Throws 412 when `ifMatch` is not the draft's digest, 422 naming every mistake. */
  async putDraft(
    project: string,
    table: unknown,
    actor: Actor,
    ifMatch?: string,
  ): Promise<{ table: Table; digest: string }> {
    return this.#draft(project, actor, ifMatch, () => table, 'whole')
  }

  /** Creates, updates, duplicates or deletes a handoff of the draft, or makes it the default. Throws as putDraft, and 404. */
  async editDraft(
    project: string,
    command: HandoffCommand,
    actor: Actor,
    ifMatch?: string,
  ): Promise<{ table: Table; digest: string }> {
    return this.#draft(project, actor, ifMatch, (table) => applyCommand(table, command), 'changes')
  }

  /** Creates, updates or deletes a schedule of the draft. Throws as putDraft, and 404. */
  async editSchedules(
    project: string,
    command: ScheduleCommand,
    actor: Actor,
    ifMatch?: string,
  ): Promise<{ table: Table; digest: string }> {
    return this.#draft(project, actor, ifMatch, (table) => applyScheduleCommand(table, command), 'changes')
  }

  /** Names an audio file in the draft, or takes it out. Throws as putDraft, and 404. */
  async editAudio(
    project: string,
    command: AudioCommand,
    actor: Actor,
    ifMatch?: string,
  ): Promise<{ table: Table; digest: string }> {
    return this.#draft(project, actor, ifMatch, (table) => applyAudioCommand(table, command), 'changes')
  }

  /** The findings about the project and its draft, worst first. */
  async lint(project: string): Promise<LintFinding[]> {
    return lintProject(fileOf(await this.#journal.record(project)), this.#now(), this.#sipSetup)
  }

  // Versions and environments.

  /**
   * Publishes the draft as a new version. `sameAs` names an earlier version with the same content. Mistakes in drafts of
   * settings, which earlier versions of Baton let pass, do not stop a publication.
   */
  async publish(project: string, actor: Actor, ifMatch?: string): Promise<VersionSummary> {
    let version: Version | undefined
    const after = await this.#journal.change(project, actor, async (stored, context) => {
      const record = existing(stored, project)
      const findings = await lintProject(fileOf(record), this.#now())
      const errors = findings.filter(({ severity, pointer }) => severity === 'error' && !isOfSettings(pointer))
      if (errors.length) throw new RoutesError('invalid_project', mistakes(errors.length), errors)
      const change = changes.publish(record, ifMatch, context)
      version = change.version
      return change
    })
    if (!version) throw new TypeError('publish made no version')
    const { digest, version: number } = version
    const same = (await this.versions(project)).find((one) => one.digest === digest && one.version < number)

    const next = environmentNames.find(
      (name) => after.environments[name] && missingBefore(after, name, number).length === 0,
    )

    return { ...summaryOf(version), ...defined({ sameAs: same?.version, next }) }
  }

  /** Newest first; damaged versions are left out. */
  async versions(project: string, limit = 100): Promise<VersionSummary[]> {
    return (await this.#journal.versions(project, limit)).map(summaryOf)
  }

  /** Throws 404. */
  async version(project: string, number: number): Promise<Version> {
    return this.#journal.versionOf(project, number)
  }

  /** Every difference from one table to another. Throws 404. */
  async diff(project: string, from: VersionOrDraft, to: VersionOrDraft): Promise<FieldChange[]> {
    const table = async (name: VersionOrDraft): Promise<Table> =>
      name === 'draft' ? (await this.getDraft(project)).table : (await this.version(project, name)).table

    return diffTables(await table(from), await table(to))
  }

  /** Makes a release of an environment: see Environments. */
  async promote(
    project: string,
    environment: string,
    request: PromotionRequest,
    actor: Actor,
  ): Promise<PromotionEvent> {
    return this.environments.promote(project, environment, request, actor)
  }

  /** Goes back to an earlier release of an environment: see Environments. */
  async rollback(...given: Parameters<Environments['rollback']>): Promise<PromotionEvent> {
    return this.environments.rollback(...given)
  }

  /** Newest first. */
  async history(project: string, limit = 100): Promise<HistoryEntry[]> {
    return this.#journal.history(project, limit)
  }

  // Outcomes of calls and rehearsals.

  /** Counts a transfer that ended; a canary may be rolled back for it. */
  transferEnded(project: string, environment: string, version: number, outcome: 'succeeded' | 'failed'): void {
    this.environments.transferEnded(project, environment, version, outcome)
  }

  /** Outcomes of transfers of a canary and of the version it would replace, in this process. */
  canaryTallies(project: string, environment: string): { trial: CanaryTally; main: CanaryTally } | undefined {
    return this.environments.canaryTallies(project, environment)
  }

  /** Records a rehearsal. The handoffs that passed count for every version with the same digest. */
  async recordRehearsal(project: string, rehearsal: changes.RehearsalRecord, actor: Actor): Promise<void> {
    await this.#journal.change(project, actor, (stored, context) =>
      changes.rehearse(existing(stored, project), rehearsal, context),
    )
  }

  #draft(
    project: string,
    actor: Actor,
    ifMatch: string | undefined,
    make: (table: Table) => unknown,
    judged: 'whole' | 'changes',
  ): Promise<{ table: Table; digest: string }> {
    return this.#journal
      .change(project, actor, (stored, context) => {
        const record = existing(stored, project)
        changes.mustMatch(`the draft of ${project}`, record.draft.digest, ifMatch)
        const table = make(record.draft.table)
        const known = knownVariables(fileOf(record))
        const before = judged === 'whole' ? [] : checkTable(record.draft.table, known)
        const problems = newProblems(checkTable(table, known), before)
        if (problems.length) throw new RoutesError('invalid_table', mistakes(problems.length, 'table'), problems)
        return changes.saveDraft(record, table as Table, context)
      })
      .then(({ draft }) => draft)
  }

  #announce(served: ServedProject, before: ServedProject | undefined): void {
    const { record } = served
    this.environments.served(record)
    this.switches.served(served, before)
    for (const environment of environmentNames) {
      const [now, then] = [record.promoted[environment], before?.record.promoted[environment]]
      const same = now?.release === then?.release && now?.canary?.startedAt === then?.canary?.startedAt
      const promoted = promotionEvent(record, environment, then)
      if (before && !same && promoted) this.#notify('promoted', promoted)
    }
    this.#notify('changed', record.project)
  }

  /** Calls each listener; one that throws does not keep the event from the others. */
  #notify<E extends keyof RoutingEvents>(event: E, ...payload: RoutingEvents[E]): void {
    for (const listener of this.listeners(event) as ((...given: RoutingEvents[E]) => void)[]) {
      try {
        listener(...payload)
      } catch (error) {
        this.#log.error(`a listener to ${event} failed: ${String(error)}`)
      }
    }
  }
}

// `agent_down` is judged with the table, since it names one of its handoffs.
function isOfSettings(pointer: string): boolean {
  return /^\/environments\/[^/]+\/(?!agent_down$)/.test(pointer)
}

/** The environments of projects: drafts of their settings, and the releases that promotions make and rollbacks restore. */
import { newProblems, pointerTo, RoutesError, type Problem } from './schema/errors.ts'
import { checkProject, checkTable, knownVariables } from './project/check.ts'
import { numbersOfOthers } from './project/check-environments.ts'
import { mistakes } from './project/document.ts'
import type { SipSetup } from './plan/handoff-problems.ts'
import {
  environmentNamed,
  environmentNames,
  type EnvironmentName,
  type EnvironmentRecord,
  type Table,
} from './schema/project-file.ts'
import { mustBeCallable, mustBeFree } from './promotable.ts'
import { compare, draftOf, releaseChanges, releaseState, type ReleaseOrDraft } from './comparison.ts'
import { promotionEvent, type PromotionEvent, fileOf } from './views.ts'
import type { Cache } from './store/cache.ts'
import { pinRelease, compileVersion, type CompiledVersion } from './store/served.ts'
import type { StoreLog } from './store/store.ts'
import type { PinnedTable } from './table/pinned.ts'
import { compileTable } from './table/table.ts'
import { Canaries, type CanaryTally } from './versions/canary.ts'
import { applyCommand, type HandoffCommand } from './versions/handoff-commands.ts'
import * as changes from './versions/changes.ts'
import { diffTables, type FieldChange } from './versions/diff.ts'
import { digestOf } from '../base/canonical-json.ts'
import { existing, type Journal } from './store/journal.ts'
import * as promotions from './versions/promotions.ts'
import type { Actor, Canary, ProjectRecord, PromotionRecord, Version } from './versions/record.ts'
import { mustBeRehearsed } from './versions/changes.ts'
import { existingRelease, releasesOf, type Release } from './versions/release.ts'

/** An operator's request for a promotion. */
export type PromotionRequest = promotions.ReleaseRequest & { canary?: promotions.CanaryRequest | undefined }

export class Environments {
  readonly #journal: Journal
  readonly #cache: Cache
  readonly #log: StoreLog
  readonly #sipSetup: SipSetup | undefined
  readonly #canaries = new Canaries()
  /** Automatic rollbacks that have not ended. */
  #rollbacks: Promise<unknown> = Promise.resolve()

  /** @param sipSetup decides whether handoffs can be called; promotions do not ask without it */
  constructor(journal: Journal, cache: Cache, log: StoreLog, sipSetup?: SipSetup) {
    this.#journal = journal
    this.#cache = cache
    this.#log = log
    this.#sipSetup = sipSetup
  }

  /** Resolves when the automatic rollbacks have ended. */
  async settled(): Promise<void> {
    await this.#rollbacks
  }

  /** The draft of an environment's settings. Throws 404. */
  async draft(project: string, environment: string): Promise<{ settings: EnvironmentRecord; digest: string }> {
    const record = await this.#journal.record(project)
    const settings = record.environments[knownName(record, environment)]
    if (!settings) throw unknownEnvironment(record, environment)

    return { settings, digest: digestOf(settings) }
  }

  /**
   * Makes or replaces the draft of an environment's settings. Throws 412 when `ifMatch` is not its digest, 422 naming every
   * mistake in the settings, and every mistake elsewhere in the project that they cause.
   */
  async putDraft(
    project: string,
    environment: string,
    settings: unknown,
    actor: Actor,
    ifMatch?: string,
  ): Promise<{ settings: EnvironmentRecord; digest: string }> {
    const record = await this.#journal.change(project, actor, (stored, context) => {
      const found = existing(stored, project)
      const name = environmentNamed(environment)
      if (!name) throw unknownEnvironment(found, environment)
      const before = found.environments[name]
      changes.mustMatch(`the draft of ${environment} of ${project}`, before && digestOf(before), ifMatch)
      const next = { ...fileOf(found), environments: { ...found.environments, [name]: settings } }
      const check = (file: unknown) => [...checkProject(file), ...this.numbersTaken(project, file)]
      const replaced = `${pointerTo('environments', name)}/`
      const others = check(fileOf(found)).filter(({ pointer }) => !pointer.startsWith(replaced))
      const problems = newProblems(check(next), others)
      if (problems.length) throw invalidSettings(problems, name)

      return changes.saveSettings(found, name, settings as EnvironmentRecord, context)
    })
    const saved = record.environments[environment as EnvironmentName] ?? {}

    return { settings: saved, digest: digestOf(saved) }
  }

  /** Numbers of a project file that another project runs, or has in its draft while it runs no release. */
  numbersTaken(project: string, file: unknown): Problem[] {
    return numbersOfOthers(project, file, (number) => this.#cache.owner(number, undefined))
  }

  /** Newest first. Throws 404. */
  async releases(project: string, environment: string): Promise<Release[]> {
    const record = await this.#journal.record(project)

    return releasesOf(record, knownName(record, environment))
  }

  /** Throws 404. */
  async release(project: string, environment: string, number: number): Promise<Release> {
    const record = await this.#journal.record(project)

    return existingRelease(record, knownName(record, environment), number)
  }

  /**
   * The release that calls would use: a version with the settings that the environment runs (or their draft, before the
   * first release), or both drafts as the next version and release. Throws 404, and 422 where the edited table has
   * mistakes.
   *
   * @param edit a command that the draft of the table is seen with; nothing is stored
   */
  async candidate(
    project: string,
    environment: string,
    of: ReleaseOrDraft,
    edit?: HandoffCommand,
  ): Promise<PinnedTable> {
    const record = await this.#journal.record(project)
    const name = knownName(record, environment)
    const current = promotions.currentRelease(record, name)
    const draft = { release: (current?.release ?? 0) + 1, settings: draftOf(record, name) }
    if (of !== 'draft') {
      return pinRelease(project, name, current ?? draft, await this.#compiled(project, of))
    }
    const { digest } = record.draft
    const table = edit ? edited(record, edit) : record.draft.table

    return pinRelease(project, name, draft, {
      version: { version: record.lastVersion + 1, digest },
      table: compileTable(table),
    })
  }

  /** The release that a promotion would make now; nothing is stored. Throws 404, and 422 as the promotion would. */
  async proposed(project: string, environment: string, request: promotions.ReleaseRequest): Promise<PinnedTable> {
    const record = await this.#journal.record(project)
    const name = knownName(record, environment)
    const { version, settings } = promotions.nextRelease(record, name, request)
    const release = (promotions.currentRelease(record, name)?.release ?? 0) + 1

    return pinRelease(project, name, { release, settings }, await this.#compiled(project, version))
  }

  /** A release that calls are pinned to, which need not be the environment's any more. Throws 404 when it is not kept. */
  async pinned(project: string, environment: string, release: number): Promise<PinnedTable> {
    const record = await this.#journal.record(project)
    const name = knownName(record, environment)
    const found = existingRelease(record, name, release)

    return pinRelease(project, name, found, await this.#compiled(project, found.version))
  }

  /** The release of an environment's calls, except those of a canary, from memory. Throws 404, and 409 before the first promotion. */
  running(project: string, environment: string): PinnedTable {
    const served = this.#cache.get(project)
    const name = knownName(existing(served?.record, project), environment)
    const pinned = served?.environments.get(name)?.main
    if (pinned) return pinned
    throw new RoutesError('no_version', `${environment} of ${project} runs no version yet: publish one and promote it`)
  }

  /** Every difference from one release to another, of settings and of tables, field by field. Throws 404. */
  async diff(project: string, environment: string, from: ReleaseOrDraft, to: ReleaseOrDraft): Promise<FieldChange[]> {
    const record = await this.#journal.record(project)
    const name = knownName(record, environment)
    const state = (of: ReleaseOrDraft) => releaseState(this.#journal, record, name, of)

    return releaseChanges(name, await state(from), await state(to))
  }

  /** Every difference between two of a project's versions, drafts and releases. Throws 404. */
  async compare(project: string, from: string, to: string): Promise<FieldChange[]> {
    return compare(this.#journal, project, from, to)
  }

  /**
   * Makes a release for new calls of an environment; with `canary`, for a share of them. Throws 409 when another environment
   * comes first, a number reaches another environment, a handoff lacks its rehearsal, or a handoff cannot be called and
   * `force` gives no reason; 412 when `expected` (null: none) is not the version that the environment runs, or another
   * promotion came between.
   */
  async promote(
    project: string,
    environment: string,
    request: PromotionRequest,
    actor: Actor,
  ): Promise<PromotionEvent> {
    const { version: number, canary } = request
    const version = number === undefined ? undefined : await this.#journal.versionOf(project, number)

    return this.#change(project, environment, actor, version ? [version] : [], async (stored, name, context) => {
      const made = promotions.nextRelease(stored, name, request)
      promotions.mustFollowOrder(stored, name, made.version)
      if (version) mustBeRehearsed(stored, name, version)
      if (request.force === undefined && this.#sipSetup) {
        const table = version?.table ?? this.#cache.get(project)?.versions.get(made.version)?.version.table
        if (table) await mustBeCallable({ project, environment: name, ...made, table }, this.#sipSetup)
      }
      if (canary && canary.percent < 100) return promotions.startCanary(stored, name, request, canary, context)
      mustBeFree(this.#cache, project, name, made.settings.numbers)

      return promotions.promote(stored, name, request, context)
    })
  }

  /**
   * Goes back to a release with its settings: without a number it ends the canary, or goes back to the previous release.
   * Throws 404 for an unknown release, 409 when there is no earlier one, 412 when another promotion came between.
   */
  async rollback(
    project: string,
    environment: string,
    actor: Actor,
    to: { release?: number | undefined; expected?: number | undefined } = {},
  ): Promise<PromotionEvent> {
    return this.#change(project, environment, actor, [], (stored, name, context) => {
      const change = promotions.rollback(stored, name, to, context)
      mustBeFree(this.#cache, project, name, promotions.currentRelease(change.record, name)?.settings.numbers)

      return change
    })
  }

  /** Follows a project that was replaced in memory: outcomes of its canaries are counted from now on. */
  served({ project, promoted }: ProjectRecord): void {
    for (const environment of environmentNames) {
      this.#canaries.watch(project, environment, promoted[environment]?.canary)
    }
  }

  /** Counts a transfer that ended. A canary that does worse than the version it would replace is rolled back, with an event. */
  transferEnded(project: string, environment: string, version: number, outcome: 'succeeded' | 'failed'): void {
    const judgement = this.#canaries.count(project, environment, version, outcome)
    const canary = this.#cache.get(project)?.record.promoted[environment as EnvironmentName]?.canary
    if (judgement?.canary === 'bad' && canary) this.#endCanary(project, environment, canary, judgement.why)
  }

  /** Outcomes of transfers of a canary and of the version it would replace, in this process. */
  canaryTallies(project: string, environment: string): { trial: CanaryTally; main: CanaryTally } | undefined {
    return this.#canaries.tallies(project, environment)
  }

  #endCanary(project: string, environment: string, canary: Canary, why: string): void {
    const actor = { who: 'baton', from: 'canary', why }
    const rolledBack = this.#change(project, environment, actor, [], (stored, name, context) =>
      promotions.endCanary(stored, name, canary, context),
    ).catch((error: unknown) => {
      // Another process may have been faster; the next transfer tries again.
      this.#log.warn(`the canary of ${environment} of ${project} is not rolled back: ${String(error)}`)
    })
    this.#rollbacks = Promise.all([this.#rollbacks, rolledBack])
  }

  async #compiled(project: string, version: number): Promise<CompiledVersion> {
    return compileVersion(await this.#journal.versionOf(project, version))
  }

  /** Throws 412 when the environment's promotion has changed since the first decision. */
  async #change(
    project: string,
    environment: string,
    actor: Actor,
    versions: readonly Version[],
    decide: (
      stored: ProjectRecord,
      environment: EnvironmentName,
      context: changes.ChangeContext,
    ) => changes.StoreChange | Promise<changes.StoreChange>,
  ): Promise<PromotionEvent> {
    let before: PromotionRecord | null | undefined
    const name = environmentNamed(environment)
    const tables = name ? await this.#tablesNear(project, name, versions) : new Map<number, Table>()
    const record = await this.#journal.change(
      project,
      actor,
      async (stored, context) => {
        const found = existing(stored, project)
        const known = knownName(found, environment)
        if (before === undefined) before = found.promoted[known] ?? null
        else promotions.mustStillRun(found, known, before)

        return withTableChanges(await decide(found, known, context), tables)
      },
      versions,
    )
    const promoted = name && promotionEvent(record, name, before ?? undefined)
    if (!promoted) throw new TypeError('nothing was promoted')

    return promoted
  }

  /** The tables that a promotion or rollback probably changes from and to, by version, for its history entry. */
  async #tablesNear(
    project: string,
    environment: EnvironmentName,
    given: readonly Version[],
  ): Promise<ReadonlyMap<number, Table>> {
    const tables = new Map(given.map(({ version, table }) => [version, table]))
    const { promoted, ...record } = await this.#journal.record(project)
    const current = promoted[environment]
    const earlier = releasesOf(record, environment).find(({ release }) => release === current?.earlier.at(-1))
    for (const number of [current?.version, earlier?.version]) {
      if (number === undefined || tables.has(number)) continue
      const kept = this.#cache.get(project)?.versions.get(number)?.version
      const version = kept ?? (await this.#journal.version(project, number).catch(() => undefined))
      if (version) tables.set(number, version.table)
    }

    return tables
  }
}

/** Adds the changes of the table to the history entry of a promotion. */
function withTableChanges(change: changes.StoreChange, tables: ReadonlyMap<number, Table>): changes.StoreChange {
  const { entry } = change.record
  const [before, after] = [tables.get(Number(entry.before)), tables.get(Number(entry.after))]
  if (!before || !after) return change

  return {
    ...change,
    record: { ...change.record, entry: changes.withChanges(entry, diffTables(before, after)) },
  }
}

/** The name of an environment that has a draft or a release. Throws 404. */
function knownName(record: ProjectRecord, environment: string): EnvironmentName {
  const name = environmentNamed(environment)
  if (name === undefined || !(record.environments[name] ?? record.promoted[name])) {
    throw unknownEnvironment(record, environment)
  }

  return name
}

function unknownEnvironment({ project, environments, promoted }: ProjectRecord, environment: string): RoutesError {
  const names = environmentNames.filter((name) => environments[name] ?? promoted[name]).join(', ')

  return new RoutesError('unknown_environment', `project ${project} has no environment "${environment}", but ${names}`)
}

/** Mistakes with pointers into the settings; a mistake elsewhere in the project keeps its pointer. */
function invalidSettings(problems: readonly Problem[], environment: EnvironmentName): RoutesError {
  const prefix = `/environments/${environment}`
  const within = problems.map((problem) => ({
    ...problem,
    pointer: problem.pointer.startsWith(prefix) ? problem.pointer.slice(prefix.length) : problem.pointer,
  }))

  return new RoutesError('invalid_settings', mistakes(within.length, `settings of ${environment}`), within)
}

/** The draft's table after a command. Throws 404, and 422 naming the mistakes that the command would bring. */
function edited(record: ProjectRecord, command: HandoffCommand): Table {
  const table = applyCommand(record.draft.table, command)
  const known = knownVariables(fileOf(record))
  const problems = newProblems(checkTable(table, known), checkTable(record.draft.table, known))
  if (problems.length) throw new RoutesError('invalid_table', mistakes(problems.length, 'table'), problems)

  return table
}

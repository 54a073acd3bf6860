/** Every project in memory, kept equal to the store. Calls read from memory only. */
import { normaliseNumber } from '../schema/e164.ts'
import { type LastGoodCopy, type LastGoodCopies, loadVersions, type CompiledVersions } from './loader.ts'
import { DamagedRecord, type ProjectRecord, type Version } from '../versions/record.ts'
import { haveSameNumbers, ownersOf, type NumberOwner } from './number-owners.ts'
import { compileVersions, serveProject, type ServedProject } from './served.ts'
import type { StoreLog, Store } from './store.ts'

const rejections = ['damaged', 'schema', 'oversized', 'older', 'missing'] as const
export type Rejection = (typeof rejections)[number]

interface CacheOptions {
  store: Store
  log: StoreLog
  /** Milliseconds of a monotonic clock. */
  now: () => number
  lastGood: LastGoodCopies | undefined
  /** Milliseconds between two polls of the store. */
  pollInterval: number
  /** Restores a project that the store has lost; undefined when another writer was faster. */
  restore: (served: ServedProject, storedRevision: number) => Promise<ProjectRecord | undefined>
  /** A record or version of the store was refused, and the last good one is served. */
  rejected: (project: string, reason: Rejection, problem: string) => void
  /** A project has been replaced in memory. */
  replaced: (served: ServedProject, before: ServedProject | undefined) => void
}

export interface CacheHealth {
  store: Store['kind']
  /** The store answers, and everything in it is served. */
  ok: boolean
  /** Seconds since memory was last known to be equal to the store. */
  stalenessSeconds: number
  /** How often a record or version of the store was refused. */
  rejected: number
  /** Refusals by reason: `damaged`, `schema`, `oversized`, `older`, `missing`. */
  rejectedBy: Readonly<Record<Rejection, number>>
  /** The fault, as text. */
  problems: string[]
}

export class Cache {
  readonly #options: CacheOptions
  readonly #projects = new Map<string, ServedProject>()
  readonly #problems = new Map<string, string>()
  #numbers = new Map<string, NumberOwner>()
  #copies = new Map<string, LastGoodCopy>()
  #queue: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #storeProblem: string | undefined
  #confirmedAt: number
  // Projects whose present state this process has seen in the store.
  readonly #seen = new Set<string>()
  // Projects that lack a version, with the revision and the numbers.
  readonly #incomplete = new Map<string, string>()
  readonly #rejected = Object.fromEntries(rejections.map((reason) => [reason, 0])) as Record<Rejection, number>

  constructor(options: CacheOptions) {
    this.#options = options
    this.#confirmedAt = options.now()
  }

  /** Loads every project: from the last good copies, then from the store. */
  async start(): Promise<void> {
    this.#copies = (await this.#options.lastGood?.read()) ?? new Map<string, LastGoodCopy>()
    for (const { record, versions } of this.#copies.values()) {
      await this.#put(serveProject(record, await compileVersions(versions)))
    }
    await this.#poll()
    this.#options.store.watch((project) => {
      void (project === undefined ? this.#serially(() => this.#poll()) : this.refresh(project))
    })
    this.#schedule()
  }

  get(project: string): ServedProject | undefined {
    return this.#projects.get(project)
  }

  /** The versions of a project in memory. */
  keptVersions(project: string): Version[] {
    return [...(this.#projects.get(project)?.versions.values() ?? [])].map(({ version }) => version)
  }

  all(): IterableIterator<ServedProject> {
    return this.#projects.values()
  }

  /** The environment that owns a number: E.164, or a text that can be read as one. */
  owner(dialled: string, country: string | undefined): NumberOwner | undefined {
    const direct = this.#numbers.get(dialled)
    if (direct) return direct
    const number = normaliseNumber(dialled, { country, format: 'without_plus' })

    return number === undefined ? undefined : this.#numbers.get(number)
  }

  /** Serves a change that this process has just stored. */
  async adopt(record: ProjectRecord, versions: readonly Version[]): Promise<void> {
    await this.#serially(async () => {
      const served = this.#projects.get(record.project)?.versions
      const known = versions.flatMap(({ version }) => served?.get(version) ?? [])
      await this.#load(record, await compileVersions(versions, known))
    })
  }

  /** Reads a project from the store again. */
  async refresh(project: string): Promise<void> {
    await this.#serially(async () => {
      try {
        await this.#refresh(project)
      } catch (error) {
        this.#storeState(error instanceof Error ? error.message : String(error))
      }
    })
  }

  health(): CacheHealth {
    const { store, now } = this.#options
    const problems = [this.#storeProblem, ...this.#problems.values()].filter((problem) => problem !== undefined)

    return {
      store: store.kind,
      ok: problems.length === 0,
      stalenessSeconds: Math.max(0, (now() - this.#confirmedAt) / 1000),
      rejected: Object.values(this.#rejected).reduce((sum, count) => sum + count, 0),
      rejectedBy: { ...this.#rejected },
      problems,
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#queue
    await this.#options.lastGood?.settled()
  }

  /** Runs tasks one at a time, so that an older reading never replaces a newer one. */
  #serially<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task)
    this.#queue = result.catch(() => undefined)

    return result
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      void this.#serially(() => this.#poll()).finally(() => this.#schedule())
    }, this.#options.pollInterval)
    this.#timer.unref()
  }

  async #poll(): Promise<void> {
    if (this.#closed) return
    const began = this.#options.now()
    try {
      const revisions = await this.#options.store.revisions()
      for (const project of new Set([...revisions.keys(), ...this.#projects.keys()])) {
        const same = revisions.get(project) === this.#projects.get(project)?.record.revision
        if (!same || !this.#seen.has(project) || this.#problems.has(project)) await this.#refresh(project)
      }
      this.#storeState(await this.#options.store.refusesChanges())
      if (this.#problems.size === 0) this.#confirmedAt = began
    } catch (error) {
      this.#storeState(error instanceof Error ? error.message : String(error))
    }
  }

  #storeState(problem: string | undefined): void {
    if (problem !== undefined && this.#storeProblem === undefined) {
      this.#options.log.error(`${problem}; calls go on with the last good tables`)
    } else if (problem === undefined && this.#storeProblem !== undefined) {
      this.#options.log.info('the store of routing tables is back')
    }
    this.#storeProblem = problem
  }

  async #refresh(project: string): Promise<void> {
    const current = this.#projects.get(project)
    let record: ProjectRecord | undefined
    try {
      record = await this.#options.store.record(project)
    } catch (error) {
      if (!(error instanceof DamagedRecord)) throw error
      this.#reject(project, error.reason, `${error.message}; the last good one is served`)
      await this.#replaceDamaged(project, current)
      return
    }
    if (!record) {
      if (!current) return
      this.#reject(project, 'missing', `project ${project} is not in the store; the last good one is served`)
      await this.#restore(project, 0)
    } else if (current?.record.lineage === record.lineage && record.revision < current.record.revision) {
      const detail = `the store has revision ${record.revision} of project ${project}, older than ${current.record.revision}`
      this.#reject(project, 'older', `${detail}; the newer one is served`)
      this.#seen.add(project)
      await this.#restore(project, record.revision)
    } else {
      const same = current?.record.lineage === record.lineage && record.revision === current.record.revision
      const known = same && this.#seen.has(project) && !this.#incomplete.has(project)
      if (known || (await this.#load(record))) this.#problems.delete(project)
      this.#seen.add(project)
    }
  }

  /** Replaces a damaged record by that in memory, or by an earlier one of the store. */
  async #replaceDamaged(project: string, current: ServedProject | undefined): Promise<void> {
    const earlier = await this.#options.store.earlier(project)
    if (earlier && (!current || current.record.lineage === earlier.lineage)) {
      if (!current) await this.#load(earlier)
      this.#seen.add(project)
    }
    const revisions = await this.#options.store.revisions()
    await this.#restore(project, revisions.get(project) ?? 0)
  }

  #reject(project: string, reason: Rejection, problem: string): void {
    if (this.#problems.get(project) === problem) return
    this.#problems.set(project, problem)
    this.#rejected[reason]++
    this.#options.log.error(problem, { project })
    this.#options.rejected(project, reason, problem)
  }

  /**
   * Restores a project that the store has lost, if this process has seen it in the store: a store that never had it may
   * be another one.
   */
  async #restore(project: string, storedRevision: number): Promise<void> {
    const served = this.#projects.get(project)
    if (!served || !this.#seen.has(project)) return
    const record = await this.#options.restore(served, storedRevision)
    if (!record) return
    this.#problems.delete(project)
    this.#options.log.warn(`project ${project} has been restored in the store as revision ${record.revision}`, {
      project,
    })
    await this.#load(record)
  }

  /**
   * Compiles a record and serves it. False when a version cannot be loaded: its environment keeps the last good one.
   */
  async #load(record: ProjectRecord, given: CompiledVersions = new Map()): Promise<boolean> {
    const { project, lineage } = record
    const before = this.#projects.get(project)
    const own = before?.record.lineage === lineage && this.#seen.has(project) ? before.versions : []
    const known = new Map([...own, ...given])
    const loaded = await loadVersions(this.#options.store, record, known, this.#copies.get(project), before)
    for (const { reason, problem } of loaded.refusals) this.#reject(project, reason, problem)

    const complete = loaded.missing.length === 0
    const lacking = complete ? undefined : `${record.revision}: ${loaded.missing.join()}`
    // A version that is still missing at a later poll is logged once.
    if (!complete && this.#incomplete.get(project) === lacking) return false
    if (lacking === undefined) this.#incomplete.delete(project)
    else this.#incomplete.set(project, lacking)
    for (const [environment, { release, version }] of loaded.instead) {
      const detail = `${environment} of ${project} runs release ${release} (version ${version}), the last good one`
      this.#options.log.error(detail, { project })
    }
    await this.#put(serveProject(record, loaded.versions, loaded.instead))

    return complete
  }

  async #put(served: ServedProject): Promise<void> {
    const { project } = served.record
    const before = this.#projects.get(project)
    const projects = new Map(this.#projects).set(project, served)
    // Until the numbers are there, calls use the project as it was before.
    const numbers = haveSameNumbers(before, served) ? this.#numbers : await ownersOf(projects.values())
    this.#projects.set(project, served)
    this.#numbers = numbers
    this.#options.lastGood?.keep(served)
    this.#options.replaced(served, before)
  }
}

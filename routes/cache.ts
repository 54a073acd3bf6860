/** Every project in memory, kept equal to the store. Calls read from here alone. */
import { normaliseNumber } from './e164.ts'
import { RoutesError } from './errors.ts'
import type { GoodCopy, LastGood } from './last-good.ts'
import { Damaged, type ProjectRecord, type Version } from './record.ts'
import type { EnvironmentName } from './schema.ts'
import { ready, serve, wanted, type ReadyVersion, type Served } from './served.ts'
import type { Log, Store } from './store.ts'

export interface NumberOwner {
  project: string
  environment: EnvironmentName
}

interface CacheOptions {
  store: Store
  log: Log
  now: () => number
  lastGood: LastGood | undefined
  /** Milliseconds between two polls of the store. */
  pollInterval: number
  /** A project has been replaced in memory. */
  replaced: (served: Served, before: Served | undefined) => void
}

export interface CacheHealth {
  store: Store['kind']
  /** The store answers, and everything in it is what is being served. */
  ok: boolean
  /** Seconds since memory was last known to be equal to the store. */
  stalenessSeconds: number
  /** How often something in the store was refused and the last good one kept. */
  rejected: number
  /** What is wrong, in words. */
  problems: string[]
}

export class Cache {
  readonly #options: CacheOptions
  readonly #projects = new Map<string, Served>()
  readonly #problems = new Map<string, string>()
  #numbers = new Map<string, NumberOwner>()
  #copies = new Map<string, GoodCopy>()
  #queue: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #storeProblem: string | undefined
  #confirmedAt: number
  #rejected = 0

  constructor(options: CacheOptions) {
    this.#options = options
    this.#confirmedAt = options.now()
  }

  /** Loads everything. When the store cannot be reached, the last good copies serve. */
  async start(): Promise<void> {
    this.#copies = (await this.#options.lastGood?.read()) ?? new Map<string, GoodCopy>()
    await this.#poll()
    if (this.#storeProblem !== undefined) {
      for (const copy of this.#copies.values()) {
        const versions = new Map(copy.versions.map((version) => [version.version, ready(version)]))
        this.#put(serve(copy.record, versions))
      }
    }
    this.#options.store.watch((project) => {
      void (project === undefined ? this.#serially(() => this.#poll()) : this.refresh(project))
    })
    this.#schedule()
  }

  get(project: string): Served | undefined {
    return this.#projects.get(project)
  }

  all(): IterableIterator<Served> {
    return this.#projects.values()
  }

  /** Whose number it is: an E.164 number, or anything that can be read as one. */
  owner(dialled: string, country: string | undefined): NumberOwner | undefined {
    const direct = this.#numbers.get(dialled)
    if (direct) return direct
    const number = normaliseNumber(dialled, { country, format: 'plain' })

    return number === undefined ? undefined : this.#numbers.get(number)
  }

  /** Takes over what this process has just stored. */
  async adopt(record: ProjectRecord, versions: readonly Version[]): Promise<void> {
    await this.#serially(() =>
      this.#load(record, new Map(versions.map((version) => [version.version, ready(version)]))),
    )
  }

  /** Looks at a project in the store again. */
  async refresh(project: string): Promise<void> {
    await this.#serially(() => this.#refresh(project))
  }

  health(): CacheHealth {
    const { store, now } = this.#options
    const problems = [this.#storeProblem, ...this.#problems.values(), ...store.damaged.values()].filter(
      (problem) => problem !== undefined,
    )

    return {
      store: store.kind,
      ok: problems.length === 0,
      stalenessSeconds: Math.max(0, (now() - this.#confirmedAt) / 1000),
      rejected: this.#rejected + store.damaged.size,
      problems,
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#queue
    await this.#options.lastGood?.settled()
  }

  /** One at a time, so that an older reading never replaces a newer one. */
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
        if (!same || this.#problems.has(project)) await this.#refresh(project)
      }
      this.#storeState(undefined)
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
      if (!(error instanceof Damaged)) throw error
      this.#reject(project, `${error.message}; the last good one is served`)
      const copy = this.#copies.get(project)
      if (!current && copy) await this.#load(copy.record)
      return
    }
    if (!record) {
      if (current) this.#reject(project, `project ${project} is gone from the store; the last good one is served`)
    } else if (current?.record.lineage === record.lineage && record.revision < current.record.revision) {
      const detail = `the store has revision ${record.revision} of project ${project}, older than ${current.record.revision}`
      this.#reject(project, `${detail}; the newer one is served`)
    } else {
      this.#problems.delete(project)
      if (current?.record.lineage !== record.lineage || current.record.revision !== record.revision)
        await this.#load(record)
    }
  }

  #reject(project: string, problem: string): void {
    if (this.#problems.get(project) === problem) return
    this.#problems.set(project, problem)
    this.#rejected++
    this.#options.log.error(problem, { project })
  }

  /** Makes a record ready and serves it. A version that cannot be had leaves its environment with the last good one. */
  async #load(record: ProjectRecord, given: ReadonlyMap<number, ReadyVersion> = new Map()): Promise<void> {
    const { project } = record
    const before = this.#projects.get(project)
    const known = before?.record.lineage === record.lineage ? before.versions : new Map<number, ReadyVersion>()
    const versions = new Map<number, ReadyVersion>()
    const missing = new Set<number>()
    for (const number of wanted(record)) {
      const version = given.get(number) ?? known.get(number) ?? (await this.#fetch(record, number))
      if (version) versions.set(number, version)
      else missing.add(number)
    }

    const instead = new Map<EnvironmentName, number>()
    for (const [environment, promotion] of Object.entries(record.promoted) as [
      EnvironmentName,
      { version: number; earlier: number[] },
    ][]) {
      if (!missing.has(promotion.version)) continue
      const serving = before?.environments.get(environment)?.main.version
      for (const number of serving === undefined ? promotion.earlier.toReversed() : [serving]) {
        const version = known.get(number) ?? (await this.#fetch(record, number))
        if (!version) continue
        versions.set(number, version)
        instead.set(environment, number)
        this.#options.log.error(`${environment} of ${project} runs version ${number}, not ${promotion.version}`, {
          project,
        })
        break
      }
    }
    this.#put(serve(record, versions, instead))
  }

  async #fetch(record: ProjectRecord, number: number): Promise<ReadyVersion | undefined> {
    const { project } = record
    try {
      const version = await this.#options.store.version(project, number)
      if (version) return ready(version)
      this.#reject(project, `version ${number} of project ${project} is not in the store`)
    } catch (error) {
      if (!(error instanceof Damaged || error instanceof RoutesError)) throw error
      this.#reject(project, error.message)
    }
    const copy = this.#copies.get(project)
    const saved = copy?.record.lineage === record.lineage ? copy.versions.find((v) => v.version === number) : undefined

    return saved && ready(saved)
  }

  #put(served: Served): void {
    const { project } = served.record
    const before = this.#projects.get(project)
    this.#projects.set(project, served)
    this.#numbers = this.#index()
    this.#options.lastGood?.keep(served)
    this.#options.replaced(served, before)
  }

  #index(): Map<string, NumberOwner> {
    const numbers = new Map<string, NumberOwner>()
    const byName = [...this.#projects.values()].sort((a, b) => (a.record.project < b.record.project ? -1 : 1))
    for (const { record } of byName) {
      for (const [environment, { numbers: own = [] }] of Object.entries(record.environments)) {
        for (const number of own) {
          // Two projects that claimed a number at the same moment: the first by name keeps it, in every process.
          if (!numbers.has(number))
            numbers.set(number, { project: record.project, environment: environment as EnvironmentName })
        }
      }
    }

    return numbers
  }
}

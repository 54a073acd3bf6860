/**
 * Projects in Redis. Every key of a project has the same hash tag, so that a Cluster keeps them together and one script can
 * change them at once: `baton:{demo}:revision`, `:record`, `:history` and `:version:<n>`; `baton:projects` names the projects.
 */
import { RoutesError } from '../schema/errors.ts'
import {
  Damaged,
  readRecord,
  readVersion,
  type HistoryEntry,
  type ProjectRecord,
  type Version,
} from '../versions/record.ts'
import {
  connect,
  loadLibrary,
  redisTarget,
  type Library,
  type RedisClient,
  type RedisTimes,
  redisName,
  withoutPasswords,
  type RedisTarget,
} from './redis-client.ts'
import { silentLog, type Commit, type StoreLog, type Store } from './store.ts'

export interface RedisStoreOptions {
  url: string
  log?: StoreLog | undefined
  /** Begins every key; `baton`. */
  prefix?: string | undefined
  times?: RedisTimes | undefined
  /** Bytes of the largest record or version that is read or written; 8 MiB. */
  limit?: number | undefined
}

/** Milliseconds between two looks for the master while we are connected to a replica. */
const reconnectEvery = 5000
/** Lines of history that are kept. */
const historyKept = 10_000

export class RedisStore implements Store {
  readonly kind = 'redis'
  readonly #client: RedisClient
  readonly #connectMore: () => RedisClient
  readonly #target: RedisTarget
  readonly #name: string
  readonly #prefix: string
  readonly #limit: number
  readonly #log: StoreLog
  #subscriber: RedisClient | undefined
  // Projects that have been named here: for whoever comes next, when the list of them is lost.
  readonly #named = new Set<string>()
  #lastError: Error | undefined
  #reconnectedAt = -Infinity
  #closed = false

  private constructor(library: Library, options: RedisStoreOptions) {
    const { url, log = silentLog, prefix = 'baton', times, limit = 8 * 1024 * 1024 } = options
    const target = redisTarget(url)
    this.#target = target
    this.#name = redisName(target)
    this.#prefix = prefix
    this.#limit = limit
    this.#log = log
    this.#connectMore = () => this.#listenTo(connect(library, target, times))
    this.#client = this.#connectMore()
  }

  /** Waits until Redis answers, but not long: a start without Redis serves the last good copies. */
  static async open(options: RedisStoreOptions): Promise<RedisStore> {
    const store = new RedisStore(await loadLibrary(), options)
    await store.#settled((options.times?.connect ?? 2000) + 100)

    return store
  }

  async revisions(): Promise<ReadonlyMap<string, number>> {
    const projects = await this.#projects()
    // MGET, which takes a key of another type for one that is not there.
    const revisions = await Promise.all(
      projects.map((project) => this.#ask((client) => client.mget(this.#key(project, 'revision')))),
    )

    return new Map(
      projects.flatMap((project, i) => {
        const revision = revisionOf(revisions[i]?.[0])
        return revision === 0 ? [] : [[project, revision] as const]
      }),
    )
  }

  async record(project: string): Promise<ProjectRecord | undefined> {
    const key = this.#key(project, 'record')
    await this.#mustFit(key)
    // Both at one moment: MGET is atomic, and they share a slot.
    const [text, revision] = await this.#ask((client) => client.mget(key, this.#key(project, 'revision')), key)
    if (text == null && revision == null) return undefined
    if (text == null) throw new Damaged(`${key} of ${this.#name} is gone`)
    const record = this.#inKey(key, () => readRecord(text, project))
    if (revisionOf(revision) !== record.revision) {
      throw new Damaged(`${key} of ${this.#name} is revision ${record.revision}, not ${revision ?? 'known'}`)
    }
    // The number of a version that no record knows is not used again.
    let { lastVersion } = record
    while (await this.#ask((client) => client.exists(this.#key(project, `version:${lastVersion + 1}`)))) lastVersion++

    return { ...record, lastVersion }
  }

  /** Redis keeps one record of a project. */
  async earlier(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  async version(project: string, number: number): Promise<Version | undefined> {
    const key = this.#key(project, `version:${number}`)
    await this.#mustFit(key)
    const text = await this.#ask((client) => client.get(key), key)

    return text === null ? undefined : this.#inKey(key, () => readVersion(text, project, number))
  }

  async history(project: string, limit: number): Promise<HistoryEntry[]> {
    const key = this.#key(project, 'history')
    const lines = await this.#unlessDamaged((client) => client.lrange(key, 0, limit - 1), key)

    return (lines ?? []).flatMap((line) => {
      try {
        return [JSON.parse(line) as HistoryEntry]
      } catch {
        return []
      }
    })
  }

  async commit({ record, expected, versions }: Commit): Promise<'done' | 'lost'> {
    const { project, revision, entry } = record
    const texts = [record, ...versions].map((value) => JSON.stringify(value))
    const largest = Math.max(...texts.map((text) => Buffer.byteLength(text)))
    if (largest > this.#limit) {
      throw new RoutesError('too_large', `project ${project} takes ${largest} bytes; ${this.#limit} are the most`)
    }
    const keys = [
      ...['revision', 'record', 'history'].map((name) => this.#key(project, name)),
      ...versions.map(({ version }) => this.#key(project, `version:${version}`)),
    ]
    const [recordText = '', ...versionTexts] = texts
    const values = [expected, revision, recordText, JSON.stringify(entry), historyKept, ...versionTexts]

    await this.#list(project)
    const stored = await this.#ask((client) => client.eval(commitScript, keys.length, ...keys, ...values))
    if (stored !== 1) return 'lost'
    // Outside the script, where a user without rights on the channel would break it half-way; the poll makes up for it.
    this.#client.publish(`${this.#prefix}:changed`, project).catch(() => undefined)

    return 'done'
  }

  async repair(version: Version): Promise<void> {
    const key = this.#key(version.project, `version:${version.version}`)
    await this.#ask((client) => client.set(key, JSON.stringify(version)), key)
  }

  async refusesChanges(): Promise<string | undefined> {
    // A Cluster knows its masters.
    if (this.#client.isCluster) return undefined
    const info = await this.#ask((client) => client.info('replication')).catch((error: unknown) => {
      // A user that may not ask is told by the change itself.
      if (String(error).includes('NOPERM')) return ''
      throw error
    })
    if (!info.includes('role:slave')) return undefined
    // The address may lead to the new master by now, and these connections to what was one.
    if (performance.now() - this.#reconnectedAt > reconnectEvery) {
      this.#reconnectedAt = performance.now()
      for (const client of [this.#client, this.#subscriber]) client?.disconnect(true)
    }

    return `${this.#name} is a replica and takes no changes`
  }

  watch(changed: (project: string | undefined) => void): void {
    if (this.#subscriber || this.#closed) return
    // Of a Cluster, the client has a subscriber of its own inside.
    const subscriber = this.#connectMore()
    this.#subscriber = subscriber
    const channel = `${this.#prefix}:changed`
    const subscribe = (): void => {
      subscriber.subscribe(channel).then(
        () => {
          changed(undefined) // whatever was missed while we were away
        },
        (error: unknown) => {
          if (!this.#closed) this.#log.warn(`${this.#name}: no news of changes, only the poll: ${this.#shown(error)}`)
        },
      )
    }
    subscriber.on('message', (from: string, project: string) => {
      if (from === channel) changed(project)
    })
    subscriber.on('ready', subscribe)
    if (subscriber.status === 'ready') subscribe()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const client of [this.#client, this.#subscriber]) client?.disconnect()
    await Promise.resolve()
  }

  /** The projects that are listed. Those that were, and are no longer, are listed again. */
  async #projects(): Promise<string[]> {
    const key = `${this.#prefix}:projects`
    const listed = await this.#unlessDamaged((client) => client.smembers(key), key)
    const lost = [...this.#named].filter((project) => !listed?.includes(project))
    for (const project of listed ?? []) this.#named.add(project)
    // Not of a replica, which takes no writes: there is time until there is a master.
    if (lost.length > 0) await this.#list(...lost).catch(() => undefined)

    return [...(listed ?? []), ...lost]
  }

  async #list(...projects: string[]): Promise<void> {
    const key = `${this.#prefix}:projects`
    for (const project of projects) this.#named.add(project)
    try {
      await this.#ask((client) => client.sadd(key, ...projects), key)
    } catch (error) {
      if (!(error instanceof Damaged)) throw error
      await this.#ask((client) => client.del(key))
      await this.#ask((client) => client.sadd(key, ...projects))
    }
  }

  #key(project: string, name: string): string {
    return `${this.#prefix}:{${project}}:${name}`
  }

  #listenTo(client: RedisClient): RedisClient {
    client.on('error', (error: Error) => {
      this.#lastError = new Error(this.#shown(error))
    })
    // A Sentinel's news of a failover that comes while ioredis connects makes it give up for ever.
    client.on('end', () => {
      if (!this.#closed) client.connect().catch(() => undefined)
    })
    client.on('connect', () => {
      this.#lastError = new Error('it is not ready (LOADING, or no answer yet)')
    })
    client.on('ready', () => {
      this.#lastError = undefined
    })

    return client
  }

  /** When the client is ready, or the time is over. */
  async #settled(time: number): Promise<void> {
    if (this.#client.status === 'ready') return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, time)
      this.#client.once('ready', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** Never reads a value that is too large to be one of ours. */
  async #mustFit(key: string): Promise<void> {
    const bytes = await this.#ask((client) => client.strlen(key), key)
    if (bytes > this.#limit) {
      throw new Damaged(`${key} of ${this.#name} has ${bytes} bytes; ${this.#limit} are the most`, 'oversized')
    }
  }

  #inKey<T>(key: string, read: () => T): T {
    try {
      return read()
    } catch (error) {
      throw error instanceof Damaged
        ? new Damaged(`${key} of ${this.#name} is damaged: ${error.message}`, error.reason)
        : error
    }
  }

  /** `undefined` when the key is of another type. */
  async #unlessDamaged<T>(command: (client: RedisClient) => Promise<T>, key: string): Promise<T | undefined> {
    try {
      return await this.#ask(command, key)
    } catch (error) {
      if (error instanceof Damaged) return undefined
      throw error
    }
  }

  #shown(error: unknown): string {
    return withoutPasswords(this.#target, error instanceof Error ? error.message : String(error))
  }

  async #ask<T>(command: (client: RedisClient) => Promise<T>, key = ''): Promise<T> {
    try {
      return await command(this.#client)
    } catch (error) {
      const reason = this.#shown(error)
      if (reason.startsWith('WRONGTYPE')) throw new Damaged(`${key} of ${this.#name} is not of the type it should be`)
      // "Connection is closed" says nothing; what closed it does.
      const why =
        reason.startsWith('ERR') || /[A-Z]{4}/.test(reason.slice(0, 4)) ? reason : (this.#lastError?.message ?? reason)
      throw new RoutesError('store_unavailable', `${this.#name} does not do as asked: ${why}`, undefined, {
        cause: error,
      })
    }
  }
}

/** The one script that changes a project in Redis, and how it reads a revision. */

/**
 * Compare and set: nothing is written unless the revision is the expected one and no other version has the number. A script that
 * fails half-way leaves what it has written, so nothing in it may fail: a key of another type is looked at first.
 *
 * KEYS: revision, record, history, and each version. ARGV: expected and new revision, record, line of history, how many of
 * them are kept, and each version.
 */
const commitScript = `
local revision = redis.call('MGET', KEYS[1])[1] or ''
if #revision > 15 or not string.match(revision, '^%d+$') then revision = '0' end
if tonumber(revision) ~= tonumber(ARGV[1]) then return 0 end
for i = 4, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 and redis.call('MGET', KEYS[i])[1] ~= ARGV[i + 2] then return 0 end
end
if redis.call('TYPE', KEYS[3]).ok ~= 'list' then redis.call('DEL', KEYS[3]) end
for i = 4, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 2]) end
redis.call('SET', KEYS[2], ARGV[3])
redis.call('LPUSH', KEYS[3], ARGV[4])
redis.call('LTRIM', KEYS[3], 0, tonumber(ARGV[5]) - 1)
redis.call('SET', KEYS[1], ARGV[2])
return 1`

/** 0 when there is none, or when what is there is none: as the script sees it. */
function revisionOf(text: string | null | undefined): number {
  return text != null && /^\d{1,15}$/.test(text) ? Number(text) : 0
}

/**
 * Projects in Redis. Every key of a project has the same hash tag, so that a Cluster keeps them together and one script can
 * change them at once: `baton:{demo}:revision`, `:record`, `:history` and `:version:<n>`; `baton:projects` names the projects.
 */
import { RoutesError } from '../schema/errors.ts'
import {
  DamagedRecord,
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
  type RedisLibrary,
  type RedisClient,
  type RedisTimes,
  redisName,
  withoutPasswords,
  type RedisTarget,
} from './redis-client.ts'
import { silentLog, type StoreCommit, type StoreLog, type Store } from './store.ts'

export interface RedisStoreOptions {
  url: string
  log?: StoreLog | undefined
  /** The first part of every key; `baton`. */
  prefix?: string | undefined
  times?: RedisTimes | undefined
  /** Bytes of the largest record or version that is read or written; 8 MiB. */
  limit?: number | undefined
}

/** Time between two reconnections while the server is a replica. */
const reconnectIntervalMs = 5000
/** History entries of a project. */
const maxHistoryEntries = 10_000

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
  // Projects that this process has seen, which restores the list when Redis has lost it.
  readonly #named = new Set<string>()
  #lastError: Error | undefined
  #reconnectedAt = -Infinity
  #closed = false

  private constructor(library: RedisLibrary, options: RedisStoreOptions) {
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

  /** Waits for Redis up to the connect timeout: a start without Redis serves the last good copies. */
  static async open(options: RedisStoreOptions): Promise<RedisStore> {
    const store = new RedisStore(await loadLibrary(), options)
    await store.#settled((options.times?.connect ?? 2000) + 100)

    return store
  }

  async revisions(): Promise<ReadonlyMap<string, number>> {
    const projects = await this.#projects()
    // MGET treats a key of another type as missing.
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
    // MGET reads both atomically; they share a slot.
    const [text, revision] = await this.#ask((client) => client.mget(key, this.#key(project, 'revision')), key)
    if (!isText(text) && !isText(revision)) return undefined
    if (!isText(text)) throw new DamagedRecord(`${key} of ${this.#name} is gone`)
    const record = await this.#inKey(key, () => readRecord(text, project))
    if (revisionOf(revision) !== record.revision) {
      throw new DamagedRecord(`${key} of ${this.#name} is revision ${record.revision}, not ${revision ?? 'known'}`)
    }
    // Skips version numbers that a writer has taken and not finished.
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

  async commit({ record, expected, versions }: StoreCommit): Promise<'done' | 'lost'> {
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
    const values = [expected, revision, recordText, JSON.stringify(entry), maxHistoryEntries, ...versionTexts]

    await this.#list(project)
    const stored = await this.#ask((client) => client.eval(commitScript, keys.length, ...keys, ...values))
    if (stored !== 1) return 'lost'
    // Not in the script, which a user without rights on the channel would break half-way; the poll finds the change anyway.
    this.#client.publish(`${this.#prefix}:changed`, project).catch(() => undefined)

    return 'done'
  }

  async repair(version: Version): Promise<void> {
    const key = this.#key(version.project, `version:${version.version}`)
    await this.#ask((client) => client.set(key, JSON.stringify(version)), key)
  }

  async refusesChanges(): Promise<string | undefined> {
    // The client of a Cluster writes to masters.
    if (this.#client.isCluster) return undefined
    const info = await this.#ask((client) => client.info('replication')).catch((error: unknown) => {
      // For a user without this right, a change that fails reports it.
      if (String(error).includes('NOPERM')) return ''
      throw error
    })
    if (!info.includes('role:slave')) return undefined
    // After a failover the address may lead to the new master, and these connections to the old one.
    if (performance.now() - this.#reconnectedAt > reconnectIntervalMs) {
      this.#reconnectedAt = performance.now()
      for (const client of [this.#client, this.#subscriber]) client?.disconnect(true)
    }

    return `${this.#name} is a replica and takes no changes`
  }

  watch(changed: (project: string | undefined) => void): void {
    if (this.#subscriber || this.#closed) return
    // A Cluster client subscribes by a connection of its own.
    const subscriber = this.#connectMore()
    this.#subscriber = subscriber
    const channel = `${this.#prefix}:changed`
    const subscribe = (): void => {
      subscriber.subscribe(channel).then(
        () => {
          changed(undefined) // Changes may have been missed while there was no subscription.
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

  /** The listed projects. Those that have vanished from the list are listed again. */
  async #projects(): Promise<string[]> {
    const key = `${this.#prefix}:projects`
    const listed = await this.#unlessDamaged((client) => client.smembers(key), key)
    const lost = [...this.#named].filter((project) => !listed?.includes(project))
    for (const project of listed ?? []) this.#named.add(project)
    // A replica refuses this; a later poll tries again.
    if (lost.length > 0) await this.#list(...lost).catch(() => undefined)

    return [...(listed ?? []), ...lost]
  }

  async #list(...projects: string[]): Promise<void> {
    const key = `${this.#prefix}:projects`
    for (const project of projects) this.#named.add(project)
    try {
      await this.#ask((client) => client.sadd(key, ...projects), key)
    } catch (error) {
      if (!(error instanceof DamagedRecord)) throw error
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
    // ioredis gives up for ever when a Sentinel reports a failover while it connects.
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

  /** Resolves when the client is ready, or after `timeoutMs`. */
  async #settled(timeoutMs: number): Promise<void> {
    if (this.#client.status === 'ready') return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#client.once('ready', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** Refuses a value beyond the limit before it is read. */
  async #mustFit(key: string): Promise<void> {
    const bytes = await this.#ask((client) => client.strlen(key), key)
    if (bytes > this.#limit) {
      throw new DamagedRecord(`${key} of ${this.#name} has ${bytes} bytes; ${this.#limit} are the most`, 'oversized')
    }
  }

  async #inKey<T>(key: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      throw error instanceof DamagedRecord
        ? new DamagedRecord(`${key} of ${this.#name} is damaged: ${error.message}`, error.reason)
        : error
    }
  }

  /** Undefined for a key of another type. */
  async #unlessDamaged<T>(command: (client: RedisClient) => Promise<T>, key: string): Promise<T | undefined> {
    try {
      return await this.#ask(command, key)
    } catch (error) {
      if (error instanceof DamagedRecord) return undefined
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
      if (reason.startsWith('WRONGTYPE')) {
        throw new DamagedRecord(`${key} of ${this.#name} is not of the type it should be`)
      }
      // "Connection is closed" does not say why; the last error does.
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
 * Compare and set: writes only when the revision is the expected one and no other version has the number. Redis keeps what a
 * script wrote before it failed, so no command of this one may fail: a key of another type is removed first.
 *
 * KEYS: revision, record, history, and each version. ARGV: expected and new revision, record, history entry, the maximum of
 * history entries, and each version.
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

/** The revision as the script reads it: 0 without one, and for any other text. */
function revisionOf(text: string | null | undefined): number {
  return isText(text) && /^\d{1,15}$/.test(text) ? Number(text) : 0
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string'
}

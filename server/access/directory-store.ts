import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createFile, type RedisClient } from '../../routes/index.ts'

/** The stored directory: its text, and a revision that each change counts up. Revision 0: nothing is stored. */
export interface StoredDirectory {
  revision: number
  text: string
}

/** Keeps the directory. Both reject when the store does not answer. */
export interface DirectoryStore {
  /** Cheap when nothing has changed since `known`: undefined then. */
  read(known: number): Promise<StoredDirectory | undefined>
  /** Stores it as the revision after `expected`; false when another writer was faster. */
  write(text: string, expected: number): Promise<boolean>
}

/** Files `directory-<revision>.json`, readable by their owner only. A revision is a file that only one writer can create. */
export class DirectoryFiles implements DirectoryStore {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  async read(known: number): Promise<StoredDirectory | undefined> {
    const [newest = 0] = await this.#revisions()
    if (newest === known) return undefined
    if (newest === 0) return { revision: 0, text: '' }

    return { revision: newest, text: await readFile(this.#path(newest), 'utf8') }
  }

  async write(text: string, expected: number): Promise<boolean> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    const stored = await this.#revisions()
    if ((stored[0] ?? 0) !== expected || !(await createFile(this.#path(expected + 1), text))) return false
    for (const old of stored) await rm(this.#path(old), { force: true })

    return true
  }

  #path(revision: number): string {
    return join(this.#dir, `directory-${revision}.json`)
  }

  /** Newest first. */
  async #revisions(): Promise<number[]> {
    try {
      return (await readdir(this.#dir))
        .flatMap((file) => /^directory-(\d+)\.json$/.exec(file)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => b - a)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
}

const key = 'baton:access'

/** Compare and set. KEYS: the hash. ARGV: the expected revision, the new one, the text. */
const writeScript = `
local revision = redis.call('HGET', KEYS[1], 'revision') or '0'
if revision ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'text', ARGV[3])
return 1`

/** A hash in Redis, shared by all Batons that use it. */
export class DirectoryRedis implements DirectoryStore {
  readonly #client: RedisClient

  constructor(client: RedisClient) {
    this.#client = client
  }

  async read(known: number): Promise<StoredDirectory | undefined> {
    const revision = Number((await this.#client.hget(key, 'revision')) ?? 0)
    if (revision === known) return undefined
    const [now, text] = await this.#client.hmget(key, 'revision', 'text')

    return { revision: Number(now ?? 0), text: text ?? '' }
  }

  async write(text: string, expected: number): Promise<boolean> {
    return (await this.#client.eval(writeScript, 1, key, String(expected), String(expected + 1), text)) === 1
  }
}

import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createFile } from './atomic-file.ts'
import type { RedisClient } from './redis-client.ts'

/** A stored document: its text, and a revision that each change counts up. Revision 0: nothing is stored. */
export interface StoredDocument {
  revision: number
  text: string
}

/** Keeps one document, which every change replaces whole. Both reject when the store does not answer. */
export interface DocumentStore {
  /** Cheap when nothing has changed since `known`: undefined then. */
  read(known: number): Promise<StoredDocument | undefined>
  /** Stores it as `revision`; false when another writer was faster, so that the stored revision is not `expected`. */
  write(text: string, expected: number, revision: number): Promise<boolean>
}

/** Files `<name>-<revision>.json`, readable by their owner only. A revision is a file that only one writer can create. */
export class DocumentFiles implements DocumentStore {
  readonly #dir: string
  readonly #name: string

  constructor(dir: string, name: string) {
    this.#dir = dir
    this.#name = name
  }

  async read(known: number): Promise<StoredDocument | undefined> {
    const [newest = 0] = await this.#revisions()
    if (newest === known) return undefined
    if (newest === 0) return { revision: 0, text: '' }

    return { revision: newest, text: await readFile(this.#path(newest), 'utf8') }
  }

  async write(text: string, expected: number, revision: number): Promise<boolean> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    const stored = await this.#revisions()
    if ((stored[0] ?? 0) !== expected || !(await createFile(this.#path(revision), text))) return false
    for (const old of stored) await rm(this.#path(old), { force: true })

    return true
  }

  #path(revision: number): string {
    return join(this.#dir, `${this.#name}-${revision}.json`)
  }

  /** Newest first. */
  async #revisions(): Promise<number[]> {
    try {
      return (await readdir(this.#dir))
        .filter((file) => file.startsWith(`${this.#name}-`))
        .flatMap((file) => /^-(\d+)\.json$/.exec(file.slice(this.#name.length))?.[1] ?? [])
        .map(Number)
        .sort((a, b) => b - a)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
}

/** Compare and set. KEYS: the hash. ARGV: the expected revision, the new one, the text. */
const writeScript = `
local revision = redis.call('HGET', KEYS[1], 'revision') or '0'
if revision ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'text', ARGV[3])
return 1`

/** A hash in Redis, shared by all Batons that use it. */
export class DocumentRedis implements DocumentStore {
  readonly #client: RedisClient
  readonly #key: string

  constructor(client: RedisClient, key: string) {
    this.#client = client
    this.#key = key
  }

  async read(known: number): Promise<StoredDocument | undefined> {
    const revision = Number((await this.#client.hget(this.#key, 'revision')) ?? 0)
    if (revision === known) return undefined
    const [now, text] = await this.#client.hmget(this.#key, 'revision', 'text')

    return { revision: Number(now ?? 0), text: text ?? '' }
  }

  async write(text: string, expected: number, revision: number): Promise<boolean> {
    return (await this.#client.eval(writeScript, 1, this.#key, String(expected), String(revision), text)) === 1
  }
}

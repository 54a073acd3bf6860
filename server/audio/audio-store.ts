import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../../config/index.ts'
import { openRedis, type RedisClient } from '../../routes/index.ts'
import { writeAudioFile } from './audio-file.ts'

/**
 * Keeps audio files by the digest of their content: a version of a table names digests, so that a release plays what was
 * published with it, and a rollback what was published before.
 */
export interface AudioStore {
  /** Keeps a file, and gives its digest. */
  put(bytes: Buffer): Promise<string>
  get(digest: string): Promise<Buffer | undefined>
  /** The path of the file on this machine; undefined when it is not kept. */
  path(digest: string): Promise<string | undefined>
  /** The digests of all files that are kept. */
  digests(): Promise<string[]>
  remove(digest: string): Promise<void>
  close(): void
}

/** Files under `DATA_DIR/audio`; with `REDIS_URL` Redis has them, too, for the other Batons. */
export async function openAudioStore({
  redisUrl,
  dataDir,
}: Pick<Settings, 'redisUrl' | 'dataDir'>): Promise<AudioStore> {
  const files = new AudioFiles(join(dataDir, 'audio'))
  if (redisUrl === undefined) return files
  const { client, close } = await openRedis(redisUrl)

  return new SharedAudio(files, client, close)
}

function digestOfAudio(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

class AudioFiles implements AudioStore {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  async put(bytes: Buffer): Promise<string> {
    const digest = digestOfAudio(bytes)
    await writeAudioFile(this.#pathOf(digest), bytes)

    return digest
  }

  async get(digest: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.#pathOf(digest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  async path(digest: string): Promise<string | undefined> {
    return (await this.get(digest)) && this.#pathOf(digest)
  }

  async digests(): Promise<string[]> {
    const names = await readdir(this.#dir).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    })

    return names.flatMap((name) => (/^[0-9a-f]{64}\.wav$/.test(name) ? [`sha256:${name.slice(0, -4)}`] : []))
  }

  async remove(digest: string): Promise<void> {
    await rm(this.#pathOf(digest), { force: true })
  }

  close(): void {
    // Nothing is open between two calls.
  }

  #pathOf(digest: string): string {
    return join(this.#dir, `${digest.replace(/^sha256:/, '').replace(/[^0-9a-f]/g, '')}.wav`)
  }
}

/** In Redis for every Baton, and in a file once this one has used it. */
class SharedAudio implements AudioStore {
  readonly #files: AudioFiles
  readonly #client: RedisClient
  readonly close: () => void

  constructor(files: AudioFiles, client: RedisClient, close: () => void) {
    this.#files = files
    this.#client = client
    this.close = close
  }

  async put(bytes: Buffer): Promise<string> {
    const digest = await this.#files.put(bytes)
    await this.#client.set(keyOfAudio(digest), bytes.toString('base64'))

    return digest
  }

  async get(digest: string): Promise<Buffer | undefined> {
    const kept = await this.#files.get(digest)
    if (kept) return kept
    const text = await this.#client.get(keyOfAudio(digest))
    if (text === null) return undefined
    const bytes = Buffer.from(text, 'base64')
    await this.#files.put(bytes)

    return bytes
  }

  async path(digest: string): Promise<string | undefined> {
    return (await this.get(digest)) && this.#files.path(digest)
  }

  async digests(): Promise<string[]> {
    const prefix = keyOfAudio('')
    const found = new Set(await this.#files.digests())
    let cursor = '0'
    do {
      const [next, keys] = await this.#client.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1000)
      for (const key of keys) found.add(key.slice(prefix.length))
      cursor = next
    } while (cursor !== '0')

    return [...found]
  }

  async remove(digest: string): Promise<void> {
    await this.#client.del(keyOfAudio(digest))
    await this.#files.remove(digest)
  }
}

function keyOfAudio(digest: string): string {
  return `baton:audio:${digest}`
}

import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import type { Settings } from '../../config/index.ts'
import { openRedis, type RedisClient } from '../../routes/index.ts'
import { AgentState } from '../legs/views.ts'

const Time = Type.String({ format: 'date-time' })

/** What an agent gave along with a transfer, for the person who takes the caller over. */
export const ContextView = Type.Object(
  {
    id: Type.String(),
    callId: Type.String(),
    transferId: Type.Optional(Type.String({ description: 'Left out where no agent took the call' })),
    project: Type.String(),
    environment: Type.String(),
    handoff: Type.String(),
    caller: Type.Object({ uri: Type.String(), number: Type.String(), name: Type.Optional(Type.String()) }),
    called: Type.String({ description: 'The number that the caller dialled' }),
    dialled: Type.Optional(Type.String({ description: 'The number of the handoff’s pool that the transfer dials' })),
    reason: Type.Optional(Type.String({ description: 'Why, in the agent’s words' })),
    variables: Type.Record(Type.String(), Type.String()),
    context: Type.Optional(Type.Unknown({ description: 'The JSON of the transfer request, as it was given' })),
    states: Type.Array(AgentState),
    createdAt: Time,
    expiresAt: Time,
  },
  { title: 'Context' },
)

export type ContextView = Static<typeof ContextView>

/** Bytes that the JSON of one context may have. */
export const maxContextBytes = 64 * 1024

/** Whether a text can be the id of a context: 128 random bits in base64url. */
export function isContextId(text: string): boolean {
  return /^[\w-]{22}$/.test(text)
}

/** For how long a caller's number leads to its newest context. */
export const callerSeconds = 60

/** Keeps contexts over a restart, and for the other Batons of one Redis. */
export interface ContextStore {
  /** Adds a context, which its caller's number leads to from now on; it is gone after its `expiresAt`. */
  add(context: ContextView): Promise<void>
  /** Replaces a context. */
  update(context: ContextView): Promise<void>
  get(id: string): Promise<ContextView | undefined>
  /** The newest context of the last minute for a caller's number. */
  byCaller(number: string): Promise<ContextView | undefined>
  /** Replaces a context, which a number of a pool leads to from now on. */
  dialled(context: ContextView, number: string): Promise<void>
  /** The context that a number of a pool leads to. */
  byDialled(number: string): Promise<ContextView | undefined>
  /** Takes out what has expired. */
  sweep(now: number): Promise<void>
  close(): void
}

/** Redis with `REDIS_URL`, else files under `DATA_DIR/context`. Rejects when the folder cannot be made. */
export async function openContextStore({
  redisUrl,
  dataDir,
}: Pick<Settings, 'redisUrl' | 'dataDir'>): Promise<ContextStore> {
  return redisUrl === undefined ? FileContexts.open(join(dataDir, 'context')) : RedisContexts.open(redisUrl)
}

class RedisContexts implements ContextStore {
  readonly #client: RedisClient
  readonly close: () => void

  private constructor(client: RedisClient, close: () => void) {
    this.#client = client
    this.close = close
  }

  static async open(url: string): Promise<RedisContexts> {
    const { client, close } = await openRedis(url)

    return new RedisContexts(client, close)
  }

  async add(context: ContextView): Promise<void> {
    const { id, caller } = context
    await this.update(context)
    if (caller.number !== '') await this.#client.set(callerKeyOf(caller.number), id, 'EX', callerSeconds)
  }

  async update(context: ContextView): Promise<void> {
    const leftMs = Date.parse(context.expiresAt) - Date.now()
    if (leftMs > 0) await this.#client.set(keyOf(context.id), JSON.stringify(context), 'PX', leftMs)
  }

  async dialled(context: ContextView, number: string): Promise<void> {
    await this.update(context)
    const leftMs = Date.parse(context.expiresAt) - Date.now()
    if (leftMs > 0) await this.#client.set(dialledKeyOf(number), context.id, 'PX', leftMs)
  }

  async byDialled(number: string): Promise<ContextView | undefined> {
    const id = await this.#client.get(dialledKeyOf(number))

    return id === null ? undefined : this.get(id)
  }

  async get(id: string): Promise<ContextView | undefined> {
    const text = await this.#client.get(keyOf(id))

    return text === null ? undefined : read(text)
  }

  async byCaller(number: string): Promise<ContextView | undefined> {
    const id = await this.#client.get(callerKeyOf(number))

    return id === null ? undefined : this.get(id)
  }

  /** Redis takes out keys by itself. */
  async sweep(): Promise<void> {
    await Promise.resolve()
  }
}

function keyOf(id: string): string {
  return `baton:context:${id}`
}

function callerKeyOf(number: string): string {
  return `baton:context:caller:${number}`
}

function dialledKeyOf(number: string): string {
  return `baton:context:dialled:${number}`
}

/** One file for each context. Callers' numbers are in memory: they lead to a context for a minute only. */
class FileContexts implements ContextStore {
  readonly #folder: string
  readonly #newest = new Map<string, { id: string; until: number }>()
  readonly #dialled = new Map<string, { id: string; createdAt: string }>()

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async open(folder: string): Promise<FileContexts> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const store = new FileContexts(folder)
    await store.sweep(Date.now())

    return store
  }

  async add(context: ContextView): Promise<void> {
    this.#noteCaller(context)
    await this.update(context)
  }

  async update(context: ContextView): Promise<void> {
    await writeFile(this.#path(context.id), JSON.stringify(context), { mode: 0o600 })
  }

  async dialled(context: ContextView): Promise<void> {
    this.#noteDialled(context)
    await this.update(context)
  }

  async byDialled(number: string): Promise<ContextView | undefined> {
    const last = this.#dialled.get(number)

    return last && this.get(last.id)
  }

  async get(id: string): Promise<ContextView | undefined> {
    try {
      return read(await readFile(this.#path(id), 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  async byCaller(number: string): Promise<ContextView | undefined> {
    const newest = this.#newest.get(number)

    return newest && newest.until > Date.now() ? this.get(newest.id) : undefined
  }

  /** After a start, the contexts of the last minute are found by their callers' numbers again. */
  async sweep(now: number): Promise<void> {
    for (const [number, { until }] of this.#newest) if (until <= now) this.#newest.delete(number)
    for (const file of await readdir(this.#folder)) {
      const path = join(this.#folder, file)
      const context = isContextId(file.replace(/\.json$/, '')) ? await this.#read(path) : undefined
      if (context && Date.parse(context.expiresAt) > now) {
        this.#noteCaller(context)
        this.#noteDialled(context)
      } else if (context ?? (await isOld(path, now))) await rm(path, { force: true })
    }
  }

  close(): void {
    this.#newest.clear()
  }

  async #read(path: string): Promise<ContextView | undefined> {
    try {
      return read(await readFile(path, 'utf8'))
    } catch {
      return undefined
    }
  }

  #noteCaller({ id, caller: { number }, createdAt }: ContextView): void {
    const until = Date.parse(createdAt) + callerSeconds * 1000
    if (number !== '' && until > (this.#newest.get(number)?.until ?? Date.now())) {
      this.#newest.set(number, { id, until })
    }
  }

  #noteDialled({ id, dialled, createdAt }: ContextView): void {
    if (dialled === undefined || (this.#dialled.get(dialled)?.createdAt ?? '') > createdAt) return
    this.#dialled.set(dialled, { id, createdAt })
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`)
  }
}

/** A text that is cut off, by a crash or a full disk, holds no context. */
function read(text: string): ContextView | undefined {
  try {
    return JSON.parse(text) as ContextView
  } catch {
    return undefined
  }
}

/** A file that cannot be read may be one that is being written. */
async function isOld(path: string, now: number): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }))

  return now - mtimeMs > 3_600_000
}

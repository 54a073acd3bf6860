import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Type, type Static } from 'typebox'
import type { RedisClient, FieldChange } from '../../routes/index.ts'

/** One change, made or refused, as `GET /v1/history` shows it. */
export const AuditEntry = Type.Object(
  {
    id: Type.String({ description: 'In the order of time' }),
    at: Type.String({ format: 'date-time' }),
    who: Type.String({ description: 'The person’s or the token’s name; anonymous where none is known' }),
    kind: Type.Enum(['account', 'token', 'admin_token', 'open', 'baton'], {
      description: 'How who is known: open says nothing for certain, baton is Baton itself',
    }),
    from: Type.String({ description: 'The address, or cli' }),
    why: Type.Optional(Type.String()),
    action: Type.String({ description: 'What was asked for, in words' }),
    request: Type.Optional(
      Type.Object({
        method: Type.String(),
        path: Type.String(),
        body: Type.Optional(
          Type.Unknown({ description: 'Without passwords and secrets; left out for those who see masked numbers' }),
        ),
      }),
    ),
    project: Type.Optional(Type.String()),
    environment: Type.Optional(Type.String()),
    result: Type.Enum(['done', 'refused', 'failed']),
    status: Type.Optional(Type.Integer({ description: 'Of the HTTP answer' })),
    problem: Type.Optional(Type.String({ description: 'Why it was refused' })),
    before: Type.Optional(Type.Unknown({ description: 'A version’s number, a digest, or the thing as it was' })),
    after: Type.Optional(Type.Unknown()),
    changes: Type.Optional(
      Type.Array(Type.Unsafe<FieldChange>(Type.Object({}, { description: 'A Change' })), {
        description: 'Field by field',
      }),
    ),
  },
  { title: 'AuditEntry' },
)
export type AuditEntry = Static<typeof AuditEntry>

/** An entry before the store has given it its id. */
export type NewAuditEntry = Omit<AuditEntry, 'id'>

/** Undefined for a line that is no entry, such as one that a crash has cut off. */
function readEntry(text: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(text) as Partial<AuditEntry> | null
    const isWhole = typeof entry?.id === 'string' && typeof entry.at === 'string'

    return isWhole ? (entry as AuditEntry) : undefined
  } catch {
    return undefined
  }
}

/** Keeps the entries, which are only ever added; the oldest go when there are too many. */
export interface AuditStore {
  append(entry: NewAuditEntry): Promise<void>
  /** Entries before the one of this id, newest first, some at a time. */
  before(id: string | undefined): AsyncIterable<AuditEntry>
}

const maxSegmentBytes = 4 * 1024 * 1024
const maxSegments = 16
/** Lines that are parsed in one turn of the event loop; SIP is served between turns. */
const linesInOneTurn = 250

/** Files `audit-<number>.jsonl`, readable by their owner only: an entry a line, 64 MiB at most. */
export class AuditFiles implements AuditStore {
  readonly #dir: string
  #count = 0
  /** Milliseconds since the epoch, in the last id. */
  #lastAt = 0
  /** Whether the file ends with a whole line: a crash or a full disk may have cut one off. */
  #isWhole = false

  constructor(dir: string) {
    this.#dir = dir
  }

  async append(entry: NewAuditEntry): Promise<void> {
    const line = `${JSON.stringify({ id: this.#nextId(entry.at), ...entry })}\n`
    const start = this.#isWhole ? '' : '\n'
    this.#isWhole = false
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    await appendFile(await this.#segment(), start + line, { mode: 0o600 })
    this.#isWhole = true
  }

  async *before(id: string | undefined): AsyncIterable<AuditEntry> {
    for (const number of await this.#numbers()) {
      const text = await readFile(this.#path(number), 'utf8').catch(() => '')
      let count = 0
      for (const line of text.split('\n').reverse()) {
        if (++count % linesInOneTurn === 0) await nextTurn()
        const entry = readEntry(line)
        if (entry && (id === undefined || entry.id < id)) yield entry
      }
    }
  }

  /** Sorts in the order of the file, which pages go by, also when the clock was set back; and as times do among processes. */
  #nextId(at: string): string {
    this.#lastAt = Math.max(this.#lastAt, Date.parse(at))
    this.#count = (this.#count + 1) % 1_000_000

    return `${String(this.#lastAt).padStart(15, '0')}-${String(this.#count).padStart(6, '0')}-${randomBytes(2).toString('hex')}`
  }

  /** The file that is written to: the newest, or the next when that is full. */
  async #segment(): Promise<string> {
    const [newest = 1, ...older] = await this.#numbers()
    const { size } = await stat(this.#path(newest)).catch(() => ({ size: 0 }))
    if (size < maxSegmentBytes) return this.#path(newest)
    for (const number of older.slice(maxSegments - 2)) await rm(this.#path(number), { force: true })

    return this.#path(newest + 1)
  }

  #path(number: number): string {
    return join(this.#dir, `audit-${number}.jsonl`)
  }

  /** Newest first. */
  async #numbers(): Promise<number[]> {
    const files = await readdir(this.#dir).catch(() => [])

    return files
      .flatMap((file) => /^audit-(\d+)\.jsonl$/.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a)
  }
}

const key = 'baton:audit'
const maxEntries = 100_000
const pageSize = 500

/** A stream in Redis, shared by all Batons that use it. */
export class AuditRedis implements AuditStore {
  readonly #client: RedisClient

  constructor(client: RedisClient) {
    this.#client = client
  }

  async append(entry: NewAuditEntry): Promise<void> {
    await this.#client.xadd(key, 'MAXLEN', '~', maxEntries, '*', 'entry', JSON.stringify(entry))
  }

  async *before(id: string | undefined): AsyncIterable<AuditEntry> {
    for (let end = id === undefined ? '+' : `(${id}`; ;) {
      const page = await this.#client.xrevrange(key, end, '-', 'COUNT', pageSize)
      for (const [entryId, [, text = '']] of page) {
        const entry = readEntry(`{"id":${JSON.stringify(entryId)},${text.slice(1)}`)
        if (entry) yield entry
      }
      const last = page.at(-1)
      if (!last || page.length < pageSize) return
      end = `(${last[0]}`
    }
  }
}

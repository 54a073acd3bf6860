import { join } from 'node:path'
import type { Settings } from '../../config/index.ts'
import { openRedis, type StoreLog } from '../../routes/index.ts'
import { AuditFiles, AuditRedis, type AuditStore, type AuditEntry, type NewAuditEntry } from './audit-store.ts'

/** Entries that wait while the store does not take them; more are lost, and the log has them. */
const maxWaiting = 1000
const defaultRetryMs = 5000
/** Entries that one page looks at. */
const maxScanned = 100_000

export interface AuditFilter {
  who?: string | undefined
  project?: string | undefined
  result?: AuditEntry['result'] | undefined
  /** A part of the action or of the path, in any case of letters. */
  text?: string | undefined
  /** ISO 8601 */
  from?: string | undefined
  to?: string | undefined
  /** All entries are looked at, for an export. */
  isWhole?: boolean
  /** Whether an entry may be shown to the principal of the request. */
  isShown?: (entry: AuditEntry) => boolean
}

/** Who changed what: written behind, so that no request waits for the store. */
export class Audit {
  readonly #store: AuditStore
  readonly #log: StoreLog
  readonly #disconnect: () => void
  readonly #retryMs: number
  readonly #waiting: NewAuditEntry[] = []
  #writing: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #problem: string | undefined
  #lost = 0

  constructor(
    store: AuditStore,
    log: StoreLog,
    disconnect: () => void = () => undefined,
    { retryMs = defaultRetryMs } = {},
  ) {
    this.#store = store
    this.#log = log
    this.#disconnect = disconnect
    this.#retryMs = retryMs
  }

  /** Opens it where Baton keeps its tables: in Redis with REDIS_URL, else in files under DATA_DIR. */
  static async open({ redisUrl, dataDir }: Settings, log: StoreLog): Promise<Audit> {
    if (redisUrl === undefined) return new Audit(new AuditFiles(join(dataDir, 'audit')), log)
    const { client, close } = await openRedis(redisUrl)

    return new Audit(new AuditRedis(client), log, close)
  }

  /** Why the last entry could not be written; undefined if it was. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** How many entries could not be written. */
  get lost(): number {
    return this.#lost
  }

  record(entry: NewAuditEntry): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#lose(entry)

      return
    }
    this.#waiting.push(entry)
    if (!this.#retry) this.#writeSoon()
  }

  /** Newest first; entries that are being written are waited for. */
  async *find(filter: AuditFilter, before?: string): AsyncGenerator<AuditEntry> {
    await this.#writing
    const { from, to, isWhole = false, isShown = () => true } = filter
    const [oldest, newest] = [from, to].map((time) => (time === undefined ? undefined : Date.parse(time)))
    let scanned = 0
    for await (const entry of this.#store.before(before)) {
      const at = Date.parse(entry.at)
      if ((!isWhole && ++scanned > maxScanned) || (oldest !== undefined && at < oldest)) return
      if ((newest === undefined || at < newest) && matches(entry, filter) && isShown(entry)) yield entry
    }
  }

  /** Idempotent. Writes the entries that wait; those that the store does not take are lost. */
  async close(): Promise<void> {
    await this.#writing
    clearTimeout(this.#retry)
    await this.#write()
    clearTimeout(this.#retry)
    for (const entry of this.#waiting.splice(0)) this.#lose(entry)
    this.#disconnect()
  }

  #writeSoon(): void {
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined))
  }

  /** Writes the entries in their order; one that the store does not take is tried again later. */
  async #write(): Promise<void> {
    this.#retry = undefined
    for (let [next] = this.#waiting; next; [next] = this.#waiting) {
      try {
        await this.#store.append(next)
      } catch (error) {
        this.#fail(error)

        return
      }
      this.#problem = undefined
      this.#waiting.shift()
    }
  }

  /** Logged once, until an entry is written again. */
  #fail(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error)
    if (this.#problem === undefined) {
      this.#log.error('the history of changes cannot be written; its entries wait', { error: problem })
    }
    this.#problem = problem
    this.#retry = setTimeout(() => {
      this.#writeSoon()
    }, this.#retryMs)
    this.#retry.unref()
  }

  #lose(entry: NewAuditEntry): void {
    this.#lost++
    this.#log.error('an entry of the history is lost: the store does not take it', { entry })
  }
}

function matches(entry: AuditEntry, { who, project, result, text }: AuditFilter): boolean {
  const searched = text?.toLowerCase()

  return (
    (who === undefined || entry.who === who) &&
    (project === undefined || entry.project === project) &&
    (result === undefined || entry.result === result) &&
    (searched === undefined || `${entry.action} ${entry.request?.path ?? ''}`.toLowerCase().includes(searched))
  )
}

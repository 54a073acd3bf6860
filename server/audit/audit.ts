import { join } from 'node:path'
import type { Settings } from '../../config/index.ts'
import { openRedis, type StoreLog } from '../../routes/index.ts'
import type { AuditEntry, NewAuditEntry } from './audit-entry.ts'
import { AuditFiles, AuditRedis, type AuditStore } from './audit-store.ts'

/** Entries that wait while the store does not take them; more are lost, and the log says so. */
const maxWaiting = 1000
/** Entries that one question looks at. */
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
  /** Whether an entry may be shown to the one who asks. */
  isShown?: (entry: AuditEntry) => boolean
}

/** Who changed what: written behind, so that no request waits for the store. */
export class Audit {
  readonly #store: AuditStore
  readonly #log: StoreLog
  readonly #disconnect: () => void
  #waiting: NewAuditEntry[] = []
  #writing: Promise<void> | undefined

  constructor(store: AuditStore, log: StoreLog, disconnect: () => void = () => undefined) {
    this.#store = store
    this.#log = log
    this.#disconnect = disconnect
  }

  /** Opens it where Baton keeps its tables: in Redis with REDIS_URL, else in files under DATA_DIR. */
  static async open({ redisUrl, dataDir }: Settings, log: StoreLog): Promise<Audit> {
    if (redisUrl === undefined) return new Audit(new AuditFiles(join(dataDir, 'audit')), log)
    const { client, close } = await openRedis(redisUrl)

    return new Audit(new AuditRedis(client), log, close)
  }

  record(entry: NewAuditEntry): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#log.error('an entry of the history is lost: the store does not take it', { entry })

      return
    }
    this.#waiting.push(entry)
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined))
  }

  /** Newest first; entries that are being written are waited for. */
  async *find(filter: AuditFilter, before?: string): AsyncGenerator<AuditEntry> {
    await this.#writing
    const { from, to, isShown = () => true } = filter
    const [oldest, newest] = [from, to].map((time) => (time === undefined ? undefined : Date.parse(time)))
    let scanned = 0
    for await (const entry of this.#store.before(before)) {
      const at = Date.parse(entry.at)
      if (++scanned > maxScanned || (oldest !== undefined && at < oldest)) return
      if ((newest === undefined || at < newest) && matches(entry, filter) && isShown(entry)) yield entry
    }
  }

  /** Idempotent. Writes what waits. */
  async close(): Promise<void> {
    await this.#writing
    this.#disconnect()
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const entries = this.#waiting
      this.#waiting = []
      await this.#store.append(entries).catch((error: unknown) => {
        this.#log.error('entries of the history are lost: the store does not take them', { error, entries })
      })
    }
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

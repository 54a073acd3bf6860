import { join } from 'node:path'
import type { Settings } from '../../config/index.ts'
import type { PinnedTable, Routing } from '../../routes/index.ts'
import type { KeptCalls } from '../calls/call-restorer.ts'
import type { CallKeeper } from '../calls/call-keeper.ts'
import type { KeptCall } from '../calls/kept-call.ts'
import type { WrittenCdr } from '../calls/cdr.ts'
import type { KeptNumber } from '../calls/reserved-numbers.ts'
import type { Events } from '../calls/events.ts'
import { CallJournal } from './call-journal.ts'
import { JournalFolder } from './journal-folder.ts'
import { leasedCalls, openLease, type FoundCalls, type StandbyCalls } from './leased-calls.ts'
import { readRecords, type LeftRecords } from './left-records.ts'
import type { SharedRecords } from './shared-records.ts'

interface RecoveryLog {
  error(message: string, fields?: object): unknown
  info(message: string, fields?: object): unknown
}

interface RecoveryParts {
  readonly calls: { readonly size: number }
  readonly events: Pick<Events, 'emit'>
  readonly cdrs: { write(records: readonly WrittenCdr[]): void }
  readonly log: RecoveryLog
}

type RecoverySettings = Pick<
  Settings,
  'dataDir' | 'recovery' | 'nodeName' | 'redisUrl' | 'sip' | 'drachtio' | 'drachtioListen'
>

/** The calls that the process before has left, and the journal of those of this one: on the disk, and in Redis where that is used. */
export class Recovery implements KeptCalls {
  readonly #journal: CallJournal | undefined
  /** The process that has the folder, where this one has no journal. */
  readonly #holder: number | undefined
  readonly #records: SharedRecords | undefined
  readonly calls: readonly KeptCall[]
  /** The CDRs that the process before has not written. */
  readonly lostCdrs: readonly WrittenCdr[]
  readonly leftNumbers: readonly KeptNumber[]
  /** The node whose calls these are, when it is another one. */
  readonly takenFrom: string | undefined
  readonly #pinned: ReadonlyMap<string, PinnedTable>

  /**
   * Undefined with RECOVERY=off. Never rejects: Baton serves without a disk, and without Redis.
   * @param standby the calls that a standby has in memory, for a Redis that does not answer
   */
  static async open(
    settings: RecoverySettings,
    routing: Routing,
    log: RecoveryLog,
    standby?: StandbyCalls,
  ): Promise<Recovery | undefined> {
    if (!settings.recovery) return undefined
    const { dataDir, nodeName: node, drachtio, drachtioListen } = settings
    const isOfServer = (drachtio ?? drachtioListen) !== undefined
    const folder = new JournalFolder(join(dataDir, 'calls'))
    const left = await readRecords(folder, join(dataDir, 'cdr'), log)
    const lease = await openLease(settings)
    const found = lease && (await leasedCalls(lease, { node, isNew: left.isNew, log, standby }))
    const calls = found?.calls ?? left.calls
    const journal =
      left.holder === undefined ? new CallJournal(folder, node, log, { endsWithProcess: isOfServer }) : undefined

    return new Recovery(journal, { ...left, calls }, await pinnedTables(calls, routing), found)
  }

  /** @param journal undefined where another process has the folder */
  private constructor(
    journal: CallJournal | undefined,
    { calls, lost, ended, holder }: LeftRecords,
    pinned: ReadonlyMap<string, PinnedTable>,
    found: FoundCalls | undefined,
  ) {
    this.#journal = journal
    this.#holder = holder
    this.#records = found?.records
    this.takenFrom = found?.calls && found.before
    this.calls = calls
    this.lostCdrs = lost
    this.leftNumbers = ended.flatMap(({ numbers }) => numbers)
    this.#pinned = pinned
    this.#records?.hold()
  }

  /** Keeps the calls of this process. */
  get keeper(): CallKeeper {
    const keepers = [this.#journal, this.#records].filter((keeper) => keeper !== undefined)

    return {
      changed: (call) => {
        for (const keeper of keepers) keeper.changed(call)
      },
      ended: (call, cdr) => {
        for (const keeper of keepers) keeper.ended(call, cdr)
      },
    }
  }

  /** Whether a process after this one, in the same place, can go on with the calls. */
  get isKept(): boolean {
    return this.#journal !== undefined && this.#journal.problem === undefined
  }

  /** Why calls that are up are not kept everywhere; undefined while they are. */
  get problem(): string | undefined {
    const held = this.#holder === undefined ? undefined : `process ${this.#holder} keeps its calls in the folder`

    return held ?? this.#journal?.problem ?? this.#records?.problem
  }

  /** How many writes have failed, by where they went. */
  get errors(): Readonly<Record<'disk' | 'redis', number>> {
    return { disk: this.#journal?.errors ?? 0, redis: this.#records?.errors ?? 0 }
  }

  /** That another Baton has taken over the address of this one; undefined while none has. */
  get lostProblem(): string | undefined {
    const lostTo = this.#records?.lostTo

    return lostTo === undefined ? undefined : `${lostTo} has taken over the address of this Baton, and its calls`
  }

  /** @param lost called once, when another Baton has taken over the address */
  onLost(lost: (node: string) => void): void {
    if (this.#records) this.#records.onLost = lost
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.#journal?.close(), this.#records?.close()])
  }

  /** The listeners are open, and the calls are taken up: what the process before has left is told, and this one's calls are kept. */
  async begin({ calls, events, cdrs, log }: RecoveryParts): Promise<void> {
    cdrs.write(this.lostCdrs)
    await this.#journal?.begin()
    this.#records?.begin()
    if (this.calls.length === 0 && this.lostCdrs.length === 0) return
    const told = {
      calls: this.calls.length,
      recovered: calls.size,
      cdrsWritten: this.lostCdrs.length,
      from: this.takenFrom,
    }
    log.info('calls of the process before taken up', told)
    events.emit('process.restarted', () => ({ project: 'none', environment: 'none', data: told }))
  }

  pinnedOf(call: KeptCall): PinnedTable | undefined {
    return this.#pinned.get(releaseKey(call))
  }
}

/** Each release once: thousands of calls have the same. */
async function pinnedTables(calls: readonly KeptCall[], routing: Routing): Promise<Map<string, PinnedTable>> {
  const tables = new Map<string, PinnedTable>()
  for (const call of calls) {
    const key = releaseKey(call)
    if (tables.has(key)) continue
    const { project, environment, release } = call
    const found = await routing.environments.pinned(project, environment, release).catch(() => undefined)
    const table = found ?? routing.running(project).find((one) => one.environment === environment)
    if (table) tables.set(key, table)
  }

  return tables
}

function releaseKey({ project, environment, release }: KeptCall): string {
  return `${project}/${environment}/${release}`
}

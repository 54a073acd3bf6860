import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Ladder } from '../calls/ladders.ts'
import { probeFolder } from '../folder-probe.ts'
import type { CallView, LadderView } from '../legs/views.ts'
import { summaryOf } from './call-summary.ts'
import { ladderBytes, packLadder, unpackLadder, type PackedLadder } from './packed-ladder.ts'
import { everySummary, searchParts, type HistoryCall, type SearchedPart, type SearchOptions } from './history-search.ts'
import type { IndexEntry, Segment, HistoryRecord } from './segment.ts'
import { Segments, type HistoryLimits } from './segments.ts'

interface HistoryLog {
  error(message: string, fields?: object): unknown
  warn(message: string, fields?: object): unknown
}

/** A call as it ended. */
interface EndedMoment {
  readonly view: CallView
  /** The view on one line. */
  readonly json: string
}

/** A call that has ended and is not written yet. */
interface PendingCall {
  id: string
  moment: EndedMoment
  ladder: Ladder
  /** Set when the ladder had to let its messages go before. */
  packed?: PackedLadder
  dueAt: number
  amends: boolean
  /** The moment that its record shows. */
  written?: PendingCall['moment']
}

export interface HistoryOptions {
  /** A call is written so long after its end: its last messages and late proof of a transfer have come by then. */
  settleMs?: number
  /** Calls that wait to be written; further ones are lost. */
  maxPending?: number
  /** Time between two attempts to write a folder that could not be written: without calls, no record would show that it can be. */
  retryMs?: number
}

/** Records in one block: so many are serialised in one turn of the event loop. */
const callsInOneBlock = 32
const flushDelayMs = 1000
const pruneIntervalMs = 600_000
/** Blocks of views that are kept expanded: the calls of a page are in few of them. */
const maxExpandedBlocks = 8

/**
 * Ended calls in segment files, written behind: a call's path only puts it into a queue. Read by searches, by id and by analytics,
 * also after a restart.
 */
export class CallHistory {
  readonly #folder: string
  readonly #segments: Segments
  readonly #log: HistoryLog
  readonly #settleMs: number
  readonly #maxPending: number
  readonly #retryMs: number
  /** By id, in the order in which they ended. */
  readonly #pending = new Map<string, PendingCall>()
  readonly #byLadder = new Map<Ladder, PendingCall>()
  readonly #expanded = new Map<string, Promise<string[]>>()
  #timer: NodeJS.Timeout | undefined
  readonly #pruning: NodeJS.Timeout
  #writing: Promise<void> = Promise.resolve()
  readonly #loaded: Promise<void>
  #problem: string | undefined
  #retry: NodeJS.Timeout | undefined
  #lost = 0
  #isClosed = false

  /** Reads the index of what earlier processes have written in the background; searches wait for it. */
  constructor(
    folder: string,
    limits: HistoryLimits,
    log: HistoryLog,
    { settleMs = 3000, maxPending = 20_000, retryMs = 5000 }: HistoryOptions = {},
  ) {
    this.#folder = folder
    this.#retryMs = retryMs
    this.#segments = new Segments(folder, limits)
    this.#log = log
    this.#settleMs = settleMs
    this.#maxPending = maxPending
    this.#loaded = this.#load()
    this.#pruning = setInterval(() => void this.#enqueue(() => this.#prune()), pruneIntervalMs)
    this.#pruning.unref()
  }

  /** How many calls are kept now, in how many bytes, and how many could not be kept. */
  get counts(): { calls: number; bytes: number; lost: number } {
    return { calls: this.#segments.calls, bytes: this.#segments.bytes, lost: this.#lost }
  }

  /** Why the last records could not be written; undefined if they were. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** A call has ended, or has been amended after its end. */
  add(id: string, ladder: Ladder, moment: EndedMoment, amends = false): void {
    const waiting = this.#pending.get(id)
    if (waiting) {
      waiting.moment = moment
      return
    }
    if (this.#isClosed || this.#pending.size >= this.#maxPending) {
      this.#lose(1, 'too many calls wait to be written')
      return
    }
    const call: PendingCall = { id, ladder, moment, amends, dueAt: performance.now() + this.#settleMs }
    this.#pending.set(id, call)
    this.#byLadder.set(ladder, call)
    this.#flushLater()
  }

  /** A ladder is about to let its messages go: those of a call that is not written yet are packed now. */
  ladderCleared(ladder: Ladder): void {
    const call = this.#byLadder.get(ladder)
    if (call) call.packed ??= packLadder(ladder)
  }

  /** The first calls that match, in the order of lists. */
  async search(options: SearchOptions): Promise<HistoryCall[]> {
    await this.#loaded

    return searchParts(this.#parts(options.except), options)
  }

  /** The facts of every call that began in the time given, some at a time. */
  async *summaries(wanted: { from: number; to: number; except: ReadonlySet<string> }) {
    await this.#loaded
    yield* everySummary(this.#parts(wanted.except), wanted)
  }

  async find(id: string): Promise<HistoryCall | undefined> {
    const pending = this.#pending.get(id)
    if (pending) return pendingCall(pending)
    await this.#loaded
    for (const segment of this.#segments.latestFirst) {
      const entry = await segment.find(id)
      if (entry) return this.#kept(segment, entry)
    }

    return undefined
  }

  /** Writes the calls that wait now. Resolves when they are written or lost. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined

    return this.#enqueue(() => this.#write(Infinity))
  }

  /** Idempotent. Resolves when all calls are written or lost. */
  async close(): Promise<void> {
    clearInterval(this.#pruning)
    clearTimeout(this.#retry)
    await this.flush()
    this.#isClosed = true
    await this.#enqueue(() => this.#segments.close())
  }

  async #load(): Promise<void> {
    await this.#segments.load((path, error) => {
      this.#log.warn('a file of the call history cannot be read and is left out', { path, error })
    })
    await this.#prune()
  }

  #parts(except: ReadonlySet<string>): SearchedPart[] {
    const pending = [...this.#pending.values()].filter(({ id }) => !except.has(id)).reverse()

    return [
      {
        // The calls that wait are few.
        ...{ oldest: -Infinity, newest: Infinity },
        entries: () => pendingEntries(pending),
      },
      ...this.#segments.latestFirst.map((segment) => ({
        oldest: segment.oldest,
        newest: segment.newest,
        entries: () => this.#entries(segment, new Set(pending.map(({ id }) => id))),
      })),
    ]
  }

  async *#entries(segment: Segment, pending: ReadonlySet<string>) {
    for await (const entries of segment.entries()) {
      // A call may have been written since the search began.
      yield entries
        .filter(({ id }) => !pending.has(id))
        .map((entry) => ({ summary: entry, call: () => this.#kept(segment, entry) }))
    }
  }

  #kept(segment: Segment, { view, ladder, ...summary }: IndexEntry): HistoryCall {
    const [offset, length, line] = view

    return {
      summary,
      view: async () => {
        const lines = await this.#views(segment, offset, length)

        return JSON.parse(lines[line] ?? '') as CallView
      },
      ladder: async (): Promise<LadderView> => {
        const [at, size, start, bytes] = ladder
        const block = await segment.frame(at, size)

        return unpackLadder(block.subarray(start, start + bytes))
      },
    }
  }

  /** The views of a block, as lines of JSON. */
  #views(segment: Segment, offset: number, length: number): Promise<string[]> {
    const key = `${segment.number} ${offset}`
    const known = this.#expanded.get(key)
    if (known) return known
    const lines = segment.frame(offset, length).then((block) => block.toString('utf8').split('\n'))
    // A failed read is tried again when the call is asked for again.
    lines.catch(() => this.#expanded.delete(key))
    this.#expanded.set(key, lines)
    const [oldest] = this.#expanded.keys()
    if (this.#expanded.size > maxExpandedBlocks && oldest !== undefined) this.#expanded.delete(oldest)

    return lines
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#enqueue(() => this.#write(performance.now())).then(() => {
        if (this.#pending.size > 0 && !this.#isClosed) this.#flushLater()
      })
    }, flushDelayMs)
  }

  /** Work on the files is done one after the other. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    return (this.#writing = this.#writing.then(work).catch((error: unknown) => this.#fail(error)))
  }

  /** Writes the calls that are due by that time, a block at a time. */
  async #write(now: number): Promise<void> {
    await this.#loaded
    for (;;) {
      const block = this.#due(now)
      if (block.length === 0) return
      try {
        const records = block.flatMap((call) => this.#record(call))
        await this.#segments.write(records)
        this.#getWell()
      } catch (error) {
        this.#lose(block.length, error)
      }
      for (const call of block) this.#settle(call)
      await this.#prune()
      await nextTurn()
    }
  }

  #due(now: number): PendingCall[] {
    const due: PendingCall[] = []
    for (const call of this.#pending.values()) {
      if (call.dueAt > now || due.length === callsInOneBlock) break
      due.push(call)
    }

    return due
  }

  /** A call whose view cannot be made costs no other call its record. */
  #record(call: PendingCall): HistoryRecord[] {
    const { moment, ladder, packed, amends } = call
    call.written = moment
    try {
      const { view, json } = moment

      return [{ view, json, ladder: packed ?? packLadder(ladder), amends }]
    } catch (error) {
      this.#lose(1, error)

      return []
    }
  }

  /** The call's record is written or lost; one that was amended meanwhile waits for another. */
  #settle(call: PendingCall): void {
    this.#pending.delete(call.id)
    this.#byLadder.delete(call.ladder)
    if (call.moment !== call.written) this.add(call.id, call.ladder, call.moment, true)
  }

  async #prune(): Promise<void> {
    await this.#segments.prune(Date.now()).catch((error: unknown) => this.#fail(error))
  }

  #lose(calls: number, error: unknown): void {
    this.#lost += calls
    this.#fail(error)
  }

  /** Logged once, until a record is written again. */
  #fail(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error)
    if (this.#problem === undefined) {
      this.#log.error('ended calls cannot be kept; check DATA_DIR/history', { error: problem })
    }
    this.#problem = problem
    this.#retryLater()
  }

  #getWell(): void {
    this.#problem = undefined
    clearTimeout(this.#retry)
  }

  #retryLater(): void {
    clearTimeout(this.#retry)
    if (this.#isClosed) return
    this.#retry = setTimeout(() => {
      probeFolder(this.#folder).then(
        () => {
          this.#getWell()
        },
        () => {
          this.#retryLater()
        },
      )
    }, this.#retryMs)
    this.#retry.unref()
  }
}

async function* pendingEntries(pending: readonly PendingCall[]) {
  for (let at = 0; at < pending.length; at += callsInOneBlock) {
    yield pending.slice(at, at + callsInOneBlock).flatMap((call) => {
      try {
        return [{ summary: summaryOf(call.moment.view), call: () => pendingCall(call) }]
      } catch {
        // The call will be counted as lost when it is due.
        return []
      }
    })
    await nextTurn()
  }
}

function pendingCall({ moment, ladder, packed }: PendingCall): HistoryCall {
  return {
    summary: summaryOf(moment.view),
    view: () => Promise.resolve(moment.view),
    ladder: () => Promise.resolve(packed === undefined ? ladder.view() : unpackLadder(ladderBytes([packed]))),
  }
}

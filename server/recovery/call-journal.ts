import { setTimeout as sleep } from 'node:timers/promises'
import { keepView, type CallKeeper } from '../calls/call-keeper.ts'
import type { CallSnapshot } from '../calls/call-view.ts'
import type { ObservedCall } from '../calls/observed-call.ts'
import type { JournalFolder } from './journal-folder.ts'
import { callLine, endLine, sizeOf, viewLine, type LineParts } from './journal-lines.ts'
import { fileBytes, JournalWriter } from './journal-writer.ts'

/** Text that waits for a disk that hangs; what comes beyond it is written once the disk is back. */
const maxPendingBytes = 32 * 1024 * 1024
/** The files may have so many times the bytes of the calls that are up, before old lines are written anew. */
const maxGarbageFactor = 3
/** How many calls are written anew in one turn: some 20 µs each. */
const rewrittenPerTurn = 50
const retryAfterMs = 1000
/**
 * A write costs some 35 µs in the kernel and its thread, as much as the lines of three calls: with many calls a second, writes
 * begin so far apart.
 */
const writeEveryMs = 4
/** A write that takes longer says that the disk hangs. */
const defaultMaxWriteMs = 5000

interface JournalLog {
  error(message: string, fields?: object): unknown
  info(message: string, fields?: object): unknown
}

interface JournalEntry {
  readonly call: ObservedCall
  /** The file that has its last line. */
  readonly file: number
  readonly bytes: number
}

/**
 * Writes the calls that are up to the files of a folder, for the process after this one: what has changed in a turn of the event
 * loop at its end, or a moment later. Nothing waits for the disk; while it takes nothing, that is counted, and all calls are
 * written anew when it is back.
 */
export class CallJournal implements CallKeeper {
  readonly #folder: JournalFolder
  readonly #writer: JournalWriter
  readonly #log: JournalLog
  readonly #changed = new Map<string, ObservedCall>()
  /** The calls that the journal has, the one that was written longest ago first. */
  readonly #entries = new Map<string, JournalEntry>()
  #liveBytes = 0
  #pending: LineParts[] = []
  /** The characters of the pending lines. */
  #pendingSize = 0
  #isScheduled = false
  #writing: Promise<void> | undefined
  #isBehind = false
  #retry: NodeJS.Timeout | undefined
  #problem: string | undefined
  #errors = 0
  readonly #maxWriteMs: number
  readonly #endsWithProcess: boolean
  /** When the present write began, or the last one. */
  #wroteAt = -Infinity
  #closed = false

  /** @param options.endsWithProcess calls are a drachtio server's, and end with this process: what their CDRs need is kept */
  constructor(
    folder: JournalFolder,
    node: string,
    log: JournalLog,
    { maxWriteMs = defaultMaxWriteMs, endsWithProcess = false } = {},
  ) {
    this.#endsWithProcess = endsWithProcess
    this.#maxWriteMs = maxWriteMs
    this.#folder = folder
    this.#writer = new JournalWriter(folder, node)
    this.#log = log
  }

  /** Why the calls that are up could not be written last; undefined while they are. */
  get problem(): string | undefined {
    return this.#problem ?? (this.#isHung ? `${this.#folder.path}: ${hungText}` : undefined)
  }

  /** How many writes have failed. */
  get errors(): number {
    return this.#errors
  }

  /** The calls that it has. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * Begins a file of its own; those of the process before are removed once the calls that were taken up are in it. Resolves
   * also when the disk takes nothing, or hangs.
   */
  async begin(): Promise<void> {
    const begun = this.#beginFile()
    const isHung = await Promise.race([begun, sleep(this.#maxWriteMs, true, { ref: false })])
    if (isHung === true) this.#failed(new Error(hungText))
  }

  changed(call: ObservedCall): void {
    this.#changed.set(call.id, call)
    this.#schedule()
  }

  ended(call: ObservedCall, cdr: CallSnapshot): void {
    this.#changed.delete(call.id)
    // The files that have the call's line are removed once all others are written anew.
    if (!this.#forget(call.id) || this.#isBehind) return
    this.#add(endLine({ id: call.id, numbers: call.numbers?.keep() }, cdr.view.endedAt, cdr.json))
    this.#schedule()
  }

  /** Resolves once everything is with the operating system, or the disk takes nothing. */
  async flushed(): Promise<void> {
    this.#collect()
    while (this.#pending.length > 0 && !this.#isBehind) {
      this.#write()
      await this.#writing
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#retry)
    if (this.#writer.file > 0) await this.flushed()
    await this.#writer.close()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#closed || this.#isBehind || this.#writer.file === 0) return
    this.#isScheduled = true
    const waitMs = this.#wroteAt + writeEveryMs - performance.now()
    if (waitMs > 0) setTimeout(this.#turn, waitMs)
    else setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#isScheduled = false
    if (this.#isBehind || this.#closed) return
    this.#collect()
    this.#write()
  }

  /** The lines of what has changed. */
  #collect(): void {
    for (const call of this.#changed.values()) this.#keep(call)
    this.#changed.clear()
    this.#rewrite()
  }

  #keep(call: ObservedCall): void {
    const line = this.#endsWithProcess ? viewLineOf(call) : callLineOf(call)
    if (!line) return
    const bytes = sizeOf(line)
    this.#forget(call.id)
    this.#entries.set(call.id, { call, file: this.#writer.file, bytes })
    this.#liveBytes += bytes
    this.#add(line)
  }

  #add(line: LineParts): void {
    this.#pending.push(line)
    this.#pendingSize += sizeOf(line)
  }

  #forget(id: string): boolean {
    const entry = this.#entries.get(id)
    if (!entry) return false
    this.#liveBytes -= entry.bytes

    return this.#entries.delete(id)
  }

  /** Calls whose lines are in old files move to the present one, some in each turn, when most of what the files have is past. */
  #rewrite(): void {
    if (this.#writer.totalBytes <= Math.max(2 * fileBytes, maxGarbageFactor * this.#liveBytes)) return
    let left = rewrittenPerTurn
    for (const { call, file } of this.#entries.values()) {
      if (file >= this.#writer.file || left === 0) break
      left -= 1
      this.#keep(call)
    }
    if (left === 0) this.#schedule()
  }

  #write(): void {
    if (this.#writing || this.#pending.length === 0) {
      const isHeldUp = this.#pendingSize > maxPendingBytes || (this.#pending.length > 0 && this.#isHung)
      if (isHeldUp) this.#failed(new Error(hungText))
      return
    }
    this.#writePending()
  }

  get #isHung(): boolean {
    return this.#writing !== undefined && performance.now() - this.#wroteAt > this.#maxWriteMs
  }

  #writePending(): void {
    void this.#begun(this.#append())
  }

  /** @param writing settles with the disk's answer */
  #begun(writing: Promise<void>): Promise<void> {
    this.#wroteAt = performance.now()
    this.#writing = writing
      .catch((error: unknown) => {
        this.#failed(error)
      })
      .finally(() => {
        this.#writing = undefined
        if (this.#pending.length > 0) this.#schedule()
      })

    return this.#writing
  }

  #takePending(): readonly LineParts[] {
    const lines = this.#pending
    this.#pending = []
    this.#pendingSize = 0

    return lines
  }

  async #append(): Promise<void> {
    await this.#writer.append(this.#takePending(), () => this.#oldestNeeded)
    if (!this.#isBehind) this.#problem = undefined
  }

  /** The file that has the oldest line of a call that is up. */
  get #oldestNeeded(): number {
    const [first] = this.#entries.values()

    return first?.file ?? this.#writer.file
  }

  /** What could not be written is written anew, in another file, when the disk takes something again. */
  #failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#errors += 1
    if (this.#problem === undefined) {
      this.#log.error('calls that are up cannot be kept for a restart; check the disk', {
        ...{ folder: this.#folder.path, error: message },
      })
    }
    this.#problem = `${this.#folder.path}: ${message}`
    this.#takePending()
    this.#isBehind = true
    this.#retryLater()
  }

  async #catchUp(): Promise<void> {
    // A disk that hung has answered meanwhile, and has all calls.
    if (this.#closed || !this.#isBehind) return
    if (this.#writing) this.#retryLater()
    else await this.#beginFile()
  }

  #retryLater(): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => void this.#catchUp(), retryAfterMs).unref()
  }

  /** All calls are written to a file of their own. */
  #beginFile(): Promise<void> {
    return this.#begun(
      this.#writer.beginFile().then(() => {
        for (const { call } of [...this.#entries.values()]) this.#changed.set(call.id, call)
        this.#isBehind = false
        this.#collect()

        // Also where no call is up: it shows that the disk takes something again.
        return this.#append()
      }),
    )
  }
}

/** What is said of a disk that does not answer. */
export const hungText = 'the disk does not take what is written'

/** Undefined for a call of which nothing is kept. */
function callLineOf(call: ObservedCall): LineParts | undefined {
  const kept = call.keep()

  return kept && callLine(call.id, JSON.stringify(kept))
}

function viewLineOf(call: ObservedCall): LineParts | undefined {
  const view = keepView(call)

  return view && viewLine(call.id, JSON.stringify(view))
}

import { open, type FileHandle } from 'node:fs/promises'
import type { CallKeeper } from '../calls/call-keeper.ts'
import type { CallSnapshot } from '../calls/call-view.ts'
import type { ObservedCall } from '../calls/observed-call.ts'
import type { JournalFolder } from './journal-folder.ts'
import { callLine, endLine, headLine, type LineParts } from './journal-lines.ts'

/** Text that waits for a disk that hangs; what comes beyond it is written once the disk is back. */
const maxPendingBytes = 32 * 1024 * 1024
/** A file of the journal is followed by the next one after so many bytes. */
const fileBytes = 8 * 1024 * 1024
/** The files may have so many times the bytes of the calls that are up, before old lines are written anew. */
const maxGarbageFactor = 3
/** How many calls are written anew in one turn: some 20 µs each. */
const rewrittenPerTurn = 50
const retryAfterMs = 1000
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
 * Writes the calls that are up to the files of a folder, for the process after this one: once in a turn of the event loop what
 * has changed in it. Nothing waits for the disk; while it takes nothing, that is counted, and all calls are written anew when
 * it is back.
 */
export class CallJournal implements CallKeeper {
  readonly #folder: JournalFolder
  readonly #node: string
  readonly #log: JournalLog
  readonly #changed = new Map<string, ObservedCall>()
  /** The calls that the journal has, the one that was written longest ago first. */
  readonly #entries = new Map<string, JournalEntry>()
  #liveBytes = 0
  #totalBytes = 0
  #pending: LineParts[] = []
  /** The characters of the pending lines. */
  #pendingSize = 0
  /** The bytes of one write after the other. */
  #bytes = Buffer.alloc(0)
  #isScheduled = false
  #writing: Promise<void> | undefined
  #handle: FileHandle | undefined
  /** The file that is written, and the oldest one; 0 before `begin`. */
  #file = 0
  #oldest = 0
  #currentBytes = 0
  #isBehind = false
  #retry: NodeJS.Timeout | undefined
  #problem: string | undefined
  #errors = 0
  readonly #maxWriteMs: number
  /** When the present write began. */
  #writingSince = 0
  #closed = false

  constructor(folder: JournalFolder, node: string, log: JournalLog, { maxWriteMs = defaultMaxWriteMs } = {}) {
    this.#maxWriteMs = maxWriteMs
    this.#folder = folder
    this.#node = node
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
   * Begins a file of its own; those of the process before are removed once the calls that were taken up are in it. Rejects
   * when the folder cannot be read.
   */
  async begin(): Promise<void> {
    const files = await this.#folder.files()
    this.#oldest = files[0] ?? 1
    this.#file = (files.at(-1) ?? 0) + 1
    this.#collect()
    try {
      await this.#append(this.#takePending())
    } catch (error) {
      this.#failed(error)
    }
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
    if (this.#file > 0) await this.flushed()
    await this.#handle?.close().catch(() => undefined)
    this.#folder.unlock()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#closed || this.#isBehind || this.#file === 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (this.#isBehind) return
      this.#collect()
      this.#write()
    })
  }

  /** The lines of this turn. */
  #collect(): void {
    for (const call of this.#changed.values()) this.#keep(call)
    this.#changed.clear()
    this.#rewrite()
  }

  #keep(call: ObservedCall): void {
    const kept = call.keep()
    if (!kept) return
    const line = callLine(call.id, JSON.stringify(kept))
    const bytes = sizeOf(line)
    this.#forget(call.id)
    this.#entries.set(call.id, { call, file: this.#file, bytes })
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
    if (this.#totalBytes <= Math.max(2 * fileBytes, maxGarbageFactor * this.#liveBytes)) return
    let left = rewrittenPerTurn
    for (const { call, file } of this.#entries.values()) {
      if (file >= this.#file || left === 0) break
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
    return this.#writing !== undefined && performance.now() - this.#writingSince > this.#maxWriteMs
  }

  #writePending(): void {
    this.#writingSince = performance.now()
    this.#writing = this.#append(this.#takePending())
      .catch((error: unknown) => {
        this.#failed(error)
      })
      .finally(() => {
        this.#writing = undefined
        if (this.#pending.length > 0) this.#write()
      })
  }

  #takePending(): readonly LineParts[] {
    const lines = this.#pending
    this.#pending = []
    this.#pendingSize = 0

    return lines
  }

  async #append(lines: readonly LineParts[]): Promise<void> {
    if (this.#currentBytes > fileBytes) await this.#next()
    this.#handle ??= await this.#open()
    const length = this.#encode(lines)
    for (let written = 0; written < length;) {
      written += (await this.#handle.write(this.#bytes, written, length - written)).bytesWritten
    }
    if (this.#bytes.length > fileBytes) this.#bytes = Buffer.alloc(0)
    this.#currentBytes += length
    this.#totalBytes += length
    if (!this.#isBehind) this.#problem = undefined
    await this.#removeOld()
  }

  /** The lines in UTF-8, in `#bytes`; returns how many bytes they are. */
  #encode(lines: readonly LineParts[]): number {
    // A character of a string is three bytes at most.
    const most = lines.reduce((sum, line) => sum + 3 * sizeOf(line), 0)
    if (this.#bytes.length < most) this.#bytes = Buffer.allocUnsafeSlow(most)
    let length = 0
    for (const line of lines) for (const part of line) length += this.#bytes.write(part, length)

    return length
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.#folder.pathOf(this.#file), 'w', 0o600)
    const head = headLine(this.#node)
    try {
      await handle.appendFile(head)
    } catch (error) {
      await handle.close()
      throw error
    }
    this.#currentBytes = head.length

    return handle
  }

  async #next(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    this.#file += 1
    this.#currentBytes = 0
    await handle?.close()
  }

  /** Files before the one that has the oldest line of a call that is up. */
  async #removeOld(): Promise<void> {
    const [first] = this.#entries.values()
    const needed = first?.file ?? this.#file
    if (this.#oldest >= needed) return
    for (; this.#oldest < needed; this.#oldest += 1) await this.#folder.remove(this.#oldest)
    this.#totalBytes = (needed === this.#file ? 0 : (this.#file - needed) * fileBytes) + this.#currentBytes
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
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => void this.#catchUp(), retryAfterMs).unref()
  }

  async #catchUp(): Promise<void> {
    if (this.#closed) return
    if (this.#writing) {
      this.#retry = setTimeout(() => void this.#catchUp(), retryAfterMs).unref()
      return
    }
    // A file that could not be begun is begun again: a full disk would have one more with each try.
    if (this.#handle) await this.#next().catch(() => undefined)
    try {
      this.#handle = await this.#open()
    } catch (error) {
      this.#failed(error)
      return
    }
    for (const { call } of [...this.#entries.values()]) this.#changed.set(call.id, call)
    this.#isBehind = false
    this.#collect()
    // Also where no call is up: it shows that the disk takes something again.
    this.#writePending()
  }
}

const hungText = 'the disk does not take what is written'

const sizeOf = ([before, json, after]: LineParts): number => before.length + json.length + after.length

import { createWriteStream, mkdirSync, type WriteStream, close, fstat, open, read, write, writev } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { probeFolder } from '../folder-probe.ts'

interface CdrLog {
  error(message: string, fields?: object): unknown
}

/** Records that wait for a disk, some 1.5 kB each. */
const maxWaiting = 20_000
/** How often a folder that could not be written is tried again: without calls, no record would show that it can be. */
const defaultRetryMs = 5000

/** The record of an ended call. */
export interface WrittenCdr {
  readonly endedAt?: string | undefined
  /** The call's view, on one line. */
  readonly json: string
}

interface CdrLine {
  /** `YYYY-MM-DD`, of the end of the call. */
  readonly day: string
  readonly text: string
}

/**
 * Call detail records: one line of JSON for each ended call, in one file a day (UTC), `cdr-YYYY-MM-DD.jsonl`. Those that a
 * disk does not take wait for it. A record of which part was written is written anew, as a line of its own.
 */
export class Cdrs {
  readonly #folder: string
  readonly #log: CdrLog
  #day = ''
  #stream: WriteStream | undefined
  #problem: string | undefined
  #lost = 0
  #waiting: CdrLine[] = []
  #retry: NodeJS.Timeout | undefined
  readonly #retryMs: number

  /** @throws when the folder cannot be made; the message names it. */
  constructor(folder: string, log: CdrLog, { retryEveryMs = defaultRetryMs } = {}) {
    mkdirSync(folder, { recursive: true })
    this.#folder = folder
    this.#log = log
    this.#retryMs = retryEveryMs
  }

  /** Why the last record could not be written; undefined if it was. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** How many records wait for the disk. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** How many records will not be written: too many waited, or the process ended before the disk was back. */
  get lost(): number {
    return this.#lost
  }

  write(records: readonly WrittenCdr[]): void {
    this.#put(
      records.map(({ endedAt = new Date().toISOString(), json }) => ({ day: endedAt.slice(0, 10), text: `${json}\n` })),
    )
  }

  /** Resolves once all records have been handed to the operating system. */
  async close(): Promise<void> {
    const stream = this.#stream
    this.#stream = undefined
    this.#day = ''
    clearTimeout(this.#retry)
    if (stream && !stream.destroyed) await new Promise<void>((resolve) => stream.end(resolve))
    this.#lost += this.#waiting.length
    this.#waiting = []
  }

  #put(all: readonly CdrLine[]): void {
    let lines: CdrLine[] = []
    for (const line of all) {
      if (line.day !== this.#day) {
        this.#append(lines)
        this.#stream?.end()
        lines = []
        this.#open(line.day)
      }
      lines.push(line)
    }
    this.#append(lines)
  }

  #append(lines: readonly CdrLine[]): void {
    if (lines.length === 0) return
    this.#stream?.write(lines.map(({ text }) => text).join(''), (error) => {
      if (error) this.#wait(lines)
      else this.#noteSuccess()
    })
  }

  #wait(lines: readonly CdrLine[]): void {
    const all = [...this.#waiting, ...lines]
    this.#waiting = all.slice(-maxWaiting)
    this.#lost += all.length - this.#waiting.length
  }

  #open(day: string): void {
    this.#day = day
    const path = join(this.#folder, `cdr-${day}.jsonl`)
    const stream = createWriteStream(path, { flags: 'a', fs: lineFileSystem })
    stream.on('error', (error) => {
      this.#problem = `${path}: ${error.message}`
      this.#log.error('CDRs cannot be written; check the folder', { path, error: error.message })
      // The next record tries again.
      if (this.#stream === stream) this.#day = ''
      this.#retryLater(path)
    })
    this.#stream = stream
  }

  #noteSuccess(): void {
    this.#problem = undefined
    clearTimeout(this.#retry)
    const waiting = this.#waiting
    this.#waiting = []
    this.#put(waiting)
  }

  #retryLater(path: string): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#probe(path).then(
        () => {
          this.#noteSuccess()
        },
        () => {
          this.#retryLater(path)
        },
      )
    }, this.#retryMs)
    this.#retry.unref()
  }

  /** Rejects while the file cannot be opened or the disk is full. */
  async #probe(path: string): Promise<void> {
    await appendFile(path, '')
    await probeFolder(this.#folder)
  }
}

type Opened = (error: NodeJS.ErrnoException | null, fd?: number) => void

const lineFeed = 0x0a

/**
 * The file functions of a stream that appends lines: a line that a crash or a full disk has cut off is ended when the file is
 * opened, so that no record is joined to half of another.
 */
const lineFileSystem = { open: openAtLineStart, write, writev, close } as {
  open: typeof open
  write: typeof write
  writev: typeof writev
  close: typeof close
}

function openAtLineStart(path: string, _flags: string, mode: number, done: Opened): void {
  open(path, 'a+', mode, (problem, fd) => {
    if (problem) {
      done(problem)
      return
    }
    endLine(fd, (error) => {
      if (!error) done(null, fd)
      else {
        close(fd, () => {
          done(error)
        })
      }
    })
  })
}

function endLine(fd: number, done: (error: NodeJS.ErrnoException | null) => void): void {
  fstat(fd, (error, stats) => {
    if (error || stats.size === 0) {
      done(error)
      return
    }
    const last = Buffer.alloc(1)
    read(fd, last, 0, 1, stats.size - 1, (unreadable) => {
      if (unreadable || last[0] === lineFeed) done(unreadable)
      else write(fd, '\n', done)
    })
  })
}

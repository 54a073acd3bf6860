import { createWriteStream, openSync, type WriteStream } from 'node:fs'

/** What may wait for a reader or a disk that is too slow, for each output; more is dropped, and counted. Bytes. */
const maxUnwritten = 4 * 1024 * 1024

/** Where the log goes. */
export interface LogOutputOptions {
  console: LogConsole
  /** Whether the console has the log beside the file, too; without a file it always has. */
  onConsole: boolean
  /** Path of the log file; entries are appended. */
  file?: string | undefined
  /** Mode of a file that is made. */
  fileMode: number
}

/** Standard error. */
export interface LogConsole {
  write(text: string): void
  /** Bytes that nothing has read yet. */
  readonly unread: number
}

/** Writes the lines of one turn of the event loop together, to the console, a file or both. Calls never wait for either. */
export class LogOutput {
  readonly #options: LogOutputOptions
  readonly #dropped = { console: 0, file: 0 }
  #lines: string[] = []
  #scheduled: NodeJS.Immediate | undefined
  #file: WriteStream | undefined

  /** Throws, naming the file, when it cannot be written. */
  constructor(options: LogOutputOptions) {
    this.#options = options
    this.#file = this.#open()
  }

  write(line: string): void {
    this.#lines.push(line)
    this.#scheduled ??= setImmediate(() => this.flush())
  }

  flush(): void {
    if (this.#scheduled) clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    const lines = this.#lines
    if (lines.length === 0) return
    this.#lines = []
    const { console, onConsole } = this.#options
    if (onConsole || !this.#file) this.#give('console', console.unread, lines, (text) => console.write(text))
    const file = this.#file
    if (file) this.#give('file', file.writableLength, lines, (text) => file.write(text))
  }

  /** Opens the file anew, after a rotation by another program. Throws as the constructor does; the old one stays then. */
  reopen(): void {
    this.flush()
    const opened = this.#open()
    this.#file?.end()
    this.#file = opened
  }

  /** Writes what waits, and closes the file. */
  close(): void {
    this.flush()
    this.#file?.end()
    this.#file = undefined
  }

  #give(to: 'console' | 'file', waiting: number, lines: readonly string[], write: (text: string) => void): void {
    if (waiting > maxUnwritten) {
      this.#dropped[to] += lines.length
      return
    }
    if (this.#dropped[to] > 0) {
      const at = new Date().toISOString()
      write(`${at} warning entries of the log were dropped: the ${to} was too slow entries=${this.#dropped[to]}\n`)
      this.#dropped[to] = 0
    }
    write(lines.join(''))
  }

  #open(): WriteStream | undefined {
    const { file, fileMode } = this.#options
    if (file === undefined) return undefined
    let fd: number
    try {
      fd = openSync(file, 'a', fileMode)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`logging/file: the log cannot be written: ${why}`, { cause: error })
    }
    const stream = createWriteStream(file, { fd })
    stream.on('error', (error) => {
      // From now on the console has the log, until the file is opened anew.
      if (this.#file === stream) this.#file = undefined
      this.#options.console.write(
        `${new Date().toISOString()} error the log file cannot be written: ${error.message}\n`,
      )
    })

    return stream
  }
}

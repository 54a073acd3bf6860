import { createWriteStream, openSync, type WriteStream } from 'node:fs'

import type { EngineLog } from '../user-agent/index.ts'
import { masked } from '../digest/index.ts'
import type { Traced } from '../transport/index.ts'

export type ServerLogLevel = 'error' | 'warning' | 'notice' | 'info' | 'debug'

/** From the gravest: each level writes its own entries and those before it. */
export const serverLogLevels: readonly ServerLogLevel[] = ['error', 'warning', 'notice', 'info', 'debug']

type LogFields = Readonly<Record<string, unknown>>

/** The log of the engine as a drachtio server. */
export interface ServerLog extends EngineLog {
  /** Applications that connect and leave, and reloads. */
  notice(message: string, fields: LogFields): void
  /** Requests, and which application has them. */
  info(message: string, fields: LogFields): void
  /** What applications order. */
  debug(message: string, fields: LogFields): void
  /** Whether entries of this level are written: what is costly to put together is asked for first. */
  writes(level: ServerLogLevel): boolean
}

/** A log that writes one line for each entry down to `level`. */
export function createServerLog(level: ServerLogLevel, write: (line: string) => void): ServerLog {
  const last = serverLogLevels.indexOf(level)
  const writes = (each: ServerLogLevel): boolean => serverLogLevels.indexOf(each) <= last
  const at = (each: ServerLogLevel) => (message: string, fields: LogFields) => {
    if (!writes(each)) return
    const details = Object.entries(fields).map(([name, value]) => ` ${name}=${detail(value)}`)
    write(`${new Date().toISOString()} ${each} ${message}${details.join('')}\n`)
  }

  return {
    error: at('error'),
    warn: at('warning'),
    notice: at('notice'),
    info: at('info'),
    debug: at('debug'),
    writes,
  }
}

function detail(value: unknown): string {
  if (value instanceof Error) return value.stack ?? value.message
  // Text of a peer can neither end the line nor look like another field.
  if (typeof value === 'string' && !/[\p{Cc}"]/u.test(value)) return value

  return JSON.stringify(value)
}

/** What may wait for a reader or a disk that is too slow, for each output; more is dropped, and counted. Bytes. */
const maxUnwrittenBytes = 4 * 1024 * 1024

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
    if (waiting > maxUnwrittenBytes) {
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

/** Control characters, but for tabs and ends of lines. */
const unprintable = /[^\P{Cc}\t\n]/gu

/**
 * A SIP message as drachtio-server writes it into its log, such as `recv 531 bytes from udp/[192.0.2.7]:5060 at 09:30:00.120:`
 * and the message below. Its lines are indented, so that none of them passes for an entry of the log. Digest responses are
 * hidden, and control characters are escaped.
 */
export function messageEntry({ direction, transport, remote, text }: Traced, at: string): string {
  const way = direction === 'in' ? 'recv' : 'send'
  const peer = `${transport}/[${remote.address}]:${remote.port}`
  const time = at.slice(11, 23)
  const head = `${at} info ${way} ${text.length} bytes ${direction === 'in' ? 'from' : 'to'} ${peer} at ${time}:`
  const readable = masked(Buffer.from(text, 'latin1').toString('utf8').replaceAll('\r\n', '\n')).replace(
    unprintable,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

  return `${head}\n   ${readable.trimEnd().replaceAll('\n', '\n   ')}\n\n`
}

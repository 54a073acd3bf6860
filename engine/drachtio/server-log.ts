import { createWriteStream, openSync, type WriteStream } from 'node:fs'
import { masked } from '../digest/index.ts'
import type { Traced } from '../transport/index.ts'
import type { EngineLog } from '../user-agent/index.ts'

export type ServerLogLevel = 'error' | 'warning' | 'notice' | 'info' | 'debug'

/** From the most severe on: a level includes those before it. */
export const serverLogLevels: readonly ServerLogLevel[] = ['error', 'warning', 'notice', 'info', 'debug']

type LogFields = Readonly<Record<string, unknown>>

/** The log of the drachtio server. */
export interface ServerLog extends EngineLog {
  /** Applications that connect and disconnect, and reloads. */
  notice(message: string, fields: LogFields): void
  /** Requests, and the applications that they are delivered to. */
  info(message: string, fields: LogFields): void
  /** Frames. */
  debug(message: string, fields: LogFields): void
  /** Whether entries of this level are written, for callers whose entries are costly to build. */
  writes(level: ServerLogLevel): boolean
}

/** A log with one line for each entry of `level` and more severe ones. */
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
  // Text with control characters or quotes is escaped: a peer's text cannot end the line.
  if (typeof value === 'string' && !/[\p{Cc}"]/u.test(value)) return value

  return JSON.stringify(value)
}

/** Bytes that each output may hold back; further entries are dropped and counted. */
const maxUnwrittenBytes = 4 * 1024 * 1024

/** The outputs of the log. */
export interface LogOutputOptions {
  console: LogConsole
  /** Whether entries go to the console as well as to the file; without a file they always do. */
  onConsole: boolean
  /** Path of the log file, to which entries are appended. */
  file?: string | undefined
  /** Mode of a new file. */
  fileMode: number
}

/** Standard error. */
interface LogConsole {
  write(text: string): void
  /** Bytes that have not been read yet. */
  readonly unread: number
}

/** Writes the lines of one turn of the event loop together, to the console, a file or both, without waiting for either. */
export class LogOutput {
  readonly #options: LogOutputOptions
  readonly #dropped = { console: 0, file: 0 }
  #lines: string[] = []
  #scheduled: NodeJS.Immediate | undefined
  #file: WriteStream | undefined

  /** Throws an error that names the file when it cannot be opened. */
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
    if (onConsole || !this.#file) this.#writeTo('console', console.unread, lines, (text) => console.write(text))
    const file = this.#file
    if (file) this.#writeTo('file', file.writableLength, lines, (text) => file.write(text))
  }

  /** Opens the file again after its rotation. Throws as the constructor does, and keeps the old file then. */
  reopen(): void {
    this.flush()
    const opened = this.#open()
    this.#file?.end()
    this.#file = opened
  }

  /** Writes the queued lines and closes the file. */
  close(): void {
    this.flush()
    this.#file?.end()
    this.#file = undefined
  }

  #writeTo(to: 'console' | 'file', waiting: number, lines: readonly string[], write: (text: string) => void): void {
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
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`logging/file: the log cannot be written: ${reason}`, { cause: error })
    }
    const stream = createWriteStream(file, { fd })
    stream.on('error', (error) => {
      // Entries go to the console until the file is opened again.
      if (this.#file === stream) this.#file = undefined
      this.#options.console.write(
        `${new Date().toISOString()} error the log file cannot be written: ${error.message}\n`,
      )
    })

    return stream
  }
}

/** Control characters except tabs and line ends. */
const unprintable = /[^\P{Cc}\t\n]/gu

/**
 * A SIP message as in drachtio-server's log: `recv 531 bytes from udp/[192.0.2.7]:5060 at 09:30:00.120:`, and the message below.
 * The message is indented, so that no line of it looks like an entry. Digest responses are hidden, control characters escaped.
 */
export function messageEntry({ direction, transport, remote, text }: Traced, at: string): string {
  const verb = direction === 'in' ? 'recv' : 'send'
  const peer = `${transport}/[${remote.address}]:${remote.port}`
  const time = at.slice(11, 23)
  const head = `${at} info ${verb} ${text.length} bytes ${direction === 'in' ? 'from' : 'to'} ${peer} at ${time}:`
  const readable = masked(Buffer.from(text, 'latin1').toString('utf8').replaceAll('\r\n', '\n')).replace(
    unprintable,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

  return `${head}\n   ${readable.trimEnd().replaceAll('\n', '\n   ')}\n\n`
}

import { createLogger, format, type Logger } from 'winston'
import TransportStream from 'winston-transport'
import type { Settings } from '../config/index.ts'
import { Batch } from './batch.ts'

/** The process's log on standard output: JSON lines, or coloured ones for a person at a terminal. */
export function createLog({ level, format: shape }: Settings['log']): Logger {
  const pretty = format.combine(
    format.colorize(),
    format.printf(({ timestamp, level, message, ...fields }) => {
      const rest = Object.keys(fields).length === 0 ? '' : ` ${asJson(fields)}`

      return `${String(timestamp).slice(11, 23)} ${level} ${escaped(`${String(message)}${rest}`)}`
    }),
  )

  const json = format.printf((entry) => escaped(asJson(entry)))

  return createLogger({
    level,
    format: format.combine(timestamp(), shape === 'pretty' ? pretty : json),
    transports: new StandardOutput(),
  })
}

// Peers choose display names, User-Agents and reason phrases. What steers a terminal (C0, DEL, C1), ends a line or turns
// the writing's direction round is shown as JSON writes it.
const steersTerminal = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

/** @param text a log line, or a message of ours with several; what peers sent has its line feeds in JSON already */
function escaped(text: string): string {
  if (text.search(steersTerminal) < 0) return text

  return text.replace(steersTerminal, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** JSON has nothing of an Error's own: its message, stack and cause are written out, wherever in an entry it stands. */
function asJson(entry: object): string {
  // Nearly no entry has one, and JSON.stringify is many times faster without a replacer.
  return hasError(entry, maxDepth) ? JSON.stringify(entry, withErrors) : JSON.stringify(entry)
}

/** Of errors of libraries: ioredis keeps the command that failed (AUTH with its password), Node the URL that it could not read. */
const hiddenFields = new Set(['command', 'input'])

function withErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value
  const { message, stack, cause } = value
  const own = Object.entries(value).filter(([name]) => !hiddenFields.has(name))

  return Object.assign(Object.fromEntries(own), { message, stack }, cause !== undefined && { cause })
}

/** Errors are looked for this deep in an entry. */
const maxDepth = 6

function hasError(value: object, depth: number): boolean {
  if (value instanceof Error) return true
  if (depth === 0) return true
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key]
    if (typeof inner === 'object' && inner !== null && hasError(inner, depth - 1)) return true
  }

  return false
}

/** When it was, for those entries that do not say so themselves. */
const timestamp = format((entry) => {
  entry.timestamp ??= new Date().toISOString()

  return entry
})

/** What may wait for a reader of the log that does not read, in bytes; more is dropped, and counted. */
const maxUnreadBytes = 4 * 1024 * 1024

/** Standard output, written to in batches; what waits when the process ends is written then. */
class StandardOutput extends TransportStream {
  #dropped = 0
  readonly #batch = new Batch<string>((lines) => {
    if (process.stdout.writableLength > maxUnreadBytes) {
      this.#dropped += lines.length
      return
    }
    if (this.#dropped > 0) process.stdout.write(`${droppedLine(this.#dropped)}\n`)
    this.#dropped = 0
    process.stdout.write(`${lines.join('\n')}\n`)
  })

  constructor() {
    super()
    // A log collector that has gone (EPIPE) ends no calls.
    process.stdout.on('error', () => undefined)
    process.on('exit', () => {
      this.#batch.flush()
    })
  }

  override log(info: Record<symbol, string>, done: () => void): void {
    this.#batch.add(info[line] ?? '')
    done()
  }
}

function droppedLine(lines: number): string {
  const message = 'log lines were dropped: nothing read the standard output'

  return JSON.stringify({ level: 'warn', message, lines, timestamp: new Date().toISOString() })
}

/** Where winston keeps the finished line. */
const line = Symbol.for('message')

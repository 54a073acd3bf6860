import { createLogger, format, type Logger } from 'winston'
import TransportStream from 'winston-transport'
import type { Settings } from '../config/index.ts'
import { Batch } from './batch.ts'

/** An entry whose fields are JSON already: of an object with at least one field. */
export interface JsonEntry {
  readonly level: string
  readonly message: string
  readonly timestamp: string
  readonly fields: string
}

/** A log that may take such entries. They pass by winston's streams, which cost a twentieth of a call for its one line. */
export type ProcessLog = Logger & { readonly writeJson?: (entry: JsonEntry) => void }

/** The same line that the log would write of the fields themselves. */
export function lineOf({ level, message, timestamp: at, fields }: JsonEntry): string {
  return `${escaped(fields).slice(0, -1)},${escaped(JSON.stringify({ level, message, timestamp: at })).slice(1)}`
}

/** The log of the process on standard output: JSON lines, or coloured text for a terminal. */
export function createLog({ level, format: shape }: Settings['log']): ProcessLog {
  const pretty = format.combine(
    format.colorize(),
    format.printf(({ timestamp, level: coloured, message, ...fields }) => {
      const rest = Object.keys(fields).length === 0 ? '' : ` ${asJson(fields)}`

      return `${String(timestamp).slice(11, 23)} ${coloured} ${escaped(`${String(message)}${rest}`)}`
    }),
  )

  const json = format.printf((entry) => escaped(asJson(entry)))

  const output = new StandardOutput()
  const log = createLogger({
    level,
    format: format.combine(timestamp(), shape === 'pretty' ? pretty : json),
    transports: output,
  })
  if (shape === 'pretty') return log

  return Object.assign(log, {
    writeJson: (entry: JsonEntry) => {
      if (log.isLevelEnabled(entry.level)) output.writeLine(lineOf(entry))
    },
  })
}

// Peers choose display names, User-Agents and reason phrases. Characters that steer a terminal (C0, DEL, C1), end a line or
// reverse the direction of text are escaped as in JSON.
const steersTerminal = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

/** @param text a log line, or a message of Baton with several lines; the line feeds of peers are escaped by JSON */
function escaped(text: string): string {
  if (text.search(steersTerminal) < 0) return text

  return text.replace(steersTerminal, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** JSON.stringify leaves the message, stack and cause of an Error out: they are added, at any depth of an entry. */
function asJson(entry: object): string {
  // Few entries have an Error, and JSON.stringify is many times faster without a replacer.
  return hasError(entry, maxDepth) ? JSON.stringify(entry, withErrors) : JSON.stringify(entry)
}

/** Fields of library errors with secrets: ioredis keeps the failed command (AUTH with its password), Node the URL that it could not parse. */
const hiddenFields = new Set(['command', 'input'])

function withErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value
  const { message, stack, cause } = value
  const own = Object.entries(value).filter(([name]) => !hiddenFields.has(name))

  return Object.assign(Object.fromEntries(own), { message, stack }, cause !== undefined && { cause })
}

/** Depth of an entry to which errors are searched. */
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

/** Adds the time to entries without one. */
const timestamp = format((entry) => {
  entry.timestamp ??= new Date().toISOString()

  return entry
})

/** Bytes that wait for a log collector that does not read; further lines are dropped and counted. */
const maxUnreadBytes = 4 * 1024 * 1024

/** Standard output, written in batches; the last batch is written when the process exits. */
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
    // A log collector that closes the pipe (EPIPE) must not end calls.
    process.stdout.on('error', () => undefined)
    process.on('exit', () => {
      this.#batch.flush()
    })
  }

  override log(info: Record<symbol, string>, done: () => void): void {
    this.writeLine(info[line] ?? '')
    done()
  }

  writeLine(text: string): void {
    this.#batch.add(text)
  }
}

function droppedLine(lines: number): string {
  const message = 'log lines were dropped: nothing read the standard output'

  return JSON.stringify({ level: 'warn', message, lines, timestamp: new Date().toISOString() })
}

/** The property in which winston keeps the formatted line. */
const line = Symbol.for('message')

/** Limits log lines whose cause an unknown source can repeat at will: one line of each kind at once, then one per interval. */
export class LogRateLimiter {
  readonly #intervalMs: number
  readonly #now: () => number
  readonly #logged = new Map<string, { at: number; times: number }>()

  constructor(intervalMs: number, now = () => performance.now()) {
    this.#intervalMs = intervalMs
    this.#now = now
  }

  /** @param write gets how often this kind has happened since its last line, this time included */
  log(kind: string, write: (times: number) => void): void {
    const now = this.#now()
    const last = this.#logged.get(kind)
    if (last && now - last.at < this.#intervalMs) {
      last.times += 1
      return
    }
    this.#logged.set(kind, { at: now, times: 0 })
    write((last?.times ?? 0) + 1)
  }
}

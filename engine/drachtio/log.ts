import type { Log } from '../user-agent/index.ts'

export type LogLevel = 'error' | 'warning' | 'notice' | 'info' | 'debug'

/** From the gravest: each level writes its own entries and those before it. */
export const logLevels: readonly LogLevel[] = ['error', 'warning', 'notice', 'info', 'debug']

type Fields = Readonly<Record<string, unknown>>

/** The log of the engine as a drachtio server. */
export interface ServerLog extends Log {
  /** Applications that connect and leave, and reloads. */
  notice(message: string, fields: Fields): void
  /** Requests, and which application has them. */
  info(message: string, fields: Fields): void
  /** What applications order. */
  debug(message: string, fields: Fields): void
  /** Whether entries of this level are written: what is costly to put together is asked for first. */
  writes(level: LogLevel): boolean
}

/** A log that writes one line for each entry down to `level`. */
export function createLog(level: LogLevel, write: (line: string) => void): ServerLog {
  const last = logLevels.indexOf(level)
  const writes = (each: LogLevel): boolean => logLevels.indexOf(each) <= last
  const at = (each: LogLevel) => (message: string, fields: Fields) => {
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

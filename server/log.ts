import { createLogger, format, transports, type Logger } from 'winston'
import type { Settings } from '../config/index.ts'

/** The process's log: JSON lines, or coloured ones for a person at a terminal. */
export function createLog({ level, format: shape }: Settings['log']): Logger {
  const pretty = format.combine(
    format.colorize(),
    format.printf(({ timestamp, level, message, ...fields }) => {
      const rest = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`

      return `${String(timestamp).slice(11, 23)} ${level} ${String(message)}${rest}`
    }),
  )

  return createLogger({
    level,
    format: format.combine(format.timestamp(), shape === 'pretty' ? pretty : format.json()),
    transports: [new transports.Console()],
  })
}

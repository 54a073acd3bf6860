import { type ServerLogLevel, serverLogLevels } from '../server-log.ts'

/** Parses values of options and collects all mistakes. */
export class OptionProblems {
  readonly errors: string[] = []
  /** Options that are accepted without effect, and warnings. */
  readonly notices: string[] = []

  /** Adds a notice that is not there yet. */
  notice(text: string): void {
    if (!this.notices.includes(text)) this.notices.push(text)
  }

  /** Undefined when the text is no such number. `name` is the option, variable or element. */
  number(name: string, text: string, least = 0, most = 65_535): number | undefined {
    const value = Number(text.trim())
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
    this.errors.push(`${name}: ${text} is no whole number from ${least} to ${most}`)

    return undefined
  }

  flag(name: string, text: string): boolean | undefined {
    const value = text.trim().toLowerCase()
    if (['true', 'yes', '1', 'on'].includes(value)) return true
    if (['false', 'no', '0', 'off', ''].includes(value)) return false
    this.errors.push(`${name}: ${text} is neither true nor false`)

    return undefined
  }

  logLevel(name: string, text: string): ServerLogLevel | undefined {
    const found = serverLogLevels.find((level) => level === text.trim().toLowerCase())
    if (!found) this.errors.push(`${name}: ${text} is none of ${serverLogLevels.join(', ')}`)

    return found
  }

  /** At least 1000 bytes, as at drachtio-server, or 0 for no limit. */
  mtu(name: string, text: string): number | undefined {
    if (text.trim() === '0') return 0

    return this.number(name, text, 1000)
  }

  oneOf<T extends string>(name: string, text: string, values: readonly T[]): T | undefined {
    const found = values.find((value) => value === text.trim())
    if (found === undefined) this.errors.push(`${name}: ${text} is none of ${values.join(', ')}`)

    return found
  }

  tlsVersion(name: string, text: string): number | undefined {
    const value = Number(text)
    if (value === 1.2 || value === 1.3) return value
    // RFC 8996 deprecates TLS 1.0 and 1.1.
    if (value === 1 || value === 1.1) {
      this.notices.push(`${name}: TLS ${text} is not spoken any more (RFC 8996); the oldest version here is 1.2`)
      return 1.2
    }
    this.errors.push(`${name}: ${text} is neither 1.2 nor 1.3`)

    return undefined
  }
}

/** `[host:]port`. */
export function parseScrapePort(
  name: string,
  text: string,
  problems: OptionProblems,
): { address: string; port: number } {
  const colon = text.lastIndexOf(':')
  const port = problems.number(name, colon < 0 ? text : text.slice(colon + 1)) ?? 0

  return { address: colon < 0 ? '127.0.0.1' : text.slice(0, colon).replace(/^\[|\]$/g, ''), port }
}

import { InvalidArgumentError } from 'commander'

/** Rows in aligned columns, under a heading; ends with a line feed. */
export function columns(
  heading: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const lines = [heading, ...rows.map((row) => row.map((cell) => printable(String(cell ?? '-'))))]
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))

  return lines
    .map(
      (line) =>
        `${line
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** The text without control characters, which would steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '?')
}

/** `name=value` options as an object, for commander's argParser. */
export function pairs(given: string, before: Record<string, string> = {}): Record<string, string> {
  const at = given.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('It is to be NAME=VALUE.')

  return { ...before, [given.slice(0, at)]: given.slice(at + 1) }
}

/** A whole number, for commander's argParser. */
export function whole(given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new InvalidArgumentError('It is to be a whole number.')

  return Number(given)
}

/** The URI of an agent, which may be written with its place among the others. */
export function uriOf(agent: string | { uri: string }): string {
  return typeof agent === 'string' ? agent : agent.uri
}

import type { Measurement } from './measure.ts'

/** Each system's numbers, and how they compare with the first one's, the yardstick, and with Baton on its embedded stack. */
export function comparison(results: readonly Measurement[]): string {
  const yardstick = results[0]
  const stack = results.find(({ name }) => name === 'baton')
  const rows = results.map((each) => [
    each.name,
    seconds(each.cpuPer1000),
    ratio(each, yardstick),
    ratio(each, stack),
    `${each.setup.p50.toFixed(1)} ms`,
    `${each.setup.p99.toFixed(1)} ms`,
    `${each.memoryMiB.toFixed(0)} MiB`,
    `${each.failed}`,
    `${each.retransmissions}`,
    each.highestRate === undefined ? '–' : `${each.highestRate}/s`,
  ])
  const all = [
    ['', 'CPU/1000 calls', 'ratio', '× baton', 'set-up p50', 'p99', 'memory', 'failed', 'sent twice', 'highest rate'],
    ...rows,
  ]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? []

  return all.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  ')).join('\n')
}

const pad = (cell: string, width: number, column: number) => (column === 0 ? cell.padEnd(width) : cell.padStart(width))
const ratio = (each: Measurement, to: Measurement | undefined) =>
  to === undefined ? '' : `${(each.cpuPer1000 / to.cpuPer1000).toFixed(2)} ×`
const seconds = (value: number) => `${value.toFixed(3)} s`

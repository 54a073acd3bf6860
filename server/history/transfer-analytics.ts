import { valueLabel, type CallSummary, type TransferSummary } from './call-summary.ts'

export const transferDimensions = ['handoff', 'method', 'reason', 'trunk', 'agent', 'version'] as const
export type TransferDimension = (typeof transferDimensions)[number]

const results = ['succeeded', 'failed', 'abandoned', 'unknown'] as const
type ResultCounts = Record<(typeof results)[number], number>

/** Upper bounds of the distribution of times to a person, in seconds; the last bucket has no bound. */
const bucketBounds = [1, 2, 5, 10, 15, 20, 30, 45, 60, 120]

interface AnalysedTime {
  from: number
  to: number
  stepMs: number
  by: readonly TransferDimension[]
}

/** Counts the ended transfers of calls by result, over time and by some of their labels. */
export class TransferAnalytics {
  readonly #wanted: AnalysedTime
  readonly #all: TransferTally
  readonly #groups = new Map<string, { labels: Record<string, string | number>; tally: TransferTally }>()

  constructor(wanted: AnalysedTime) {
    this.#wanted = wanted
    this.#all = new TransferTally(wanted)
  }

  add(call: CallSummary): void {
    const { from, to, by } = this.#wanted
    for (const transfer of call.transfers) {
      if (transfer.result === undefined || transfer.startedAt < from || transfer.startedAt >= to) continue
      this.#all.add(transfer)
      const labels = Object.fromEntries(by.map((name) => [name, labelOf(name, call, transfer)]))
      const key = JSON.stringify(labels)
      let group = this.#groups.get(key)
      if (!group) this.#groups.set(key, (group = { labels, tally: new TransferTally(this.#wanted) }))
      group.tally.add(transfer)
    }
  }

  /** The groups with the most transfers come first. */
  view() {
    const groups = [...this.#groups.values()].map(({ labels, tally }) => ({ labels, ...tally.view() }))

    return { ...this.#all.view(), groups: groups.sort((a, b) => b.count - a.count) }
  }
}

function labelOf(name: TransferDimension, call: CallSummary, transfer: TransferSummary): string | number {
  if (name === 'version') return call.version

  return valueLabel(name === 'trunk' || name === 'agent' ? call[name] : transfer[name])
}

/** The results of some transfers, and how long a person took to answer those that succeeded. */
class TransferTally {
  readonly #wanted: AnalysedTime
  readonly #counts = noCounts()
  readonly #series = new Map<number, ResultCounts>()
  readonly #seconds: number[] = []

  constructor(wanted: AnalysedTime) {
    this.#wanted = wanted
  }

  add({ result = 'unknown', startedAt, seconds }: TransferSummary): void {
    const { from, stepMs } = this.#wanted
    const at = from + Math.floor((startedAt - from) / stepMs) * stepMs
    const counts = this.#series.get(at) ?? noCounts()
    this.#series.set(at, counts)
    counts[result]++
    this.#counts[result]++
    if (result === 'succeeded' && seconds !== undefined) this.#seconds.push(seconds)
  }

  view() {
    const sorted = Float64Array.from(this.#seconds).sort()
    const series = [...this.#series].sort(([a], [b]) => a - b)

    return {
      count: results.reduce((sum, result) => sum + this.#counts[result], 0),
      results: { ...this.#counts },
      timeToPerson: {
        ...{
          count: sorted.length,
          p50: quantile(sorted, 0.5),
          p90: quantile(sorted, 0.9),
          p99: quantile(sorted, 0.99),
        },
        buckets: [...bucketBounds, null].map((below, at) => ({
          below,
          count: sorted.filter(
            (seconds) => seconds < (below ?? Infinity) && (at === 0 || seconds >= (bucketBounds[at - 1] ?? 0)),
          ).length,
        })),
      },
      series: series.map(([at, counts]) => ({ at: new Date(at).toISOString(), ...counts })),
    }
  }
}

function noCounts(): ResultCounts {
  return { succeeded: 0, failed: 0, abandoned: 0, unknown: 0 }
}

/** The nearest rank; null without values. */
function quantile(sorted: Float64Array, part: number): number | null {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null
}

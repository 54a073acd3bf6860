import {
  Counter,
  Gauge,
  Histogram,
  type LabelValues,
  type MetricObjectWithValues,
  type MetricValue,
  type Registry,
} from 'prom-client'

import type { Definition, Labels } from './definition.ts'
import type { Label } from './labels.ts'

/** The value that callers give for each label of a definition. */
export type LabelInputs<L extends Labels> = { [K in keyof L]: L[K] extends Label<infer T> ? T : never }

/** A metric that maps each label value to its bounded set. */
interface Instrument<D extends Definition> {
  /** Counts or observes `value`; 1 when left out. */
  add(labels: LabelInputs<D['labels']>, value?: number): void
  /** Replaces all series by counts from elsewhere; a series without a count is 0. */
  recount(series: Iterable<readonly [labels: LabelInputs<D['labels']>, value: number]>): void
  /** Removes this series. */
  remove(labels: LabelInputs<D['labels']>): void
  /** Removes every series with these label values. */
  removeAll(labels: Partial<LabelInputs<D['labels']>>): Promise<void>
}

export type Instruments<D extends Record<string, Definition>> = { readonly [K in keyof D]: Instrument<D[K]> }

export function createInstruments<D extends Record<string, Definition>>(registry: Registry, table: D): Instruments<D> {
  const entries = Object.entries(table).map(([key, definition]) => [key, createInstrument(registry, definition)])

  return Object.fromEntries(entries) as Instruments<D>
}

function createInstrument(
  registry: Registry,
  { type, name, help, labels, buckets = [] }: Definition,
): Instrument<Definition> {
  const config = { name, help, labelNames: Object.keys(labels), registers: [registry] }
  const guarded = guardOf(labels)

  switch (type) {
    case 'counter': {
      const backlog = new Backlog<LabelInputs<Labels>>((given, values) => {
        let sum = 0
        for (const value of values) sum += value
        counter.inc(guarded(given), sum)
      })
      const counter = new Counter({ ...config, collect: backlog.work })
      return {
        add: backlog.add,
        recount: (series) => {
          backlog.work()
          counter.reset()
          for (const [given, value] of series) counter.inc(guarded(given), value) // Two values may be `other`, and share a series.
        },
        remove: (given) => {
          backlog.work()
          counter.remove(guarded(given))
        },
        removeAll: (given) => {
          backlog.work()

          return removeAll(counter, guardOf(pick(labels, given))(given))
        },
      }
    }
    case 'gauge': {
      const gauge = new Gauge(config)
      const known = new Map<string, Record<string, string>>()
      return {
        add: (given, value = 1) => gauge.inc(guarded(given), value),
        recount: (series) => {
          for (const values of known.values()) gauge.set(values, 0)
          for (const [given, value] of series) {
            const values = guarded(given)
            known.set(Object.values(values).join('\0'), values)
            gauge.inc(values, value)
          }
        },
        remove: (given) => {
          const values = guarded(given)
          known.delete(Object.values(values).join('\0'))
          gauge.remove(values)
        },
        removeAll: (given) => removeAll(gauge, guardOf(pick(labels, given))(given)),
      }
    }
    case 'histogram': {
      const backlog = new Backlog<LabelInputs<Labels>>((given, values) => {
        const series = guarded(given)
        for (const value of values) histogram.observe(series, value)
      })
      const histogram = new Histogram({ ...config, buckets: [...buckets], collect: backlog.work })
      return {
        add: backlog.add,
        recount: () => undefined, // No histogram is counted elsewhere.
        remove: (given) => {
          backlog.work()
          histogram.remove(guarded(given))
        },
        removeAll: (given) => {
          backlog.work()

          return removeAll(histogram, guardOf(pick(labels, given))(given))
        },
      }
    }
  }
}

/** The labels that have a value in `given`. */
function pick(labels: Labels, given: Partial<LabelInputs<Labels>>): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name in given))
}

async function removeAll(
  metric: { get(): Promise<MetricObjectWithValues<MetricValue<string>>>; remove(labels: LabelValues<string>): void },
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const { values } = await metric.get()
  for (const { labels } of values) {
    if (Object.entries(wanted).every(([name, value]) => labels[name] === value)) metric.remove(labels)
  }
}

function guardOf(labels: Labels): (given: Readonly<Record<string, unknown>>) => Record<string, string> {
  const guards = Object.entries(labels as Readonly<Record<string, Label<unknown>>>)

  return (given) => {
    const guarded: Record<string, string> = {}
    for (const [name, label] of guards) guarded[name] = label.guard(given[name])

    return guarded
  }
}

/** Values that wait before they are counted. */
const maxBacklog = 1000

/** How many series are kept apart until the next count. */
const maxWaitingSeries = 32

/** The values of one series that are not counted yet. */
interface WaitingSeries<L> {
  readonly labels: L
  readonly values: number[]
}

/**
 * Values that are not counted yet. prom-client looks each series up by the text of its labels, which takes time: a call
 * only queues its values, by series, and they are counted in batches, at the latest at a scrape.
 */
class Backlog<L extends object> {
  readonly #count: (labels: L, values: readonly number[]) => void
  #waiting: WaitingSeries<L>[] = []
  #size = 0

  constructor(count: (labels: L, values: readonly number[]) => void) {
    this.#count = count
  }

  readonly add = (labels: L, value = 1): void => {
    this.#valuesOf(labels).push(value)
    this.#size += 1
    if (this.#size >= maxBacklog) this.work()
  }

  readonly work = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    this.#size = 0
    for (const { labels, values } of waiting) this.#count(labels, values)
  }

  #valuesOf(labels: L): number[] {
    for (const series of this.#waiting) if (areEqual(series.labels, labels)) return series.values
    if (this.#waiting.length >= maxWaitingSeries) this.work()
    const series: WaitingSeries<L> = { labels, values: [] }
    this.#waiting.push(series)

    return series.values
  }
}

/** Whether two label sets of one instrument, which have the same names, have the same values. */
function areEqual<L extends object>(one: L, other: L): boolean {
  for (const name in one) if (one[name] !== other[name]) return false

  return true
}

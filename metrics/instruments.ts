import {
  Counter,
  Gauge,
  Histogram,
  type LabelValues,
  type MetricObjectWithValues,
  type MetricValue,
  type Registry,
} from 'prom-client'

import type { Definition, Labels } from './definitions.ts'
import type { Label } from './labels.ts'

/** What the caller gives for each label of a definition. */
export type LabelInputs<L extends Labels> = { [K in keyof L]: L[K] extends Label<infer T> ? T : never }

/** A metric whose labels are guarded on the way in. */
interface Instrument<D extends Definition> {
  /** Counts, or observes, `value`; 1 when left out. */
  add(labels: LabelInputs<D['labels']>, value?: number): void
  /** Takes over what is counted elsewhere: series that are not among these go to 0. */
  recount(series: Iterable<readonly [labels: LabelInputs<D['labels']>, value: number]>): void
  /** This series is gone. */
  remove(labels: LabelInputs<D['labels']>): void
  /** Every series with these values is gone. */
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
      const backlog = new Backlog<LabelInputs<Labels>>((given, value) => {
        counter.inc(guarded(given), value)
      })
      const counter = new Counter({ ...config, collect: backlog.work })
      return {
        add: backlog.add,
        recount: (series) => {
          backlog.work()
          counter.reset()
          for (const [given, value] of series) counter.inc(guarded(given), value) // Two that are `other` are one series.
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
          for (const labels of known.values()) gauge.set(labels, 0)
          for (const [given, value] of series) {
            const labels = guarded(given)
            known.set(Object.values(labels).join('\0'), labels)
            gauge.inc(labels, value)
          }
        },
        remove: (given) => {
          const labels = guarded(given)
          known.delete(Object.values(labels).join('\0'))
          gauge.remove(labels)
        },
        removeAll: (given) => removeAll(gauge, guardOf(pick(labels, given))(given)),
      }
    }
    case 'histogram': {
      const backlog = new Backlog<LabelInputs<Labels>>((given, value) => {
        histogram.observe(guarded(given), value)
      })
      const histogram = new Histogram({ ...config, buckets: [...buckets], collect: backlog.work })
      return {
        add: backlog.add,
        recount: () => undefined, // Nothing that is counted elsewhere is a histogram.
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

/** The labels that have a value here. */
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

/** How many wait at most. */
const limit = 1000

/**
 * What has happened and is not counted yet. prom-client looks each series up by the text of its labels: a call does not wait
 * for that; it is done for many in a row, at the latest when somebody scrapes.
 */
class Backlog<L> {
  readonly #count: (labels: L, value: number) => void
  #waiting: { labels: L; value: number }[] = []

  constructor(count: (labels: L, value: number) => void) {
    this.#count = count
  }

  readonly add = (labels: L, value = 1): void => {
    this.#waiting.push({ labels, value })
    if (this.#waiting.length >= limit) this.work()
  }

  readonly work = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { labels, value } of waiting) this.#count(labels, value)
  }
}

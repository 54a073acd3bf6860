/** Samples of a Prometheus exposition, by `name{label="value",…}` with sorted labels. */
export type Samples = ReadonlyMap<string, number>

/** Reads the text format 0.0.4. Labels named in `without` are left out, and what is then alike is added up. */
export function parseMetrics(text: string, without: readonly string[] = []): Samples {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    if (name === undefined || line.startsWith('#')) continue
    const kept = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
      .filter(([, label = '']) => !without.includes(label))
      .map(([pair]) => pair)
      .sort()
    const key = kept.length === 0 ? name : `${name}{${kept.join(',')}}`
    samples.set(key, (samples.get(key) ?? 0) + Number(value))
  }

  return samples
}

/** What went up between two scrapes: sample → by how much, but for what stood still. */
export function increase(before: Samples, after: Samples): Map<string, number> {
  const changes = new Map<string, number>()
  for (const [key, value] of after) {
    const change = value - (before.get(key) ?? 0)
    if (change !== 0) changes.set(key, change)
  }

  return changes
}

/** All samples of one metric, added up. */
export function total(samples: Samples, name: string): number {
  return [...samples]
    .filter(([key]) => key === name || key.startsWith(`${name}{`))
    .reduce((sum, [, value]) => sum + value, 0)
}

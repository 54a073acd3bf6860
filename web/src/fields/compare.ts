/** Fields of the project file with their values. */
export type Values = Readonly<Record<string, unknown>>

/** The fields in which an edit differs from the stored ones: null removes a field. */
export function changesOf(before: Values | undefined, after: Values): Record<string, unknown> {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after)])
  const changed = [...names].filter((name) => !isSame(before?.[name], after[name]))

  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]))
}

/** An edit on top of the present state: the person's values of the edited fields, and the stored values of all others. */
export function mergedOver(base: Values, now: Values, edited: Values): Values {
  const merged = Object.entries({ ...now, ...changesOf(base, edited) })

  return Object.fromEntries(merged.filter(([, value]) => value !== null))
}

/** Whether two values of the project file say the same. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

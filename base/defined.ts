/** T, but its properties that may be undefined may be missing instead. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/**
 * A copy without the properties whose value is undefined, for types whose optional properties may be missing and may not be
 * undefined. Code that runs for each SIP message writes a conditional spread instead, which costs less.
 */
export function defined<T extends object>(properties: T): Defined<T> {
  const copy: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(properties)) if (value !== undefined) copy[name] = value

  return copy as Defined<T>
}

import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'

/** Targets that operators may have taken out at a time. */
const maxTakenOut = 1000

const TakenOutTarget = Type.Object({
  state: Type.Enum(['disabled', 'draining']),
  /** For people: by whom, and why. */
  reason: Type.String(),
  /** ISO 8601 */
  at: Type.String(),
})

/** What operators have taken out, by target id: one document, which every change replaces whole. */
const TakenOut = Type.Object({ schema: Type.Literal(1), targets: Type.Record(Type.String(), TakenOutTarget) })

export type TakenOutTarget = Static<typeof TakenOutTarget>
export type TakenOut = Static<typeof TakenOut>

export const noneTakenOut: TakenOut = { schema: 1, targets: {} }

const compiled = Compile(TakenOut)

/** Undefined for a text that is no such document. */
export function readTakenOut(text: string): TakenOut | undefined {
  try {
    const value: unknown = JSON.parse(text)

    return compiled.Check(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Takes a target out, or puts it in when `taken` is undefined. Of too many, those go that no configuration names any more.
 * @param isNamed whether the configuration names a target
 */
export function withTakenOut(
  stored: TakenOut,
  id: string,
  taken: TakenOutTarget | undefined,
  isNamed: (id: string) => boolean,
): TakenOut {
  const { [id]: before, ...others } = stored.targets
  if (taken === undefined) return before === undefined ? stored : { ...stored, targets: others }
  const entries = Object.entries({ ...others, [id]: taken })

  return {
    ...stored,
    targets: Object.fromEntries(entries.length > maxTakenOut ? entries.filter(([each]) => isNamed(each)) : entries),
  }
}

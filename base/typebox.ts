import { Settings } from 'typebox/system'

/**
 * TypeBox has one set of settings for the whole process, and stops at eight mistakes by itself. What validates imports this
 * file, so that all mistakes are reported at once, whatever was loaded first.
 */
Settings.Set({ maxErrors: 10_000 })

/** An error of TypeBox, as far as unions are concerned. */
interface UnionMemberError {
  readonly keyword: string
  readonly schemaPath: string
  readonly instancePath: string
}

/**
 * The errors without those of union members that are of another type than the value: a mapping with one wrong field is no
 * wrong text as well. Where no member has the value's type, the error of the union itself stays.
 */
export function withoutOtherMembers<E extends UnionMemberError>(errors: readonly E[]): E[] {
  let left = [...errors]
  for (const union of errors.filter(({ keyword }) => keyword === 'anyOf')) {
    const memberOf = (error: E): string | undefined =>
      error.schemaPath.startsWith(`${union.schemaPath}/anyOf/`) && error.instancePath.startsWith(union.instancePath)
        ? error.schemaPath.slice(union.schemaPath.length).split('/', 3)[2]
        : undefined
    const inside = left.filter((error) => memberOf(error) !== undefined)
    const otherType = new Set(
      inside
        .filter(({ keyword, instancePath }) => keyword === 'type' && instancePath === union.instancePath)
        .map(memberOf),
    )
    const meant = new Set(inside.filter((error) => !otherType.has(memberOf(error))))
    left = left.filter((error) => meant.has(error) || (error === union ? meant.size === 0 : !inside.includes(error)))
  }

  return left
}

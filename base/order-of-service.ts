/** RFC 2782: by priority; among equal priorities at random, in proportion to the weights. */
export function inOrderOfService<T extends { readonly priority: number; readonly weight: number }>(
  records: readonly T[],
  random: () => number,
): T[] {
  const left = records.toSorted((a, b) => a.priority - b.priority || a.weight - b.weight)
  const ordered: T[] = []
  for (let first = left[0]; first; first = left[0]) {
    const { priority } = first
    const equals = left.filter((record) => record.priority === priority)
    const total = equals.reduce((sum, { weight }) => sum + weight, 0)
    let ticket = random() * total
    // Records of weight 0 come first in the list: they are chosen only when the ticket is 0.
    const index = equals.findIndex(({ weight }) => (ticket -= weight) <= 0)
    ordered.push(...left.splice(Math.max(0, index), 1))
  }

  return ordered
}

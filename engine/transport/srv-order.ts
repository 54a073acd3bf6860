import type { SrvRecord } from './dns.ts'

/** RFC 2782: by priority; among equals each is next with a chance that is its weight's share. */
export function inOrderOfService(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const left = records.toSorted((a, b) => a.priority - b.priority || a.weight - b.weight)
  const ordered: SrvRecord[] = []
  for (let first = left[0]; first; first = left[0]) {
    const { priority } = first
    const equals = left.filter((record) => record.priority === priority)
    const total = equals.reduce((sum, { weight }) => sum + weight, 0)
    let ticket = random() * total
    // Those without weight come first in the list: they are next only when the ticket is 0.
    const index = equals.findIndex(({ weight }) => (ticket -= weight) <= 0)
    ordered.push(...left.splice(Math.max(0, index), 1))
  }

  return ordered
}

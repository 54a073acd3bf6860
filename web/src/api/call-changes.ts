import type { Call } from './client'

/** Calls by their ids, each as the newest event has it. */
type ChangedCalls = Map<string, Call>

/** The calls that have changed since each request of a list that is under way was sent. */
const journals = new Set<ChangedCalls>()

/** Notes a call as an event shows it, for the lists whose answers are under way. */
export function noteChange(call: Call): void {
  for (const journal of journals) journal.set(call.id, call)
}

/** Lists live calls, with the events that came while the answer was on its way: the list may be older than they are. */
export async function listWithChanges(list: () => Promise<readonly Call[]>): Promise<readonly Call[]> {
  const journal: ChangedCalls = new Map()
  journals.add(journal)
  try {
    return withChanges(await list(), journal)
  } finally {
    journals.delete(journal)
  }
}

/** The live calls after these changes, the newest first: new calls are added, and those that have ended are left out. */
export function withChanges(calls: readonly Call[], changes: ReadonlyMap<string, Call>): readonly Call[] {
  if (changes.size === 0) return calls
  const known = new Set(calls.map(({ id }) => id))
  const isLive = ({ state }: Call): boolean => state !== 'ended'
  const kept = calls.map((call) => changes.get(call.id) ?? call).filter(isLive)
  const added = [...changes.values()].filter((call) => isLive(call) && !known.has(call.id))

  return added.length === 0 ? kept : [...added, ...kept].sort(newestFirst)
}

function newestFirst(a: Call, b: Call): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? 1 : -1

  return a.id.localeCompare(b.id)
}

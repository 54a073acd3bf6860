import type { Change, HistoryEntry } from '../api/client'

/** The newest entry of history that changed this handoff or schedule. */
export function lastChange(
  history: readonly HistoryEntry[],
  what: Change['what'],
  name: string,
): HistoryEntry | undefined {
  return history.find(({ changes }) => changes?.some((change) => change.what === what && change.name === name))
}

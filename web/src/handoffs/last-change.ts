import type { HistoryEntry } from '../api/client'

/** The newest entry of history that changed this handoff. */
export function lastChange(history: readonly HistoryEntry[], name: string): HistoryEntry | undefined {
  return history.find(({ changes }) => changes?.some((change) => change.what === 'handoff' && change.name === name))
}

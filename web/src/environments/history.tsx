import { Text } from '@mantine/core'
import type { HistoryEntry } from '../api/client'
import { ChangeLines } from '../draft/change'
import { EntryTable } from '../history/entry-table'
import { texts } from '../texts'

/** Who changed what, when and why; the newest first. */
export function HistoryList({ entries }: { entries: readonly HistoryEntry[] }) {
  if (entries.length === 0) return <Text c="dimmed">{texts.environments.noHistory}</Text>

  return (
    <EntryTable entries={entries} who={({ who }) => who}>
      {(entry) => (
        <>
          <Text size="sm" fw={500}>
            {actionText(entry)}
          </Text>
          {entry.why && (
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {entry.why}
            </Text>
          )}
          {entry.changes && entry.changes.length > 0 && <ChangeLines changes={entry.changes} />}
        </>
      )}
    </EntryTable>
  )
}

/** What was done, in words; of an action that the pages do not know, its name. */
function actionText({ action, environment = '', before, after }: HistoryEntry): string {
  const place = (texts.environment as Record<string, string>)[environment] ?? environment
  const words = (texts.actions as Record<string, ((place: string, what: string) => string) | undefined>)[action]
  const what = after ?? before

  return (
    words?.(place, typeof what === 'number' || typeof what === 'string' ? String(what) : '') ??
    [action, place].filter(Boolean).join(' ')
  )
}

import { Text } from '@mantine/core'
import type { HistoryEntry } from '../api/client'
import { ChangeLines } from '../draft/change'
import { EntryTable } from '../history/entry-table'
import { texts } from '../texts'

/** Lists the changes of an environment, the newest first: who made them, when and why. */
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

/** The action in words; its name where the pages do not know it. */
function actionText({ action, environment = '', before, after }: HistoryEntry): string {
  const place = (texts.environment as Record<string, string>)[environment] ?? environment
  const words = (texts.actions as Record<string, ((place: string, what: string) => string) | undefined>)[action]
  const what = after ?? before

  return (
    words?.(place, typeof what === 'number' || typeof what === 'string' ? String(what) : '') ??
    [action, place].filter(Boolean).join(' ')
  )
}

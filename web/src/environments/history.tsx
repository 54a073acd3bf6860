import { Stack, Table, Text } from '@mantine/core'
import type { HistoryEntry } from '../api/client'
import { changeTitle, valueText } from '../draft/change'
import { moment } from '../time'

/** Who changed what, when and why; the newest first. */
export function HistoryList({ entries }: { entries: readonly HistoryEntry[] }) {
  return (
    <Table.ScrollContainer minWidth={320}>
      <Table verticalSpacing="xs">
        <Table.Tbody>
          {entries.map(({ id, at, who, action, environment, why, changes = [] }) => (
            <Table.Tr key={id}>
              <Table.Td style={{ whiteSpace: 'nowrap', verticalAlign: 'top' }}>
                <Text size="sm">{moment(at)}</Text>
                <Text size="xs" c="dimmed">
                  {who}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm" fw={500}>
                  {[action, environment].filter(Boolean).join(' ')}
                </Text>
                {why && <Text size="sm">{why}</Text>}
                <Stack gap={0}>
                  {changes.map((change) => (
                    <Text key={`${change.name} ${change.field ?? ''} ${change.kind}`} size="xs" c="dimmed">
                      {changeTitle(change)}
                      {change.kind === 'changed' && `: ${valueText(change.before)} → ${valueText(change.after)}`}
                    </Text>
                  ))}
                </Stack>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

import { Code, Stack, Table, Text } from '@mantine/core'
import type { Change } from '../api/client'
import { fieldLabel } from '../fields/labels'
import { texts } from '../texts'

export function changeTitle({ kind, what, name, field }: Change): string {
  const { change } = texts
  const noun = change.what[what]
  if (kind === 'changed') return change.changed(noun, name, field === undefined ? '' : fieldLabel(field))

  return change[kind](noun, name)
}

export function valueText(value: unknown): string {
  if (value === undefined || value === null) return '–'

  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Changes in words, with the value of each field before and after side by side. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  return (
    <Stack gap="sm">
      {changes.map((change) => (
        <div key={`${change.kind} ${change.what} ${change.name} ${change.field ?? ''}`}>
          <Text fw={500}>{changeTitle(change)}</Text>
          {(change.before !== undefined || change.after !== undefined) && (
            <Table layout="fixed" withTableBorder>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{texts.draft.before}</Table.Th>
                  <Table.Th>{texts.draft.after}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                <Table.Tr>
                  <Table.Td>
                    <Value value={change.before} />
                  </Table.Td>
                  <Table.Td>
                    <Value value={change.after} />
                  </Table.Td>
                </Table.Tr>
              </Table.Tbody>
            </Table>
          )}
        </div>
      ))}
    </Stack>
  )
}

function Value({ value }: { value: unknown }) {
  return (
    <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
      {valueText(value)}
    </Code>
  )
}

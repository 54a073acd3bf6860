import { Code, Stack, Table, Text } from '@mantine/core'
import type { Change } from '../api/client'
import { texts } from '../texts'

/** A field's name as the dialog has it, where it has one. */
export function fieldLabel(field: string): string {
  const { dialog } = texts
  const basics: Record<string, string> = {
    name: dialog.name,
    description: dialog.description,
    method: dialog.method,
    route: dialog.route,
    headers: dialog.headers,
  }
  const advanced = dialog.fields as Record<string, string>

  return (
    basics[field] ?? advanced[field] ?? (field.startsWith('headers.') ? `${dialog.headers}: ${field.slice(8)}` : field)
  )
}

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

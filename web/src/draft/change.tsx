import { Code, List, SegmentedControl, Stack, Table, Text } from '@mantine/core'
import { useState } from 'react'
import type { Change } from '../api/client'
import { fieldLabel, isNothing, valueText } from '../fields/labels'
import { texts } from '../texts'

/** A change in words, such as "Handoff front-desk: Route / Number from A to B". */
function changeText(change: Change): string {
  const { kind, field, before, after } = change
  if (kind !== 'changed' || field === undefined) return titleOf(change)
  const label = fieldLabel(field)
  if (isNothing(before)) return texts.change.set(titleOf(change), label, valueText(after))
  if (isNothing(after)) return texts.change.unset(titleOf(change), label)

  return texts.change.changed(titleOf(change), label, valueText(before), valueText(after))
}

function titleOf({ kind, what, name }: Change): string {
  const noun = texts.change.what[what]
  const shown = what === 'settings' ? ((texts.environment as Record<string, string>)[name] ?? name) : name

  return kind === 'changed' ? texts.change.of(noun, shown) : texts.change[kind](noun, shown)
}

/** Changes in words, one line each. */
export function ChangeLines({ changes }: { changes: readonly Change[] }) {
  return (
    <List size="sm" spacing={4}>
      {changes.map((change) => (
        <List.Item key={keyOf(change)} style={{ overflowWrap: 'anywhere' }}>
          {changeText(change)}
        </List.Item>
      ))}
    </List>
  )
}

/** Changes in words, or side by side. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  const [form, setForm] = useState('words')
  if (changes.length === 0) return <Text c="dimmed">{texts.change.none}</Text>

  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label={texts.change.form}
        size="xs"
        style={{ alignSelf: 'flex-start' }}
        data={[
          { value: 'words', label: texts.change.inWords },
          { value: 'sides', label: texts.change.sideBySide },
        ]}
        value={form}
        onChange={setForm}
      />
      {form === 'words' ? <ChangeLines changes={changes} /> : <SideBySide changes={changes} />}
    </Stack>
  )
}

/** The fields of each thing that changes, with their values before and after. */
function SideBySide({ changes }: { changes: readonly Change[] }) {
  const things = new Map<string, Change[]>()
  for (const change of changes) things.set(titleOf(change), [...(things.get(titleOf(change)) ?? []), change])

  return (
    <>
      {[...things].map(([title, ofThing]) => (
        <section key={title} aria-label={title}>
          <Text fw={600} size="sm">
            {title}
          </Text>
          <Table layout="fixed" withTableBorder withColumnBorders>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w="28%">{texts.change.field}</Table.Th>
                <Table.Th>{texts.draft.before}</Table.Th>
                <Table.Th>{texts.draft.after}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {ofThing.flatMap(fieldsOf).map(({ field, before, after }) => (
                <Table.Tr key={field}>
                  <Table.Td>{fieldLabel(field)}</Table.Td>
                  <Table.Td>
                    <Value value={before} />
                  </Table.Td>
                  <Table.Td>
                    <Value value={after} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </section>
      ))}
    </>
  )
}

/** The field that changes; of a thing that is new, each of its fields. */
function fieldsOf({ field, before, after }: Change): { field: string; before: unknown; after: unknown }[] {
  if (field !== undefined) return [{ field, before, after }]
  const fields = (side: unknown) => (typeof side === 'object' && side !== null ? Object.entries(side) : [])
  if (typeof after !== 'object' && typeof before !== 'object') return [{ field: 'name', before, after }]

  return [
    ...fields(before).map(([name, value]) => ({ field: name, before: value as unknown, after: undefined })),
    ...fields(after).map(([name, value]) => ({ field: name, before: undefined, after: value as unknown })),
  ]
}

function Value({ value }: { value: unknown }) {
  return isNothing(value) ? (
    <Text size="sm" c="dimmed">
      {texts.change.nothing}
    </Text>
  ) : (
    <Code style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{valueText(value)}</Code>
  )
}

function keyOf({ kind, what, name, field }: Change): string {
  return `${kind} ${what} ${name} ${field ?? ''}`
}

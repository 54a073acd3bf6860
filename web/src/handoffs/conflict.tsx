import { Alert, Button, Code, Group, Stack, Table, Text } from '@mantine/core'
import type { Handoff } from '../api/client'
import { fieldLabel, valueText } from '../draft/change'
import { texts } from '../texts'
import { changesOf } from './fields'

interface ConflictProps {
  /** The handoff as it was when the edit began. */
  before: Handoff | undefined
  theirs: Handoff | undefined
  mine: Handoff
  take: (field: keyof Handoff) => void
}

/** What another person changed meanwhile, field by field, with the choice to take it over. */
export function Conflict({ before, theirs, mine, take }: ConflictProps) {
  const fields = theirs ? (Object.keys(changesOf(before, theirs)) as (keyof Handoff)[]) : []

  return (
    <Alert color="orange" title={texts.dialog.lostRace}>
      <Stack gap="xs">
        <Text size="sm">{fields.length > 0 ? texts.dialog.lostRaceHelp : texts.dialog.lostRaceElsewhere}</Text>
        {fields.length > 0 && (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th />
                <Table.Th>{texts.dialog.theirs}</Table.Th>
                <Table.Th>{texts.dialog.mine}</Table.Th>
                <Table.Th />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {fields.map((field) => (
                <Table.Tr key={field}>
                  <Table.Td>{fieldLabel(field)}</Table.Td>
                  <Table.Td>
                    <Code>{valueText(theirs?.[field])}</Code>
                  </Table.Td>
                  <Table.Td>
                    <Code>{valueText(mine[field])}</Code>
                  </Table.Td>
                  <Table.Td>
                    <Group justify="flex-end">
                      <Button
                        size="compact-xs"
                        variant="light"
                        onClick={() => {
                          take(field)
                        }}
                      >
                        {texts.dialog.take}
                      </Button>
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </Alert>
  )
}

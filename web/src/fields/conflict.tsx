import { Alert, Button, Code, Stack, Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { HistoryEntry } from '../api/client'
import { texts } from '../texts'
import { moment } from '../time'
import { changesOf, isSame, type Values } from './compare'
import { fieldLabel, valueText } from './labels'

interface ConflictProps {
  /** The values as they were when the edit began. */
  before: Values
  /** As they are now; undefined when what is edited was deleted. */
  theirs: Values | undefined
  mine: Values
  /** The change of the other person, where history has it. */
  entry: HistoryEntry | undefined
  take: (field: string) => void
}

/** What another person changed meanwhile, field by field, with the choice to take it over. */
export function Conflict({ before, theirs, mine, entry, take }: ConflictProps) {
  const fields = theirs ? Object.keys(changesOf(before, theirs)) : []

  return (
    <Alert color="orange" title={texts.conflict.title}>
      <Stack gap="xs">
        {entry && <Text size="sm">{texts.handoffs.lastChanged(moment(entry.at), entry.who)}</Text>}
        <Text size="sm">{theirs ? texts.conflict.help : texts.conflict.deleted}</Text>
        {fields.map((field) => (
          <div key={field}>
            <Text size="sm" fw={600}>
              {fieldLabel(field)}
            </Text>
            <Table layout="fixed">
              <Table.Tbody>
                <Side title={texts.conflict.theirs} value={theirs?.[field]}>
                  {isSame(theirs?.[field], mine[field]) ? (
                    <Text size="sm">{texts.conflict.taken}</Text>
                  ) : (
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => {
                        take(field)
                      }}
                    >
                      {texts.conflict.take}
                    </Button>
                  )}
                </Side>
                <Side title={texts.conflict.mine} value={mine[field]} />
              </Table.Tbody>
            </Table>
          </div>
        ))}
      </Stack>
    </Alert>
  )
}

function Side({ title, value, children }: { title: string; value: unknown; children?: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Td w={70}>{title}</Table.Td>
      <Table.Td>
        <Code style={{ overflowWrap: 'anywhere' }}>{valueText(value)}</Code>
      </Table.Td>
      <Table.Td w={110}>{children}</Table.Td>
    </Table.Tr>
  )
}

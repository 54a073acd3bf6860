import { Alert, Button, Code, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Handoff } from '../api/client'
import { historyQuery } from '../api/queries'
import { valueText } from '../draft/change'
import { fieldLabel } from '../fields/labels'
import { texts } from '../texts'
import { moment } from '../time'
import { changesOf, isSame } from './edit'
import { lastChange } from './last-change'

interface ConflictProps {
  project: string
  /** The handoff as it was when the edit began. */
  before: Handoff
  /** As it is now; undefined when it was deleted. */
  theirs: Handoff | undefined
  mine: Handoff
  take: (field: keyof Handoff) => void
}

/** What another person changed meanwhile, field by field, with the choice to take it over. */
export function Conflict({ project, before, theirs, mine, take }: ConflictProps) {
  const entry = lastChange(useQuery(historyQuery(project)).data ?? [], before.name)
  const fields = theirs ? (Object.keys(changesOf(before, theirs)) as (keyof Handoff)[]) : []

  return (
    <Alert color="orange" title={texts.dialog.lostRace}>
      <Stack gap="xs">
        {entry && <Text size="sm">{texts.handoffs.lastChanged(moment(entry.at), entry.who)}</Text>}
        <Text size="sm">{theirs ? texts.dialog.lostRaceHelp : texts.dialog.lostRaceDeleted}</Text>
        {fields.map((field) => (
          <div key={field}>
            <Text size="sm" fw={600}>
              {fieldLabel(field)}
            </Text>
            <Table layout="fixed">
              <Table.Tbody>
                <Side title={texts.dialog.theirs} value={theirs?.[field]}>
                  {isSame(theirs?.[field], mine[field]) ? (
                    <Text size="sm">{texts.dialog.taken}</Text>
                  ) : (
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => {
                        take(field)
                      }}
                    >
                      {texts.dialog.take}
                    </Button>
                  )}
                </Side>
                <Side title={texts.dialog.mine} value={mine[field]} />
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
      <Table.Td w={80}>{title}</Table.Td>
      <Table.Td>
        <Code style={{ overflowWrap: 'anywhere' }}>{valueText(value)}</Code>
      </Table.Td>
      <Table.Td w={110}>{children}</Table.Td>
    </Table.Tr>
  )
}

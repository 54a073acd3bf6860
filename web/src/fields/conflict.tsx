import { Alert, Button, Code, Stack, Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { HistoryEntry } from '../api/client'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'
import { moment } from '../time'
import { changesOf, isSame, type Values } from './compare'
import { fieldLabel, valueText } from './labels'
import { isLostRace, type Merge } from './merge'

interface SaveProblemsProps<Edited extends Values> {
  merge: Merge<Edited>
  /** The result of the last save. */
  error: Error | null
  mine: Values
  /** The change of the other person, where history has it. */
  entry: HistoryEntry | undefined
  /** Puts the other person's value of a field into the edit. */
  take: (field: string, theirs: Edited | undefined) => void
}

/** Shows why an edit is not saved: another person's change of the same thing, or the server's refusal. */
export function SaveProblems<Edited extends Values>({ error, ...props }: SaveProblemsProps<Edited>) {
  return (
    <>
      {props.merge.isOld && <Conflict {...props} />}
      <ProblemAlert error={isLostRace(error) ? null : error} />
    </>
  )
}

/** Shows another person's change of the same thing, field by field, with buttons that take values over. */
function Conflict<Edited extends Values>({
  merge: { base, theirs, see, merged },
  mine: edited,
  entry,
  take,
}: Omit<SaveProblemsProps<Edited>, 'error'>) {
  const mine = merged(edited)
  const fields = theirs ? Object.keys(changesOf(base, theirs)) : []

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
                        see(theirs)
                        take(field, theirs)
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

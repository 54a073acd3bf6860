import { Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import cards from '../shell/card-table.module.css'
import { moment } from '../time'
import classes from './entry-table.module.css'

interface EntryTableProps<Entry> {
  entries: readonly Entry[]
  who: (entry: Entry) => string
  /** The facts of an entry. */
  children: (entry: Entry) => ReactNode
}

/** Lists the entries of a history in their order: time, person, action. */
export function EntryTable<Entry extends { id: string | number; at: string }>({
  entries,
  who,
  children,
}: EntryTableProps<Entry>) {
  return (
    <Table className={`${cards.table} ${classes.table}`} verticalSpacing="xs" layout="fixed">
      <Table.Tbody>
        {entries.map((entry) => (
          <Table.Tr key={entry.id}>
            <Table.Td className={classes.when}>
              <Text size="sm">{moment(entry.at)}</Text>
              <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {who(entry)}
              </Text>
            </Table.Td>
            <Table.Td>{children(entry)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

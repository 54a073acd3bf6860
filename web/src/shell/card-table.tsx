import { Table } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './card-table.module.css'

interface CardTableProps {
  columns: readonly string[]
  rows: readonly { key: string; cells: readonly ReactNode[] }[]
  /** Pixels below which the table scrolls where rows are not cards. */
  minWidth: number
}

/** A table whose rows are cards on a small screen. */
export function CardTable({ columns, rows, minWidth }: CardTableProps) {
  return (
    <div style={{ overflowX: 'auto' }}>
      <Table className={classes.table} __vars={{ '--table-min-width': `${minWidth}px` }} verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, cells }) => (
            <Table.Tr key={key}>
              {columns.map((column, at) => (
                <Table.Td key={column} data-label={column}>
                  {cells[at]}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

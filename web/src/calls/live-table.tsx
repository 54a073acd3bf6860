import { Anchor, Badge, Table, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import { memo, useEffect, useRef, useState } from 'react'
import type { Call } from '../api/client'
import cards from '../shell/card-table.module.css'
import { useNow } from '../shell/now'
import { useSmallScreen } from '../shell/small-screen'
import { texts } from '../texts'
import { elapsed, soon } from '../time'
import { CallButtons, type CallAction } from './call-actions'
import classes from './live-table.module.css'
import { CallPlace, RecoveredMark, TransferBadge } from './table'

/** The height that a row is given before it is measured, in pixels; as a card, on a small screen. */
const rowHeight = 59
const cardHeight = 270
const columns = [
  texts.calls.started,
  texts.calls.caller,
  texts.calls.called,
  texts.live.with,
  texts.calls.environment,
  texts.calls.state,
  texts.calls.transfers,
]

interface LiveTableProps {
  calls: readonly Call[]
  openDialog: (action: CallAction) => void
}

/** Live calls, of which only the rows in sight are in the document. The row that has the focus stays in it, wherever it is. */
export function LiveTable({ calls, openDialog }: LiveTableProps) {
  const isSmall = useSmallScreen()
  const scrolled = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState<string>()
  const focusedAt = focused === undefined ? -1 : calls.findIndex(({ id }) => id === focused)
  const rows = useVirtualizer({
    count: calls.length,
    getScrollElement: () => scrolled.current,
    estimateSize: () => (isSmall ? cardHeight : rowHeight),
    getItemKey: (at) => calls[at]?.id ?? at,
    overscan: 6,
    rangeExtractor: (range) => withRow(range, focusedAt),
  })
  useEffect(() => {
    if (focused === undefined || focusedAt >= 0) return
    // The call that had the focus has ended: the keyboard goes on from the list, not from the top of the page.
    if (document.activeElement === document.body) scrolled.current?.focus()
    setFocused(undefined)
  }, [focused, focusedAt])
  const shown = rows.getVirtualItems()

  return (
    <div
      ref={scrolled}
      className={classes.scrolled}
      role="region"
      aria-label={texts.navigation.live}
      tabIndex={0}
      onKeyDown={(event) => {
        // The browser would end at the height that rows were thought to have before they were measured.
        if (event.target !== event.currentTarget || (event.key !== 'End' && event.key !== 'Home')) return
        event.preventDefault()
        rows.scrollToIndex(event.key === 'End' ? calls.length - 1 : 0)
      }}
    >
      <Table
        className={cards.table}
        __vars={{ '--table-min-width': '980px' }}
        verticalSpacing="xs"
        stickyHeader
        aria-rowcount={calls.length + 1}
      >
        <Table.Thead>
          <Table.Tr aria-rowindex={1}>
            {columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
            <Table.Th>{texts.live.actions}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.flatMap(({ key, index, start }, nth) => {
            const call = calls[index]
            const before = start - (shown[nth - 1]?.end ?? 0)

            if (!call) return []

            return [
              before > 0 && <Gap key={`before ${key}`} height={before} />,
              <Table.Tr
                key={key}
                ref={rows.measureElement}
                data-index={index}
                aria-rowindex={index + 2}
                onFocus={() => {
                  setFocused(call.id)
                }}
              >
                <CallCells call={call} openDialog={openDialog} />
              </Table.Tr>,
            ]
          })}
          <Gap height={rows.getTotalSize() - (shown.at(-1)?.end ?? 0)} />
        </Table.Tbody>
      </Table>
    </div>
  )
}

/** The place of rows that are not in the document. */
function Gap({ height }: { height: number }) {
  return height > 0 ? (
    <tr aria-hidden>
      <td colSpan={columns.length + 1} style={{ height, padding: 0 }} />
    </tr>
  ) : null
}

function withRow(range: Range, row: number): number[] {
  const rows = defaultRangeExtractor(range)

  return row < 0 || row >= range.count || rows.includes(row) ? rows : [...rows, row].sort((a, b) => a - b)
}

interface CallCellsProps {
  call: Call
  openDialog: LiveTableProps['openDialog']
}

/** The content of a row. Rows are numbered anew as calls come and go, which draws nothing of a row again. */
const CallCells = memo(function LiveCallCells({ call, openDialog }: CallCellsProps) {
  const { id, project, state, caller, called, agent, destination, startedAt, transfers } = call
  const person = state === 'bridged' ? destination : undefined

  return (
    <>
      <Table.Td data-label={texts.calls.started}>
        <Anchor component={Link} to={`/p/${project}/calls/${id}`} size="sm">
          {soon(startedAt)}
        </Anchor>
        <Elapsed since={startedAt} />
        <RecoveredMark call={call} />
      </Table.Td>
      <Table.Td data-label={texts.calls.caller}>{caller.number || caller.uri}</Table.Td>
      <Table.Td data-label={texts.calls.called}>{called}</Table.Td>
      <Table.Td data-label={texts.live.with} className={classes.party}>
        {person && texts.live.withHandoff(person.handoff)}
        {(person ?? agent).uri}
      </Table.Td>
      <Table.Td data-label={texts.calls.environment}>
        <CallPlace call={call} />
      </Table.Td>
      <Table.Td data-label={texts.calls.state}>{state !== 'ended' && <Badge>{texts.state[state]}</Badge>}</Table.Td>
      <Table.Td data-label={texts.calls.transfers}>
        {transfers.map((transfer) => (
          <TransferBadge key={transfer.id} transfer={transfer} />
        ))}
      </Table.Td>
      <Table.Td data-label={texts.live.actions}>
        <CallButtons call={call} openDialog={openDialog} />
      </Table.Td>
    </>
  )
})

function Elapsed({ since }: { since: string }) {
  return (
    <Text size="xs" c="dimmed">
      {elapsed(since, useNow())}
    </Text>
  )
}
